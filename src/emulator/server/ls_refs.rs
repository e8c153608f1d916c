//! The list of references in the second version of git's protocol, as `git upload-pack` gives it: a release asks for thousands, and
//! each would be a process.
//!
//! <https://git-scm.com/docs/protocol-v2#_ls_refs>

use std::fmt::Write as _;

use git2::{ObjectType, Repository};

use crate::emulator::git::reference_tips;

/// How a request begins that asks for the list.
const COMMAND: &str = "0014command=ls-refs\n";

/// What is asked of the list.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct ListRequest {
    /// How the names begin that are wanted; none means all.
    prefixes: Vec<String>,
    peel: bool,
    symrefs: bool,
    unborn: bool,
}

impl ListRequest {
    /// Reads a request; `None` if it asks for something else, or in a way that git is left to answer.
    pub(super) fn read(body: &[u8]) -> Option<ListRequest> {
        let mut rest = std::str::from_utf8(body).ok()?.strip_prefix(COMMAND)?;
        let mut request = ListRequest::default();
        let mut is_argument = false;
        loop {
            let length = usize::from_str_radix(rest.get(..4)?, 16).ok()?;
            match length {
                0 => return (rest.len() == 4).then_some(request),
                1 if !is_argument => is_argument = true,
                5.. if is_argument => request.take(rest.get(4..length)?.trim_end_matches('\n'))?,
                // What the client can do; the list does not hang on it.
                5.. => {}
                _ => return None,
            }
            rest = rest.get(length.max(4)..)?;
        }
    }

    fn take(&mut self, argument: &str) -> Option<()> {
        match argument {
            "peel" => self.peel = true,
            "symrefs" => self.symrefs = true,
            "unborn" => self.unborn = true,
            other => self.prefixes.push(other.strip_prefix("ref-prefix ")?.to_owned()),
        }
        Some(())
    }

    fn wants(&self, name: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
    }

    /// The answer: the head first, then the others by name.
    pub(super) fn answer(&self, git: &Repository) -> Result<Vec<u8>, git2::Error> {
        let mut answer = String::new();
        if self.wants("HEAD") {
            answer.extend(self.head(git)?.map(packet));
        }
        let odb = git.odb()?;
        for (name, tip) in reference_tips(git)? {
            if !self.wants(&name) {
                continue;
            }
            let mut line = format!("{} {name}", tip.target);
            // Writing to a string cannot fail.
            if let Some(name) = tip.stands_for.filter(|_| self.symrefs) {
                let _ = write!(line, " symref-target:{name}");
            }
            // What a partial clone lacks is listed, too.
            let is_tag = || odb.read_header(tip.target).is_ok_and(|(_, kind)| kind == ObjectType::Tag);
            if self.peel && is_tag() {
                let peeled = git.find_object(tip.target, None)?.peel(ObjectType::Any)?;
                let _ = write!(line, " peeled:{}", peeled.id());
            }
            answer.push_str(&packet(line));
        }
        answer.push_str("0000");
        Ok(answer.into_bytes())
    }

    fn head(&self, git: &Repository) -> Result<Option<String>, git2::Error> {
        let head = git.find_reference("HEAD")?;
        let leads_to = head.symbolic_target().ok().flatten().map(str::to_owned);
        let symref = leads_to.as_ref().filter(|_| self.symrefs || self.unborn);
        let symref = symref.map(|name| format!(" symref-target:{name}")).unwrap_or_default();
        Ok(match head.resolve().ok().and_then(|head| head.target()) {
            Some(target) if self.symrefs => Some(format!("{target} HEAD{symref}")),
            Some(target) => Some(format!("{target} HEAD")),
            None if self.unborn && leads_to.is_some() => Some(format!("unborn HEAD{symref}")),
            None => None,
        })
    }
}

/// A line as git sends it: with its length before it.
pub(super) fn packet(line: String) -> String {
    format!("{:04x}{line}\n", line.len() + 5)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    fn git(at: &Path, arguments: &[&str]) -> String {
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let output = Command::new("git").arg("-C").arg(at).args(who).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What git itself answers.
    fn by_git(at: &Path, request: &[u8]) -> Vec<u8> {
        let mut git = Command::new("git");
        git.arg("-C").arg(at).args(["upload-pack", "--stateless-rpc", "."]).env("GIT_PROTOCOL", "version=2");
        let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        git.stdin.take().unwrap().write_all(request).unwrap();
        git.wait_with_output().unwrap().stdout
    }

    fn request(arguments: &[&str]) -> Vec<u8> {
        let arguments: String = arguments.iter().map(|line| packet((*line).to_owned())).collect();
        let able = packet("agent=git/2.50.0".to_owned()) + &packet("object-format=sha1".to_owned());
        format!("{COMMAND}{able}0001{arguments}0000").into_bytes()
    }

    #[test]
    fn lists_are_those_of_git_to_the_byte() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        git(at, &["init", "--quiet", "--bare", "--initial-branch=main"]);
        let wanted: [&[&str]; 7] = [
            &[],
            &["peel"],
            &["peel", "symrefs"],
            &["peel", "symrefs", "unborn"],
            &["peel", "ref-prefix HEAD", "ref-prefix refs/heads/"],
            &["ref-prefix refs/tags/v", "ref-prefix refs/heads/main", "peel"],
            &["symrefs", "ref-prefix refs/tags/none"],
        ];
        let compare = || {
            for arguments in wanted {
                let request = request(arguments);
                let repository = Repository::open_bare(at).unwrap();
                let ours = ListRequest::read(&request).unwrap().answer(&repository).unwrap();
                let theirs = by_git(at, &request);
                let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                assert_eq!(shown(&ours), shown(&theirs), "{arguments:?}");
            }
        };
        compare();
        let tree = git(at, &["hash-object", "-w", "-t", "tree", "/dev/null"]);
        let commit = git(at, &["commit-tree", "-m", "one", &tree]);
        for name in ["main", "main2", "release/1.x", "a-b", "a/b"] {
            git(at, &["update-ref", &format!("refs/heads/{name}"), &commit]);
        }
        git(at, &["update-ref", "refs/pull/1/head", &commit]);
        git(at, &["tag", "v1", &commit]);
        git(at, &["tag", "-a", "-m", "two", "v2", &commit]);
        git(at, &["tag", "-a", "-m", "three", "v3", "v2"]);
        git(at, &["tag", "-a", "-m", "of a tree", "v4", &tree]);
        compare();
        git(at, &["pack-refs", "--all"]);
        git(at, &["update-ref", "refs/heads/later", &commit]);
        git(at, &["symbolic-ref", "refs/heads/other", "refs/heads/main"]);
        compare();
        git(at, &["symbolic-ref", "HEAD", "refs/heads/gone"]);
        compare();
    }

    #[test]
    fn what_is_not_understood_is_left_to_git() {
        assert!(ListRequest::read(&request(&["peel"])).is_some());
        let whole = request(&["peel"]);
        for other in [
            &b"0011command=fetch0001000fno-progress0000"[..],
            &request(&["sorted"]),
            &whole[..whole.len() - 4],
            &[&whole[..], b"0000"].concat(),
            b"",
        ] {
            assert_eq!(ListRequest::read(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
