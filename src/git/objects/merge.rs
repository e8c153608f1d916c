//! Merging two histories, as the server will.

use git2::MergeOptions;

use super::store::{Store, tree_id};
use crate::git::error::{GitError, WhileDoing as _};
use crate::ids::{CommitId, TreeId};

/// What comes of merging two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergedHistories {
    /// The tree of both.
    Clean(TreeId),
    /// These files conflict.
    Conflict(Vec<String>),
}

impl Store {
    /// Merges `theirs` into `ours` from where their histories parted. No reference moves. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not here.
    pub fn merge_histories(&self, ours: &CommitId, theirs: &CommitId) -> Result<MergedHistories, GitError> {
        if self.is_ancestor(ours, theirs)? {
            return Ok(MergedHistories::Clean(self.tree_of(theirs)?));
        }
        let doing = || format!("merge {theirs} into {ours}");
        let (here, there) = (self.find_commit(ours)?, self.find_commit(theirs)?);
        let mut options = MergeOptions::new();
        options.find_renames(true);
        let mut index = self.raw().merge_commits(&here, &there, Some(&options)).doing(doing)?;
        if !index.has_conflicts() {
            return Ok(MergedHistories::Clean(tree_id(index.write_tree_to(self.raw()).doing(doing)?)?));
        }
        let mut paths = Vec::new();
        for conflict in index.conflicts().doing(doing)? {
            let conflict = conflict.doing(doing)?;
            let entry = conflict.our.or(conflict.their).or(conflict.ancestor);
            paths.extend(entry.map(|entry| String::from_utf8_lossy(&entry.path).into_owned()));
        }
        paths.sort();
        paths.dedup();
        Ok(MergedHistories::Conflict(paths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;

    #[test]
    fn what_both_changed_conflicts_and_what_one_changed_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |files: &[(&str, &str)], parents: &[CommitId]| {
            let files: Vec<(&str, Option<&[u8]>)> =
                files.iter().map(|(path, text)| (*path, Some(text.as_bytes()))).collect();
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            store.commit(&tree, parents, "x", &who, &who).unwrap()
        };
        let base = commit(&[("a", "1\n"), ("b", "1\n")], &[]);
        let line = commit(&[("a", "1\n"), ("b", "2\n")], std::slice::from_ref(&base));
        let release = commit(&[("a", "2\n"), ("b", "1\n")], std::slice::from_ref(&base));
        let both = commit(&[("a", "2\n"), ("b", "2\n")], &[]);
        let merged = store.merge_histories(&line, &release).unwrap();
        assert_eq!(merged, MergedHistories::Clean(store.tree_of(&both).unwrap()));
        let other = commit(&[("a", "3\n"), ("b", "1\n")], std::slice::from_ref(&base));
        let refused = store.merge_histories(&other, &release).unwrap();
        assert_eq!(refused, MergedHistories::Conflict(vec!["a".to_owned()]));
        let ahead = store.merge_histories(&base, &release).unwrap();
        assert_eq!(ahead, MergedHistories::Clean(store.tree_of(&release).unwrap()));
    }
}
