//! A patch series as `git format-patch` writes it, made into commits without a work tree.
//!
//! `git mailsplit`, `git mailinfo` and `git apply` do what they do for `git am`: the mails are taken apart, with whatever
//! encodings they have, and a patch may have moved by some lines.

use std::path::Path;
use std::process::Stdio;

use git2::Diff;

use super::committer::Committer;
use super::patch_lines::{Ending, with_endings_of};
use super::signature::Signature;
use super::store::{Store, tree_id, tree_oid};
use crate::git::error::GitError;
use crate::ids::{CommitId, TreeId};
use crate::private_folder::private_folder;
use crate::programs::local_git;

/// One mail, taken apart.
struct PatchMail {
    author: Signature,
    message: String,
    patch: Vec<u8>,
}

/// What is said of a file that git splits into no mail.
const NO_MAIL: &str = "is no mail as `git format-patch` writes them";

impl PatchMail {
    /// Whether it changes anything: lines, bytes, a name or a mode.
    fn has_patch(&self) -> bool {
        let text = String::from_utf8_lossy(&self.patch);
        text.lines().any(|line| {
            line.starts_with("diff --git ") || line.starts_with("@@ ") || line.starts_with("--- ")
        })
    }

    fn subject(&self) -> String {
        self.message.lines().next().unwrap_or("without a subject").to_owned()
    }
}

/// Looks whether this is a mailbox of patches, as `git am` takes it; nothing is applied.
///
/// # Errors
/// [`GitError::Patch`] for what is no mail and for a mail without a patch; [`GitError::NoGit`] without the program.
pub fn check_mailbox(text: &[u8]) -> Result<(), GitError> {
    let mails = mails_of(text)?;
    let refused = |reason: String| Err(GitError::Patch { patch: String::new(), reason });
    match mails.iter().find(|mail| !mail.has_patch()) {
        _ if mails.is_empty() => refused(NO_MAIL.to_owned()),
        Some(mail) => refused(format!("holds a mail without a patch: `{}`", mail.subject())),
        None => Ok(()),
    }
}

/// The authors and messages of the commits that a mailbox of patches makes.
///
/// # Errors
/// As [`check_mailbox`] for what is no mail.
pub fn mailbox_commits(text: &[u8]) -> Result<Vec<(Signature, String)>, GitError> {
    Ok(mails_of(text)?.into_iter().map(|mail| (mail.author, mail.message)).collect())
}

fn mails_of(text: &[u8]) -> Result<Vec<PatchMail>, GitError> {
    let room =
        private_folder("lockgate-").map_err(|source| GitError::File { path: "patch".into(), source })?;
    let file = room.path().join("mailbox");
    std::fs::write(&file, text).map_err(|source| GitError::File { path: file.clone(), source })?;
    read_mailbox(&file)
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
        committer: &Committer,
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
            head = self.commit_as(&tree, &[head], &mail.message, &mail.author, committer)?;
            made.push(head.clone());
        }
        Ok(made)
    }

    /// The patch as it came; if that does not fit, with the line endings of the files; if git wants context that there
    /// is not, exactly where it says.
    fn apply(&self, tree: &TreeId, mail: &PatchMail) -> Result<TreeId, GitError> {
        let refused = match self.apply_by_git(tree, &mail.patch) {
            Err(GitError::Program { message, .. }) => message,
            applied => return applied,
        };
        let files = self.find_tree(tree)?;
        let ending_of = |path: &str| {
            let entry = files.get_path(Path::new(path)).ok()?;
            Ending::of(self.raw().find_blob(entry.id()).ok()?.content())
        };
        let adapted = with_endings_of(&mail.patch, ending_of);
        let second = if adapted == mail.patch { None } else { self.apply_by_git(tree, &adapted).ok() };
        second.or_else(|| self.apply_exactly(tree, &mail.patch)).ok_or_else(|| {
            let reason = format!("does not fit on {}: {}", tree.short(), told(&refused));
            GitError::Patch { patch: mail.subject(), reason }
        })
    }

    /// As `git am` applies it, in an index of its own.
    fn apply_by_git(&self, tree: &TreeId, patch: &[u8]) -> Result<TreeId, GitError> {
        let failed = |source| GitError::File { path: self.path().to_owned(), source };
        let room = private_folder("lockgate-").map_err(failed)?;
        let file = room.path().join("patch");
        std::fs::write(&file, patch).map_err(failed)?;
        let git_dir = self.git_dir().canonicalize().map_err(failed)?;
        let run = |arguments: &[&str]| {
            let trusted = format!("safe.directory={}", git_dir.display());
            let place = format!("--git-dir={}", git_dir.display());
            let ours = ["-c", &trusted, &place];
            let arguments = ours.iter().chain(arguments).map(|&word| word.to_owned());
            git(room.path(), arguments, Stdio::null())
        };
        run(&["read-tree", tree.as_str()])?;
        let level = if has_no_prefixes(patch) { "-p0" } else { "-p1" };
        run(&["apply", "--cached", "--whitespace=nowarn", level, &file.display().to_string()])?;
        Ok(run(&["write-tree"])?.trim().parse()?)
    }

    fn apply_exactly(&self, tree: &TreeId, patch: &[u8]) -> Option<TreeId> {
        let diff = Diff::from_buffer(patch).ok()?;
        let old = self.raw().find_tree(tree_oid(tree).ok()?).ok()?;
        let mut index = self.raw().apply_to_tree(&old, &diff, None).ok()?;
        tree_id(index.write_tree_to(self.raw()).ok()?).ok()
    }
}

/// Whether the patch was made with `diff.noprefix`: both sides have the same name.
fn has_no_prefixes(patch: &[u8]) -> bool {
    let text = String::from_utf8_lossy(patch);
    let mut names = text.lines().filter_map(|line| line.strip_prefix("diff --git "));
    let same = |names: &str| {
        names.len() % 2 == 1 && {
            let (one, other) = names.split_at(names.len() / 2);
            one == other.trim_start()
        }
    };
    names.next().is_some_and(same) && names.all(same)
}

/// What git says of a patch, without its own words around it.
fn told(said: &str) -> String {
    let lines = said.lines().filter_map(|line| line.strip_prefix("error: "));
    let told: Vec<&str> = lines.filter(|line| !line.ends_with(": patch does not apply")).collect();
    if told.is_empty() { said.to_owned() } else { told.join("; ") }
}

fn read_mailbox(mailbox: &Path) -> Result<Vec<PatchMail>, GitError> {
    let file = |source| GitError::File { path: mailbox.to_owned(), source };
    // Resolved before the program is run elsewhere, and so that it cannot look like an option.
    let mailbox = mailbox.canonicalize().map_err(file)?;
    let room = private_folder("lockgate-").map_err(file)?;
    // Where the headers end with carriage returns, the way of the mail put them on every line.
    let start = std::fs::read(&mailbox).map_err(file)?;
    let all = Ending::of(start.get(..header_end(&start)).unwrap_or_default()) == Some(Ending::CrLf);
    let mut split = ["mailsplit", "-b", "-o."].map(str::to_owned).to_vec();
    if !all {
        split.push("--keep-cr".to_owned());
    }
    split.push(mailbox.display().to_string());
    git(room.path(), split, Stdio::null())?;
    let mut names: Vec<_> =
        std::fs::read_dir(room.path()).map_err(file)?.flatten().map(|entry| entry.path()).collect();
    names.sort();
    names.iter().map(|name| read_mail(room.path(), name)).collect()
}

/// Where the first mail's headers end.
fn header_end(mail: &[u8]) -> usize {
    let mut end = 0;
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    end
}

fn read_mail(room: &Path, mail: &Path) -> Result<PatchMail, GitError> {
    let file = |source| GitError::File { path: mail.to_owned(), source };
    let input = std::fs::File::open(mail).map_err(file)?;
    let arguments = ["mailinfo", "--no-scissors", "--encoding=UTF-8", "message", "patch"];
    let headers = git(room, arguments.map(str::to_owned), Stdio::from(input))?;
    let field = |name: &str| {
        let mut lines = headers.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default().to_owned()
    };
    let body = as_text(std::fs::read(room.join("message")).map_err(file)?);
    let message = format!("{}\n\n{}", field("Subject"), body.trim());
    let subject = field("Subject");
    let refused = |reason: &str| GitError::Patch { patch: subject.clone(), reason: reason.to_owned() };
    if subject.is_empty() && field("Date").is_empty() {
        return Err(refused(NO_MAIL));
    }
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

/// Runs one of git's tools in a directory that is no repository, with the index `index` there, in a language and with
/// settings that are not the user's.
fn git(room: &Path, arguments: impl IntoIterator<Item = String>, input: Stdio) -> Result<String, GitError> {
    let arguments: Vec<String> = arguments.into_iter().collect();
    let is_command = |word: &&String| !word.starts_with('-') && !word.contains('=');
    let command = arguments.iter().find(is_command).cloned().unwrap_or_default();
    let failed = |message: String| GitError::Program { command: command.clone(), message };
    let output = local_git()
        .args(&arguments)
        .current_dir(room)
        .env("GIT_INDEX_FILE", room.join("index"))
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", room)
        .stdin(input)
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => GitError::NoGit,
            _ => failed(error.to_string()),
        })?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(as_text(output.stdout))
}

/// What git has left as it came is no UTF-8 where it cannot convert: then each byte is a character of Latin-1, as `git commit`
/// reads it (commit.c, "verify_utf8").
fn as_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}
