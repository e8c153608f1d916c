//! What a push asks for, and how git's account of it is read.

use std::ffi::OsString;

use super::classify::gist;
use super::error::{Rejection, TransportError};
use crate::ids::{CommitId, TagId};

/// A change of one reference of a remote. Each says what it expects to find (invariant 5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "nothing advances or deletes a branch yet"))]
pub enum RefUpdate {
    /// It must not exist.
    Create {
        /// Its full name, `refs/…`.
        name: String,
        /// Where it is made.
        new: CommitId,
    },
    /// It must not exist: an annotated tag of `commit`.
    CreateTag {
        /// Its full name, `refs/tags/…`.
        name: String,
        /// The tag's own object.
        tag: TagId,
        /// The commit that it is of.
        commit: CommitId,
    },
    /// It must be at `old`, and `new` must contain `old`: for branches that others build on.
    Advance {
        /// Its full name.
        name: String,
        /// Where it must be.
        old: CommitId,
        /// Where it goes.
        new: CommitId,
    },
    /// It must be at `old`; history may be rewritten: for branches that are ours alone.
    Replace {
        /// Its full name.
        name: String,
        /// Where it must be.
        old: CommitId,
        /// Where it goes.
        new: CommitId,
    },
    /// It must be at `old`, and goes.
    Delete {
        /// Its full name.
        name: String,
        /// Where it must be.
        old: CommitId,
    },
}

/// What became of one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushOutcome {
    /// Its full name.
    pub name: String,
    /// `false` when it was where it should be already: somebody, or an earlier run, had done it.
    pub changed: bool,
}

impl PushOutcome {
    /// The reference was changed by us, as far as anybody can tell.
    pub(super) fn changed(update: &RefUpdate) -> PushOutcome {
        PushOutcome { name: update.name().to_owned(), changed: true }
    }
}

impl RefUpdate {
    /// Its full name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            RefUpdate::Create { name, .. }
            | RefUpdate::CreateTag { name, .. }
            | RefUpdate::Advance { name, .. }
            | RefUpdate::Replace { name, .. }
            | RefUpdate::Delete { name, .. } => name,
        }
    }

    /// Where the reference must be; `None` if it must not exist.
    pub(super) fn expected(&self) -> Option<&CommitId> {
        match self {
            RefUpdate::Create { .. } | RefUpdate::CreateTag { .. } => None,
            RefUpdate::Advance { old, .. }
            | RefUpdate::Replace { old, .. }
            | RefUpdate::Delete { old, .. } => Some(old),
        }
    }

    /// The commit that the reference is to stand for; `None` if it is to go.
    pub(super) fn wanted(&self) -> Option<&CommitId> {
        match self {
            RefUpdate::CreateTag { commit, .. } => Some(commit),
            RefUpdate::Create { new, .. }
            | RefUpdate::Advance { new, .. }
            | RefUpdate::Replace { new, .. } => Some(new),
            RefUpdate::Delete { .. } => None,
        }
    }

    /// The object that the reference is to name; `None` if it is to go.
    pub(super) fn target(&self) -> Option<&str> {
        match self {
            RefUpdate::CreateTag { tag, .. } => Some(tag.as_str()),
            other => other.wanted().map(CommitId::as_str),
        }
    }
}

/// The arguments of a push of all these together.
pub(super) fn arguments(remote: &str, updates: &[RefUpdate]) -> Vec<OsString> {
    let mut arguments: Vec<String> =
        ["push", "--porcelain", "--atomic", "--no-verify", "--no-follow-tags"].map(str::to_owned).to_vec();
    for update in updates {
        let old = update.expected().map_or("", CommitId::as_str);
        arguments.push(format!("--force-with-lease={}:{old}", update.name()));
    }
    arguments.extend(["--".to_owned(), remote.to_owned()]);
    for update in updates {
        arguments.push(format!("{}:{}", update.target().unwrap_or_default(), update.name()));
    }
    arguments.into_iter().map(OsString::from).collect()
}

/// Reads git's porcelain: `FLAG<tab>FROM:TO<tab>SUMMARY (REASON)`.
pub(super) fn read(remote: &str, stdout: &str, stderr: &str) -> Result<Vec<PushOutcome>, TransportError> {
    let mut outcomes = Vec::new();
    let mut refused: Option<(String, Rejection, String)> = None;
    for line in stdout.lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(flag), Some(refs), Some(summary)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Some((_, name)) = refs.split_once(':') else {
            return Err(TransportError::Unreadable { remote: remote.to_owned(), line: line.to_owned() });
        };
        if flag != "!" {
            outcomes.push(PushOutcome { name: name.to_owned(), changed: flag != "=" });
        } else if refused.is_none() || !summary.contains("atomic") {
            // The others of an atomic push are only reported as having gone down with the first.
            let earlier = refused.take().filter(|(_, _, told)| !told.contains("atomic"));
            refused =
                earlier.or_else(|| Some((name.to_owned(), rejection(summary, stderr), summary.to_owned())));
        }
    }
    match refused {
        None => Ok(outcomes),
        Some((name, reason, summary)) => {
            let said: Vec<&str> = stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).collect();
            let said = gist(&format!("{summary}\n{}", said.join("\n")));
            Err(TransportError::Rejected { remote: remote.to_owned(), name, reason, said })
        }
    }
}

fn rejection(summary: &str, stderr: &str) -> Rejection {
    let stale = [
        "stale info",
        "fetch first",
        "non-fast-forward",
        "already exists",
        "cannot lock ref",
        "failed to update ref",
        "incorrect old value",
        "remote ref updated since checkout",
    ];
    let protected =
        ["protected branch", "GH006", "GH013", "prohibited", "Cannot force-push to", "cannot be modified"];
    // GitHub's words in outages; the second is git's own for an answer that does not say.
    let faults = ["(failure)", "remote failed to report status", "Internal Server Error"];
    if stale.iter().any(|words| summary.contains(words)) {
        Rejection::Stale
    } else if summary.contains("atomic transaction failed") {
        Rejection::Overtaken
    } else if protected.iter().any(|words| summary.contains(words) || stderr.contains(words)) {
        Rejection::Protected
    } else if faults.iter().any(|words| summary.contains(words)) {
        Rejection::Fault
    } else if summary.contains("hook declined") {
        Rejection::Hook
    } else {
        Rejection::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Effect, Persistence, ServiceError as _};

    fn rejected(stdout: &str, stderr: &str) -> (String, Rejection) {
        match read("r", stdout, stderr).unwrap_err() {
            TransportError::Rejected { name, reason, .. } => (name, reason),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_reference_that_brought_the_others_down_is_named() {
        let stdout = "To r\n!\ta:refs/heads/one\t[rejected] (atomic push failed)\n\
            !\tb:refs/heads/two\t[rejected] (stale info)\nDone\n";
        assert_eq!(rejected(stdout, ""), ("refs/heads/two".into(), Rejection::Stale));
    }

    #[test]
    fn protection_is_told_from_hooks() {
        let line = "!\ta:refs/heads/main\t[remote rejected] (protected branch hook declined)\n";
        assert_eq!(rejected(line, "").1, Rejection::Protected);
        let line = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        assert_eq!(rejected(line, "").1, Rejection::Hook);
        assert_eq!(
            rejected(line, "remote: error: GH006: Protected branch update failed").1,
            Rejection::Protected
        );
    }

    #[test]
    fn push_that_met_itself_is_looked_at_again() {
        let line = "!\ta:refs/heads/x\t[remote rejected] (atomic transaction failed)\n";
        assert_eq!(rejected(line, "").1, Rejection::Overtaken);
        assert_eq!(read("r", line, "").unwrap_err().persistence(), Persistence::TRANSIENT);
    }

    /// As GitHub answered in the outages of 2020-02-25, 2021-05-13 and 2023-03-27.
    #[test]
    fn a_remote_that_failed_is_looked_at_again() {
        for (line, said) in [
            ("!\ta:refs/heads/x\t[remote rejected] (failure)\n", "remote: fatal error in commit_refs\n"),
            (
                "!\ta:refs/heads/x\t[remote failure] (remote failed to report status)\n",
                "remote: Internal Server Error\n",
            ),
        ] {
            let error = read("r", line, said).unwrap_err();
            assert_eq!((error.effect(), error.persistence()), (Effect::Unknown, Persistence::TRANSIENT));
            let told = error.to_string();
            assert!(told.contains(said.trim_start_matches("remote: ").trim()), "{told}");
            assert!(!told.contains("nothing was pushed"), "{told}");
        }
    }

    #[test]
    fn what_was_there_already_is_not_a_change() {
        let outcomes =
            read("r", "To r\n=\ta:refs/heads/x\t[up to date]\n*\tb:refs/tags/y\t[new tag]\nDone\n", "");
        let changed: Vec<bool> = outcomes.unwrap().iter().map(|outcome| outcome.changed).collect();
        assert_eq!(changed, [false, true]);
    }
}
