//! Raising a version by the project's own command, in a checkout that is thrown away.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use super::error::StepError;
use super::local::in_store;
use super::site::Site;
use crate::git::Store;
use crate::ids::{CommitId, RepoName, TreeId};
use crate::testing::{Run, TestCommand, TimeLimit};
use crate::version::BumpCommand;

/// Runs the command on the tree of `base` and gives the tree that it leaves. Only files that were there count: what
/// a command builds on the way is not part of a release.
pub(super) async fn run(
    site: &Site,
    repo: &RepoName,
    base: &CommitId,
    command: &BumpCommand,
    to: &semver::Version,
) -> Result<TreeId, StepError> {
    let checkout = tempfile::Builder::new().prefix("lockgate-bump-").tempdir()?;
    let folder: PathBuf = checkout.path().join("tree");
    let (commit, place) = (base.clone(), folder.clone());
    let (tree, absent) = in_store(site, repo, move |store| {
        let tree = store.tree_of(&commit)?;
        let absent = store.checkout(&tree, &place)?;
        Ok((tree, absent))
    })
    .await?;
    let task = TestCommand {
        name: "bump".to_owned(),
        run: Run::Argv(command.arguments(to)),
        timeout: TimeLimit::default(),
        cores: NonZeroU32::MIN,
        env: BTreeMap::new(),
        needs: Vec::new(),
    };
    // The test runner's environment holds no secrets, and its time limit ends whatever hangs.
    let results = site.world.runner.run(&folder, &[task], site.step.name.as_str()).await;
    if let Some(failed) = results.iter().find(|result| !result.outcome.passed()) {
        return Err(StepError::input(
            format!("the bump command of `{repo}` failed: {failed}"),
            "see its log; correct the command in the catalog, then `lockgate resume`",
        ));
    }
    in_store(site, repo, move |store| left_in(store, &tree, &folder, &absent)).await
}

/// The tree with the files as they now are on disk, but for those that were absent from the start.
fn left_in(store: &Store, tree: &TreeId, folder: &Path, absent: &[String]) -> Result<TreeId, StepError> {
    let mut changed: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    for path in store.paths(tree)?.into_iter().filter(|path| !absent.contains(path)) {
        let on_disk = folder.join(&path);
        // A symbolic link is its target, here and in the tree.
        let now = match std::fs::symlink_metadata(&on_disk) {
            Ok(found) if found.is_symlink() => {
                Some(std::fs::read_link(&on_disk)?.into_os_string().into_encoded_bytes())
            }
            Ok(_) => Some(std::fs::read(&on_disk)?),
            Err(_) => None,
        };
        if now != store.read_file_in_tree(tree, &path)? {
            changed.push((path, now));
        }
    }
    let changed: Vec<(&str, Option<&[u8]>)> =
        changed.iter().map(|(path, bytes)| (path.as_str(), bytes.as_deref())).collect();
    Ok(store.with_files(tree, &changed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_command_changed_or_removed_are_taken_and_new_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let files: [(&str, Option<&[u8]>); 3] =
            [("V", Some(b"1.2.3\n")), ("old", Some(b"x")), ("d/kept", Some(b"y"))];
        let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
        let place = folder.path().join("tree");
        store.checkout(&tree, &place).unwrap();
        std::fs::write(place.join("V"), "1.2.4\n").unwrap();
        std::fs::remove_file(place.join("old")).unwrap();
        std::fs::write(place.join("built.o"), "z").unwrap();
        let left = left_in(&store, &tree, &place, &[]).unwrap();
        assert_eq!(store.paths(&left).unwrap(), ["V", "d/kept"]);
        assert_eq!(store.read_file_in_tree(&left, "V").unwrap().unwrap(), b"1.2.4\n");
    }
}
