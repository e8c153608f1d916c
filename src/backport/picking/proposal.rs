//! Proposals of `mergiraf`, a program that merges by syntax. It is no part of Lockgate: where people have it on PATH,
//! it is asked about conflicts in text.
//!
//! A proposal is never a resolution. Over the backports measured, half of its proposals were what people published.
//! So nothing here touches a pick: whoever shows the conflict says for which files there is a proposal, and a person
//! may begin from it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::outcome::Pick;
use crate::backport::merging::conflict::{Conflict, ConflictSide};
use crate::backport::merging::marked::has_marker;
use crate::git::Store;
use crate::private_folder::private_folder;

/// The program's name.
const PROGRAM: &str = "mergiraf";
/// How long one file may take. The program gives up by itself after ten seconds.
const LIMIT: Duration = Duration::from_secs(15);
/// How long until it is looked at again.
const GLANCE: Duration = Duration::from_millis(5);

/// `mergiraf`, where it was found.
#[derive(Debug, Clone)]
pub struct Proposer {
    program: PathBuf,
    limit: Duration,
}

/// The three versions of a file that does not merge.
#[derive(Debug, Clone, Copy)]
pub struct ConflictTexts<'a> {
    /// Before the fix; empty if both sides added the file.
    pub base: &'a [u8],
    /// On the branch.
    pub ours: &'a [u8],
    /// In the fix.
    pub theirs: &'a [u8],
}

impl Proposer {
    /// The program on PATH, if there is one.
    #[must_use]
    pub fn on_path() -> Option<Proposer> {
        which::which(PROGRAM).ok().map(|program| Proposer { program, limit: LIMIT })
    }

    /// What it proposes for one file. `None` where it proposes nothing: it fails, takes too long, leaves a conflict
    /// marker, or would leave the branch's text as it is.
    #[must_use]
    pub fn propose(&self, path: &str, versions: ConflictTexts<'_>) -> Option<Vec<u8>> {
        let room = private_folder("lockgate-proposal-").ok()?;
        let ConflictTexts { base, ours, theirs } = versions;
        for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
            std::fs::write(room.path().join(name), text).ok()?;
        }
        let status = self.run(path, &room)?;
        let text = std::fs::read(room.path().join("merged")).ok().filter(|_| status.success())?;
        let text = with_line_ends_of(ours, text);
        (!text.is_empty() && text != ours && !has_marker(&text)).then_some(text)
    }

    /// The conflicting files of a pick for which it has a proposal, in order. `store` must hold the versions.
    #[must_use]
    pub fn proposes_for(&self, store: &Store, pick: &Pick) -> Vec<String> {
        let mut paths: Vec<String> = pick
            .conflicts
            .iter()
            .filter(|conflict| self.proposes(store, conflict))
            .map(|conflict| conflict.path.clone())
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn proposes(&self, store: &Store, conflict: &Conflict) -> bool {
        if !conflict.kind.is_in_text() {
            return false;
        }
        let read = |version: &ConflictSide| store.read_side(version);
        let (Some(ours), Some(theirs)) =
            (conflict.ours.as_ref().and_then(read), conflict.theirs.as_ref().and_then(read))
        else {
            return false;
        };
        let base = match &conflict.base {
            Some(base) => read(base),
            None => Some(Vec::new()),
        };
        let propose = |base: Vec<u8>| {
            self.propose(&conflict.path, ConflictTexts { base: &base, ours: &ours, theirs: &theirs })
        };
        base.and_then(propose).is_some()
    }

    fn run(&self, path: &str, room: &TempDir) -> Option<ExitStatus> {
        let child = self.command(path, room.path()).spawn().ok()?;
        MergirafProcess(child).end_within(self.limit)
    }

    /// The program keeps copies of what it merges below its user's home, for its own `review`. So its home is the
    /// temporary room, which goes away: what is under embargo lies nowhere else.
    fn command(&self, path: &str, room: &Path) -> Command {
        // The path tells the language and is not opened; it must not look like an option.
        let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
        let mut command = Command::new(&self.program);
        command.args(["merge", "base", "ours", "theirs", "-p", &path, "-o", "merged"]).current_dir(room);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env_clear().env("HOME", room).env("TMPDIR", room).env("LC_ALL", "C");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }
}

/// A process with everything that it started.
struct MergirafProcess(Child);

impl MergirafProcess {
    /// How it ended; `None` if it did not in time.
    fn end_within(mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < limit {
            match self.0.try_wait() {
                Ok(None) => std::thread::sleep(GLANCE),
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
            }
        }
        None
    }
}

impl Drop for MergirafProcess {
    fn drop(&mut self) {
        if let Ok(group) = i32::try_from(self.0.id()) {
            // An error means that the group is gone already.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.0.wait();
    }
}

/// The program writes plain line ends into a file that it is told to write, whatever the versions had.
fn with_line_ends_of(ours: &[u8], text: Vec<u8>) -> Vec<u8> {
    let has = |text: &[u8], end: &[u8]| text.windows(end.len()).any(|part| part == end);
    if !has(ours, b"\r\n") || has(&text, b"\r\n") {
        return text;
    }
    text.split_inclusive(|&byte| byte == b'\n').fold(Vec::new(), |mut all, line| {
        match line.strip_suffix(b"\n") {
            Some(line) => all.extend([line, b"\r\n"].concat()),
            None => all.extend(line),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: ConflictTexts<'_> = ConflictTexts { base: b"a\n", ours: b"b\n", theirs: b"c\n" };

    /// A program of this text, and the folder that it is in. `$6` is the path, `$8` where the result goes.
    fn proposer(text: &str) -> (TempDir, Proposer) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("mergiraf");
        // Written by another process: a file that this one has open for writing might be inherited by a child of
        // another test, and cannot be started then.
        let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
        let status = Command::new("sh").arg("-c").arg(write).arg(&program).arg(text).status();
        assert!(status.unwrap().success());
        let proposer = Proposer { program, limit: Duration::from_secs(10) };
        (folder, proposer)
    }

    fn proposed(text: &str) -> Option<String> {
        let (_folder, proposer) = proposer(text);
        proposer.propose("src/a.rs", VERSIONS).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn program_gets_the_three_versions_and_the_path() {
        let text = "[ \"$1 $5 $6 $7\" = 'merge -p src/a.rs -o' ] && cat \"$2\" \"$3\" \"$4\" > \"$8\"";
        assert_eq!(proposed(text).as_deref(), Some("a\nb\nc\n"));
    }

    #[test]
    fn what_is_no_proposal_is_none() {
        assert_eq!(proposed("echo merged > \"$8\""), Some("merged\n".to_owned()));
        assert_eq!(proposed("echo merged > \"$8\"; exit 1"), None, "a failure");
        assert_eq!(proposed("exit 0"), None, "nothing written");
        assert_eq!(proposed(": > \"$8\""), None, "nothing in it");
        assert_eq!(proposed("cat ours > \"$8\""), None, "the fix left out");
        let marked = "printf '<<<<<<< ours\\nb\\n=======\\nc\\n>>>>>>> theirs\\n' > \"$8\"";
        assert_eq!(proposed(marked), None, "a conflict left");
        let missing = Proposer { program: "/nowhere/mergiraf".into(), limit: LIMIT };
        assert_eq!(missing.propose("a.rs", VERSIONS), None);
    }

    #[test]
    fn program_that_takes_too_long_is_ended_with_what_it_started() {
        let (folder, mut proposer) = proposer("sleep 60 & echo $! > \"${0%/*}/child\"; wait");
        proposer.limit = Duration::from_millis(300);
        let start = Instant::now();
        assert_eq!(proposer.propose("a.rs", VERSIONS), None);
        assert!(start.elapsed() < Duration::from_secs(30));
        let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
        let gone = || {
            // Nobody may have taken it off the list yet.
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.trim()));
            status.map_or(true, |status| status.contains("State:\tZ"))
        };
        assert!((0..200).any(|_| gone() || {
            std::thread::sleep(GLANCE);
            false
        }));
    }

    #[test]
    fn nothing_is_left_behind_and_nothing_secret_is_seen() {
        let text =
            "pwd > \"${0%/*}/room\"; echo kept > \"$HOME/copy\"; [ \"$HOME\" = \"$(pwd)\" ]; env > \"$8\"";
        let (folder, proposer) = proposer(text);
        let seen = String::from_utf8(proposer.propose("a.rs", VERSIONS).unwrap()).unwrap();
        let names: Vec<&str> = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        assert!(!names.iter().any(|name| name.starts_with("CARGO")), "{names:?}");
        let room = std::fs::read_to_string(folder.path().join("room")).unwrap();
        assert!(room.contains("lockgate-proposal-") && !Path::new(room.trim()).exists(), "{room}");
    }

    #[test]
    fn line_ends_are_the_branchs() {
        let (_folder, proposer) = proposer("printf 'x\\ny\\nlast' > \"$8\"");
        let dos = ConflictTexts { base: b"a\r\n", ours: b"b\r\n", theirs: b"c\r\n" };
        assert_eq!(proposer.propose("a.rs", dos).unwrap(), b"x\r\ny\r\nlast");
        assert_eq!(proposer.propose("a.rs", VERSIONS).unwrap(), b"x\ny\nlast");
    }
}
