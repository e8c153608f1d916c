//! A checkout of one tree that is thrown away, and what commands of the catalog left in it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::error::StepError;
use super::local::in_store;
use super::site::Site;
use crate::git::Store;
use crate::ids::{RepoName, TreeId};
use crate::testing::{TestCommand, TestResult};

/// A clean checkout of a tree of the store. It goes away with this value.
pub(super) struct Checkout {
    /// The tree.
    pub(super) tree: TreeId,
    /// The paths that this clone lacks, and the checkout with it.
    pub(super) absent: Vec<String>,
    room: TempDir,
}

/// A file that commands changed: its path and its content now, `None` if it is gone.
pub(super) type Change = (String, Option<Vec<u8>>);

impl Checkout {
    /// Writes the files of a tree to a folder that nobody else may read.
    ///
    /// # Errors
    /// When the tree is not in the store or the folder cannot be written.
    pub(super) async fn of(site: &Site, repo: &RepoName, tree: TreeId) -> Result<Checkout, StepError> {
        let room = tempfile::Builder::new().prefix("lockgate-checkout-").tempdir()?;
        in_store(site, repo, move |store| {
            let absent = store.checkout(&tree, &folder_in(&room))?;
            Ok(Checkout { tree, absent, room })
        })
        .await
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> PathBuf {
        folder_in(&self.room)
    }

    /// Runs commands in it. The runner's environment holds no secrets, and its time limits end whatever hangs.
    pub(super) async fn run(&self, site: &Site, commands: &[TestCommand]) -> Vec<TestResult> {
        site.world.runner.run(&self.folder(), commands, site.step.name.as_str()).await
    }

    /// The files of the tree that are no more what they were. Only files that were there count: what a command builds
    /// on the way is no part of a release.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) async fn changes(&self, site: &Site, repo: &RepoName) -> Result<Vec<Change>, StepError> {
        let (tree, folder, absent) = (self.tree.clone(), self.folder(), self.absent.clone());
        in_store(site, repo, move |store| changes(store, &tree, &folder, &absent)).await
    }
}

fn folder_in(room: &TempDir) -> PathBuf {
    room.path().join("tree")
}

fn changes(store: &Store, tree: &TreeId, folder: &Path, absent: &[String]) -> Result<Vec<Change>, StepError> {
    let mut changed = Vec::new();
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
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_command_changed_or_removed_count_and_new_ones_do_not() {
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
        let changed = changes(&store, &tree, &place, &[]).unwrap();
        assert_eq!(changed, [("V".to_owned(), Some(b"1.2.4\n".to_vec())), ("old".to_owned(), None)]);
    }
}
