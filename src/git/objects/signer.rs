//! Signing as git signs: OpenPGP, X.509 or SSH, with the programs and keys that git's configuration names.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::signature::Signature;
use crate::git::error::GitError;
use crate::private_folder::{private_folder, private_folder_in};
use crate::programs::local_git;

/// What signs commits and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// Git's own configuration: `gpg.format`, `user.signingKey`, and the programs that it names.
    Configured,
    /// An SSH key that is good for a rehearsal alone. It is made in this folder when it is first needed.
    ThrowAway(PathBuf),
}

/// What a signature by an SSH key is for where git signs.
const OF_GIT: &str = "git";
/// Tokens that no program needs to sign.
const SECRETS: [&str; 4] = ["GH_TOKEN", "GITHUB_TOKEN", "LOCKGATE_APP_KEY", "LOCKGATE_SMTP_PASSWORD"];

impl Signer {
    /// An armoured signature of the content.
    ///
    /// # Errors
    /// [`GitError::Signing`] if there is no key, or the program that signs fails.
    pub fn sign(&self, content: &[u8], signature: &Signature) -> Result<String, GitError> {
        match self {
            Signer::ThrowAway(folder) => ssh("ssh-keygen", &throw_away(folder)?, false, OF_GIT, content),
            Signer::Configured => {
                let format = setting("gpg.format").unwrap_or_else(|| "openpgp".to_owned());
                match format.as_str() {
                    "openpgp" => open_pgp(&program("openpgp", "gpg"), content, signature),
                    "x509" => open_pgp(&program("x509", "gpgsm"), content, signature),
                    "ssh" => configured_ssh(OF_GIT, content),
                    other => {
                        Err(failed(format!("`gpg.format` is `{other}`, which git does not know either")))
                    }
                }
            }
        }
    }
}

/// The key in the folder, made if it is not there. Several threads may want it at once, and all get the same one.
fn throw_away(folder: &Path) -> Result<PathBuf, GitError> {
    let key = folder.join("signing-key");
    if !key.is_file() {
        let broken = |error: std::io::Error| failed(error.to_string());
        let room = private_folder_in(folder, "lockgate-").map_err(broken)?;
        let made = room.path().join("key");
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f"]).arg(&made);
        run(command, &[])?;
        match fs::hard_link(&made, &key) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(broken(error)),
            _ => {}
        }
    }
    Ok(key)
}

fn failed(reason: String) -> GitError {
    GitError::Signing { reason }
}

/// `gpg` and `gpgsm` are asked as git asks them; without a key they are given the committer's name and address.
fn open_pgp(program: &str, content: &[u8], signature: &Signature) -> Result<String, GitError> {
    let key =
        setting("user.signingKey").unwrap_or_else(|| format!("{} <{}>", signature.name, signature.email));
    let mut command = Command::new(program);
    command.args(["--status-fd=2", "-bsau"]).arg(key);
    let output = run(command, content)?;
    let made =
        String::from_utf8_lossy(&output.stderr).lines().any(|line| line.starts_with("[GNUPG:] SIG_CREATED "));
    match String::from_utf8(output.stdout) {
        Ok(text) if made => Ok(text.replace("\r\n", "\n")),
        _ => Err(failed(format!("`{program}` made no signature"))),
    }
}

/// Whether git signs by SSH keys here.
pub(super) fn signs_by_ssh() -> bool {
    setting("gpg.format").as_deref() == Some("ssh")
}

/// Signs with the key that git is told to sign with, for this purpose.
pub(super) fn configured_ssh(namespace: &str, content: &[u8]) -> Result<String, GitError> {
    let program = program("ssh", "ssh-keygen");
    let key = ssh_key()?;
    let Some(literal) = literal(&key) else {
        let path = path_setting("user.signingKey").unwrap_or_else(|| PathBuf::from(&key));
        return ssh(&program, &path, false, namespace, content);
    };
    // A key in the configuration is a public one: its private half is in an agent.
    let folder = private_folder("lockgate-").map_err(|error| failed(error.to_string()))?;
    let path = folder.path().join("key");
    fs::write(&path, format!("{literal}\n")).map_err(|error| failed(error.to_string()))?;
    ssh(&program, &path, true, namespace, content)
}

/// The key that is configured, or the first that the configured command prints.
fn ssh_key() -> Result<String, GitError> {
    if let Some(key) = setting("user.signingKey") {
        return Ok(key);
    }
    let missing = || failed("neither `user.signingKey` nor `gpg.ssh.defaultKeyCommand` is set".to_owned());
    let line = setting("gpg.ssh.defaultKeyCommand").ok_or_else(missing)?;
    let mut command = Command::new("sh");
    command.args(["-c", &line]);
    let printed = String::from_utf8_lossy(&run(command, &[])?.stdout).into_owned();
    let key = printed.lines().next().filter(|key| literal(key).is_some());
    key.map(str::to_owned).ok_or_else(|| failed(format!("`{line}` printed no key")))
}

/// The key itself, where the setting is one and not the name of a file.
fn literal(key: &str) -> Option<&str> {
    key.strip_prefix("key::").or_else(|| key.starts_with("ssh-").then_some(key))
}

/// Signs with a key, or with the one of the agent whose public half this is, for this purpose.
pub(super) fn ssh(
    program: &str,
    key: &Path,
    from_agent: bool,
    namespace: &str,
    content: &[u8],
) -> Result<String, GitError> {
    let broken = |error: std::io::Error| failed(error.to_string());
    let folder = private_folder("lockgate-").map_err(broken)?;
    let file = folder.path().join("content");
    fs::write(&file, content).map_err(broken)?;
    let mut command = Command::new(program);
    command.args(["-Y", "sign", "-n", namespace, "-f"]).arg(key);
    if from_agent {
        command.arg("-U");
    }
    command.arg(&file);
    run(command, &[])?;
    Ok(fs::read_to_string(folder.path().join("content.sig")).map_err(broken)?.replace("\r\n", "\n"))
}

/// Runs what signs. It may ask for a passphrase in ways of its own, which need no input of ours.
fn run(mut command: Command, input: &[u8]) -> Result<Output, GitError> {
    for name in SECRETS {
        command.env_remove(name);
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let broken = |error: std::io::Error| failed(format!("`{name}`: {error}"));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    if let Some(mut stdin) = child.stdin.take() {
        // What does not read its input says why, and ends.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().map_err(broken)?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with("[GNUPG:]"));
    Err(failed(format!("`{name}` failed: {}", last.unwrap_or("it does not say why").trim())))
}

fn program(format: &str, otherwise: &str) -> String {
    let own = setting(&format!("gpg.{format}.program"));
    let older = || if format == "openpgp" { setting("gpg.program") } else { None };
    own.or_else(older).unwrap_or_else(|| otherwise.to_owned())
}

fn setting(key: &str) -> Option<String> {
    read_setting(&["config", "--get", key])
}

fn path_setting(key: &str) -> Option<PathBuf> {
    read_setting(&["config", "--type=path", "--get", key]).map(PathBuf::from)
}

fn read_setting(arguments: &[&str]) -> Option<String> {
    let output = local_git().args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let value = text.trim_end_matches('\n');
    (output.status.success() && !value.is_empty()).then(|| value.to_owned())
}
