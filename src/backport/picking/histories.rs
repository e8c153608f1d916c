//! One history merged into another, as a merge upwards needs it: all that the other has since they parted, picked at once.
//!
//! So two engines make it, as they make each pick. Where the histories parted at several commits, git makes one of these first; that
//! is left to libgit2, and said.

use super::pick::{HistorySearch, Picker};
use super::request::{Against, Onto, PickRequest};
use crate::git::{GitError, MergedHistories, Store};
use crate::ids::CommitId;

/// What came of merging one history into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMerge {
    /// The tree, or the files that conflict.
    pub came: MergedHistories,
    /// Why a person must look at the tree, a sentence each.
    pub doubts: Vec<String>,
}

/// Merges `theirs` into `ours` from where they parted. No reference moves; the tree is in the store.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not here.
pub fn merge_history(store: &Store, ours: &CommitId, theirs: &CommitId) -> Result<HistoryMerge, GitError> {
    let bases = store.merge_bases(ours, theirs)?;
    let [base] = &bases[..] else {
        let came = store.merge_histories(ours, theirs)?;
        let alone = bases.len() > 1 && matches!(came, MergedHistories::Clean(_));
        let doubt = "the histories parted at several commits, so one engine alone has merged them";
        return Ok(HistoryMerge { came, doubts: alone.then(|| doubt.to_owned()).into_iter().collect() });
    };
    if base == ours {
        return Ok(HistoryMerge { came: MergedHistories::Clean(store.tree_of(theirs)?), doubts: Vec::new() });
    }
    let request = PickRequest {
        fix: theirs.clone(),
        against: Against::Commit(base.clone()),
        onto: Onto::Tree(store.tree_of(ours)?),
    };
    let mut picker = Picker::new(store)?.with_history(HistorySearch::Skip);
    let pick = picker.pick(&request)?;
    let came = match &pick.tree {
        Some(tree) => {
            store.keep_files(picker.draft(), tree)?;
            MergedHistories::Clean(tree.clone())
        }
        None if pick.conflicts.is_empty() && !pick.outcome.needs_resolution() => {
            MergedHistories::Clean(store.tree_of(ours)?)
        }
        None => MergedHistories::Conflict(pick.conflicting_paths()),
    };
    Ok(HistoryMerge { came, doubts: pick.review_reasons() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;

    struct Line {
        store: Store,
        who: Signature,
        _folder: tempfile::TempDir,
    }

    impl Line {
        fn new() -> Line {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::create(&folder.path().join("s.git")).unwrap();
            let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
            Line { store, who, _folder: folder }
        }

        fn commit(&self, files: &[(&str, &str)], parents: &[&CommitId]) -> CommitId {
            let files: Vec<(&str, Option<&[u8]>)> =
                files.iter().map(|(path, text)| (*path, Some(text.as_bytes()))).collect();
            let tree = self.store.with_files(&self.store.empty_tree().unwrap(), &files).unwrap();
            let parents: Vec<CommitId> = parents.iter().map(|parent| (*parent).clone()).collect();
            self.store.commit(&tree, &parents, "x", &self.who, &self.who).unwrap()
        }

        fn merged(&self, ours: &CommitId, theirs: &CommitId) -> HistoryMerge {
            merge_history(&self.store, ours, theirs).unwrap()
        }

        fn clean(&self, files: &[(&str, &str)]) -> MergedHistories {
            MergedHistories::Clean(self.store.tree_of(&self.commit(files, &[])).unwrap())
        }
    }

    #[test]
    fn what_the_other_history_has_is_joined_and_what_both_changed_conflicts() {
        let line = Line::new();
        let base = line.commit(&[("a", "1\n"), ("b", "1\n")], &[]);
        let newer = line.commit(&[("a", "1\n"), ("b", "2\n")], &[&base]);
        let first = line.commit(&[("a", "2\n"), ("b", "1\n")], &[&base]);
        let second = line.commit(&[("a", "2\n"), ("b", "1\n"), ("c", "1\n")], &[&first]);
        let both = line.merged(&newer, &second);
        assert_eq!(both.came, line.clean(&[("a", "2\n"), ("b", "2\n"), ("c", "1\n")]));
        assert!(both.doubts.is_empty());
        assert_eq!(line.merged(&base, &second).came, line.clean(&[("a", "2\n"), ("b", "1\n"), ("c", "1\n")]));
        assert_eq!(
            line.merged(&second, &base).came,
            MergedHistories::Clean(line.store.tree_of(&second).unwrap())
        );
        let other = line.commit(&[("a", "3\n"), ("b", "1\n")], &[&base]);
        assert_eq!(line.merged(&other, &second).came, MergedHistories::Conflict(vec!["a".to_owned()]));
    }

    #[test]
    fn what_one_engine_alone_has_merged_is_told() {
        let line = Line::new();
        let base = line.commit(&[("a", "1\n"), ("b", "1\n")], &[]);
        let one = line.commit(&[("a", "2\n"), ("b", "1\n")], &[&base]);
        let two = line.commit(&[("a", "1\n"), ("b", "2\n")], &[&base]);
        let both = [("a", "2\n"), ("b", "2\n")];
        let (ours, theirs) = (line.commit(&both, &[&one, &two]), line.commit(&both, &[&two, &one]));
        let merged = line.merged(&ours, &theirs);
        assert_eq!(merged.came, line.clean(&both));
        assert_eq!(merged.doubts.len(), 1, "{merged:?}");
    }
}
