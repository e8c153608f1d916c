//! What a repository says of itself before a push, as `git receive-pack` says it: of git's own answer only the abilities are
//! taken, which are the same for all repositories of the same settings.
//!
//! <https://git-scm.com/docs/pack-protocol>, "Reference Discovery"

use git2::{Oid, Repository};

use super::ls_refs::packet;
use crate::emulator::git::{HIDDEN_FROM_PUSHES, reference_tips};

/// The abilities in an answer of git; `None` if there are none.
pub(super) fn abilities_in(answer: &[u8]) -> Option<String> {
    let behind = answer.split(|byte| *byte == 0).nth(1)?;
    let line = behind.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok().map(str::to_owned)
}

/// The answer: every reference that is shown to who pushes, by name. The first line, which is there always, tells the abilities.
pub(super) fn answer(git: &Repository, abilities: &str) -> Result<Vec<u8>, git2::Error> {
    let mut answer = format!("{}0000", packet("# service=git-receive-pack".to_owned()));
    let hidden = |name: &str| {
        name.strip_prefix(HIDDEN_FROM_PUSHES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let shown = reference_tips(git)?.into_iter().filter(|(name, _)| !hidden(name));
    let mut lines: Vec<String> = shown.map(|(name, tip)| format!("{} {name}", tip.target)).collect();
    if lines.is_empty() {
        lines.push(format!("{} capabilities^{{}}", Oid::ZERO_SHA1));
    }
    lines[0].push_str(&format!("\0{abilities}"));
    answer.extend(lines.into_iter().map(packet));
    answer.push_str("0000");
    Ok(answer.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn git(at: &Path, arguments: &[&str]) -> Vec<u8> {
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let hidden = format!("receive.hideRefs={HIDDEN_FROM_PUSHES}");
        let mut git = Command::new("git");
        git.arg("-C").arg(at).args(who).args(["-c", &hidden]).args(arguments);
        let output = git.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    #[test]
    fn lists_before_a_push_are_those_of_git_to_the_byte() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        git(at, &["init", "--quiet", "--bare", "--initial-branch=main"]);
        let compare = || {
            let theirs = git(at, &["receive-pack", "--http-backend-info-refs", "."]);
            let theirs = [b"001f# service=git-receive-pack\n0000", theirs.as_slice()].concat();
            let abilities = abilities_in(&theirs).unwrap();
            let ours = answer(&Repository::open_bare(at).unwrap(), &abilities).unwrap();
            assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
        };
        compare();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        let tree = text(git(at, &["hash-object", "-w", "-t", "tree", "/dev/null"]));
        let commit = text(git(at, &["commit-tree", "-m", "one", &tree]));
        git(at, &["update-ref", "refs/pull/1/head", &commit]);
        compare();
        for name in ["refs/heads/main", "refs/heads/a-b", "refs/heads/a/b", "refs/notes/x"] {
            git(at, &["update-ref", name, &commit]);
        }
        git(at, &["tag", "-a", "-m", "two", "v2", &commit]);
        git(at, &["symbolic-ref", "refs/heads/other", "refs/heads/main"]);
        compare();
        git(at, &["pack-refs", "--all"]);
        compare();
    }
}
