//! A patch series as `git format-patch` writes it, made into commits without a work tree.
//!
//! `git mailsplit` and `git mailinfo` take the mails apart (encodings of headers and bodies are their trade);
//! libgit2 applies the patches, which must fit exactly.

use std::path::Path;
use std::process::{Command, Stdio};

use git2::Diff;

use super::signature::Signature;
use super::store::{Store, tree_id, tree_oid};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

/// One mail, taken apart.
struct PatchMail {
    author: Signature,
    message: String,
    patch: Vec<u8>,
}

impl PatchMail {
    fn subject(&self) -> String {
        self.message.lines().next().unwrap_or("without a subject").to_owned()
    }
}

impl Store {
    /// Makes a commit of each patch in a mailbox, on top of `base`, with the mails' authors, dates and messages.
    /// Writes.
    ///
    /// # Errors
    /// [`GitError::Patch`] for a mail without a patch or a patch that does not fit; [`GitError::Program`] if `git`
    /// cannot be run.
    pub fn import_patches(
        &self,
        base: &CommitId,
        mailbox: &Path,
        committer: &Signature,
    ) -> Result<Vec<CommitId>, GitError> {
        let mails = read_mailbox(mailbox)?;
        if mails.is_empty() {
            let patch = mailbox.display().to_string();
            return Err(GitError::Patch { patch, reason: "holds no mail".to_owned() });
        }
        let mut head = base.clone();
        let mut made = Vec::new();
        for mail in mails {
            let tree = self.apply(&self.tree_of(&head)?, &mail)?;
            head = self.commit(&tree, &[head], &mail.message, &mail.author, committer)?;
            made.push(head.clone());
        }
        Ok(made)
    }

    fn apply(&self, tree: &TreeId, mail: &PatchMail) -> Result<TreeId, GitError> {
        let refused = |reason: String| GitError::Patch { patch: mail.subject(), reason };
        let diff =
            Diff::from_buffer(&mail.patch).map_err(|error| refused(format!("cannot be read: {error}")))?;
        let old = self.raw().find_tree(tree_oid(tree)?).doing(|| format!("read tree {tree}"))?;
        let applied = self.raw().apply_to_tree(&old, &diff, None);
        let mut index =
            applied.map_err(|error| refused(format!("does not fit on {}: {error}", tree.short())))?;
        let written = index.write_tree_to(self.raw()).doing(|| "write the patched tree".to_owned())?;
        tree_id(written)
    }
}

fn read_mailbox(mailbox: &Path) -> Result<Vec<PatchMail>, GitError> {
    let file = |source| GitError::File { path: mailbox.to_owned(), source };
    // Resolved before the program is run elsewhere, and so that it cannot look like an option.
    let mailbox = mailbox.canonicalize().map_err(file)?;
    let room = tempfile::tempdir().map_err(file)?;
    let split = ["mailsplit", "-b", "--keep-cr", "-o."].map(str::to_owned);
    git(room.path(), split.into_iter().chain([mailbox.display().to_string()]), Stdio::null())?;
    let mut names: Vec<_> =
        std::fs::read_dir(room.path()).map_err(file)?.flatten().map(|entry| entry.path()).collect();
    names.sort();
    names.iter().map(|name| read_mail(room.path(), name)).collect()
}

fn read_mail(room: &Path, mail: &Path) -> Result<PatchMail, GitError> {
    let file = |source| GitError::File { path: mail.to_owned(), source };
    let input = std::fs::File::open(mail).map_err(file)?;
    let arguments = ["mailinfo", "-b", "--no-scissors", "--encoding=UTF-8", "message", "patch"];
    let headers = git(room, arguments.map(str::to_owned), Stdio::from(input))?;
    let field = |name: &str| {
        let mut lines = headers.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default().to_owned()
    };
    let body = std::fs::read_to_string(room.join("message")).map_err(file)?;
    let message = format!("{}\n\n{}", field("Subject"), body.trim());
    let subject = field("Subject");
    let refused = |reason: &str| GitError::Patch { patch: subject.clone(), reason: reason.to_owned() };
    let date =
        jiff::fmt::rfc2822::parse(&field("Date")).map_err(|_| refused("has no date that can be read"))?;
    Ok(PatchMail {
        author: Signature {
            name: field("Author"),
            email: field("Email"),
            time: date.timestamp(),
            offset_minutes: date.offset().seconds() / 60,
        },
        message: format!("{}\n", message.trim_end()),
        patch: std::fs::read(room.join("patch")).map_err(file)?,
    })
}

/// Runs one of git's mail tools in a directory that is no repository, in a language and with settings that are not
/// the user's.
fn git(room: &Path, arguments: impl IntoIterator<Item = String>, input: Stdio) -> Result<String, GitError> {
    let arguments: Vec<String> = arguments.into_iter().collect();
    let command = arguments.first().cloned().unwrap_or_default();
    let failed = |message: String| GitError::Program { command: command.clone(), message };
    let output = Command::new("git")
        .args(&arguments)
        .current_dir(room)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", room)
        .stdin(input)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
