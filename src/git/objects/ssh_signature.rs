//! Signatures of texts by SSH keys, as `ssh-keygen -Y` makes and checks them (PROTOCOL.sshsig of OpenSSH).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::signer;
use crate::git::error::GitError;
use crate::private_folder::private_folder;

/// The usual names of keys, as `ssh` tries them.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// Signs a text for a purpose (the namespace: a signature for one purpose is worth nothing for another), with this key, or the
/// one that git signs with, or the usual one of `ssh`.
///
/// # Errors
/// [`GitError::Signing`] if there is no key, or `ssh-keygen` fails.
pub fn sign_text(content: &[u8], namespace: &str, key: Option<&Path>) -> Result<String, GitError> {
    match key {
        Some(key) => signer::ssh("ssh-keygen", key, false, namespace, content),
        None if signer::signs_by_ssh() => signer::configured_ssh(namespace, content),
        None => signer::ssh("ssh-keygen", &usual_key()?, false, namespace, content),
    }
}

fn usual_key() -> Result<PathBuf, GitError> {
    let folder = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".ssh"));
    let keys = folder.iter().flat_map(|folder| USUAL_KEYS.map(|name| folder.join(name)));
    keys.into_iter().find(|key| key.is_file()).ok_or_else(|| GitError::Signing {
        reason: "there is no SSH key in `~/.ssh`, and git is not told to sign with one".to_owned(),
    })
}

/// The fingerprint of that key among these which made the signature; `None` if none of them did, or the text is another.
///
/// # Errors
/// [`GitError::Signing`] if `ssh-keygen` cannot be run.
pub fn signing_key_of(
    content: &[u8],
    namespace: &str,
    signature: &str,
    keys: &[String],
) -> Result<Option<String>, GitError> {
    let broken = |error: std::io::Error| GitError::Signing { reason: format!("`ssh-keygen`: {error}") };
    let folder = private_folder("lockgate-").map_err(broken)?;
    let (allowed, signed) = (folder.path().join("allowed"), folder.path().join("signature"));
    let text = folder.path().join("text");
    fs::write(&allowed, allowed_signers(namespace, keys)).map_err(broken)?;
    fs::write(&signed, signature).map_err(broken)?;
    fs::write(&text, content).map_err(broken)?;
    let output = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-I", SIGNER, "-n", namespace, "-f"])
        .arg(&allowed)
        .arg("-s")
        .arg(&signed)
        .env("LC_ALL", "C")
        .stdin(Stdio::from(fs::File::open(&text).map_err(broken)?))
        .output()
        .map_err(broken)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let fingerprint = said.split_whitespace().find(|word| word.starts_with("SHA256:")).map(str::to_owned);
    Ok(fingerprint.filter(|_| output.status.success()))
}

/// Whose keys these are, for `ssh-keygen`: all of one person, whoever it is.
const SIGNER: &str = "signer";

/// A line for each key. What is no key is left out: a line break in one would be a line of its own.
fn allowed_signers(namespace: &str, keys: &[String]) -> String {
    let line = |key: &String| {
        let mut words = key.split_whitespace();
        let (kind, body) = (words.next()?, words.next()?);
        let is_kind = kind.chars().all(|c| c.is_ascii_alphanumeric() || "@.-".contains(c));
        let is_body = body.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
        (is_kind && is_body).then(|| format!("{SIGNER} namespaces=\"{namespace}\" {kind} {body}\n"))
    };
    keys.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of its own, and its public half.
    fn key(folder: &Path, name: &str) -> (PathBuf, String) {
        let path = folder.join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let public = fs::read_to_string(path.with_extension("pub")).unwrap();
        (path, public)
    }

    #[test]
    fn a_signature_is_good_for_its_text_its_purpose_and_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let ((mine, public), (_, other)) = (key(folder.path(), "mine"), key(folder.path(), "other"));
        let signature = sign_text(b"ready", "lockgate", Some(&mine)).unwrap();
        let by = |text: &[u8], namespace: &str, keys: &[&String]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).clone()).collect();
            signing_key_of(text, namespace, &signature, &keys).unwrap()
        };
        let found = by(b"ready", "lockgate", &[&other, &public]);
        assert!(found.is_some_and(|key| key.starts_with("SHA256:")));
        assert_eq!(by(b"ready", "lockgate", &[&other]), None);
        assert_eq!(by(b"ready", "lockgate", &[]), None);
        assert_eq!(by(b"release-day", "lockgate", &[&public]), None);
        assert_eq!(by(b"ready", "git", &[&public]), None);
        let no_signature = signing_key_of(b"ready", "lockgate", "nonsense", &[public]).unwrap();
        assert_eq!(no_signature, None);
    }

    #[test]
    fn what_is_no_key_makes_no_line() {
        let keys = ["ssh-ed25519 AAAA mine", "ssh-ed25519 AA\"AA", "* ssh-rsa", "ssh-rsa\nAAAA"];
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        assert_eq!(
            allowed_signers("lockgate", &keys),
            "signer namespaces=\"lockgate\" ssh-ed25519 AAAA\nsigner namespaces=\"lockgate\" ssh-rsa AAAA\n"
        );
    }
}
