//! Whether the branch of a pull request was brought up to date, and nothing else was done to it.

use crate::git::{GitError, MergedHistories, Store};
use crate::ids::CommitId;

/// Whether `now` is `opened` with nothing but merges of the base on top, each of which holds what both sides had: so does
/// GitHub update a branch. What somebody else pushed there was proven by nobody.
pub(super) fn is_only_updated(
    store: &Store,
    opened: &CommitId,
    now: &CommitId,
    base: &CommitId,
) -> Result<bool, GitError> {
    let mut at = now.clone();
    while at != *opened {
        let [first, second] = &store.commit_info(&at)?.parents[..] else { return Ok(false) };
        let tree = store.tree_of(&at)?;
        if !store.is_ancestor(second, base)?
            || store.merge_histories(first, second)? != MergedHistories::Clean(tree)
        {
            return Ok(false);
        }
        at = first.clone();
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;

    #[test]
    fn only_merges_of_the_base_that_hold_what_both_had_are_an_update() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |files: &[(&str, &str)], parents: &[&CommitId]| {
            let files: Vec<(&str, Option<&[u8]>)> =
                files.iter().map(|(path, text)| (*path, Some(text.as_bytes()))).collect();
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            let parents: Vec<CommitId> = parents.iter().map(|parent| (*parent).clone()).collect();
            store.commit(&tree, &parents, "x", &who, &who).unwrap()
        };
        let before = commit(&[("a", "1\n"), ("v", "1\n")], &[]);
        let bump = commit(&[("a", "1\n"), ("v", "2\n")], &[&before]);
        let base = commit(&[("a", "2\n"), ("v", "1\n")], &[&before]);
        let both = [("a", "2\n"), ("v", "2\n")];
        let updated = commit(&both, &[&bump, &base]);
        let foreign = commit(&[("a", "1\n"), ("v", "2\n"), ("x", "1\n")], &[&bump]);
        for (now, is_update) in [
            (&bump, true),
            (&updated, true),
            (&foreign, false),
            (&commit(&[("a", "2\n"), ("v", "2\n"), ("x", "1\n")], &[&bump, &base]), false),
            (&commit(&[("a", "2\n"), ("v", "2\n"), ("x", "1\n")], &[&foreign, &base]), false),
            (&commit(&both, &[&base]), false),
            (&commit(&[("a", "1\n"), ("v", "2\n"), ("x", "1\n")], &[&bump, &foreign]), false),
        ] {
            assert_eq!(is_only_updated(&store, &bump, now, &base).unwrap(), is_update, "{now}");
        }
    }
}
