//! Lists of a remote's references, which may be asked for by many at once: each list is some processes and two requests.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::CommitId;
use crate::shared_answers::Question;

/// What a remote lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteRefs {
    /// The references by full name, annotated tags at their commit.
    pub commits: BTreeMap<String, CommitId>,
    /// Those that are annotated tags.
    pub annotated: BTreeSet<String>,
}

/// Which references are asked for: full names, and beginnings of names with a `*` behind them. None means all.
pub(super) type Patterns = BTreeSet<String>;

impl RemoteRefs {
    /// What `git ls-remote` printed, or the line that cannot be read.
    pub(super) fn read(printed: &str) -> Result<RemoteRefs, String> {
        let mut found = RemoteRefs::default();
        for line in printed.lines() {
            let (id, name) = line.split_once('\t').ok_or(line)?;
            let id: CommitId = id.parse().map_err(|_| line)?;
            let (name, is_annotated) = name.strip_suffix("^{}").map_or((name, false), |name| (name, true));
            // The line of the commit follows the line of its tag.
            found.commits.insert(name.to_owned(), id);
            if is_annotated {
                found.annotated.insert(name.to_owned());
            }
        }
        Ok(found)
    }

    /// Those that are meant. git matches the ends of names, and others may have asked for more.
    pub(super) fn only(&self, patterns: &Patterns) -> RemoteRefs {
        let is_meant = |name: &str| {
            let covers = |pattern: &String| match pattern.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => name == pattern,
            };
            patterns.is_empty() || patterns.contains(name) || patterns.iter().any(covers)
        };
        let commits = self.commits.iter().filter(|(name, _)| is_meant(name));
        let annotated = self.annotated.iter().filter(|name| is_meant(name));
        RemoteRefs {
            commits: commits.map(|(name, id)| (name.clone(), id.clone())).collect(),
            annotated: annotated.cloned().collect(),
        }
    }
}

/// No patterns at all ask for everything, and so do all questions together then.
impl Question for Patterns {
    fn join(&mut self, other: &Patterns) {
        if self.is_empty() || other.is_empty() {
            self.clear();
        } else {
            self.extend(other.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refs(names: &[&str]) -> RemoteRefs {
        let id: CommitId = "1".repeat(40).parse().unwrap();
        let commits = names.iter().map(|name| ((*name).to_owned(), id.clone())).collect();
        RemoteRefs { commits, annotated: BTreeSet::new() }
    }

    fn patterns(names: &[&str]) -> Patterns {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_what_is_meant_is_told() {
        let listed = refs(&["refs/heads/a", "refs/heads/x/refs/heads/a", "refs/tags/v1"]);
        assert_eq!(listed.only(&patterns(&["refs/heads/a"])), refs(&["refs/heads/a"]));
        let heads = listed.only(&patterns(&["refs/heads/*"]));
        assert_eq!(heads, refs(&["refs/heads/a", "refs/heads/x/refs/heads/a"]));
        assert_eq!(listed.only(&patterns(&[])), listed);
        let mut asked = patterns(&["refs/heads/a"]);
        asked.join(&patterns(&[]));
        asked.join(&patterns(&["refs/heads/b"]));
        assert_eq!(asked, patterns(&[]), "who asked for everything gets it");
    }
}
