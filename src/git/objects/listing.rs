//! The names of a tree's files.

use std::path::Path;

use git2::{ErrorCode, ObjectType, TreeWalkMode, TreeWalkResult};

use super::store::{Store, lookup};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::TreeId;

impl Store {
    /// The paths of all files of a tree, in git's order. Submodules are left out: they hold no files here.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn paths(&self, tree: &TreeId) -> Result<Vec<String>, GitError> {
        self.paths_in(tree, "")
    }

    /// The same of one folder, none where there is no such folder; of the whole tree where it has no name.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree, or that of the folder, is not here.
    pub fn paths_in(&self, tree: &TreeId, folder: &str) -> Result<Vec<String>, GitError> {
        let whole = self.find_tree(tree)?;
        let (found, within) = match folder {
            "" => (whole, String::new()),
            folder => match whole.get_path(Path::new(folder)) {
                Ok(entry) if entry.kind() == Some(ObjectType::Tree) => {
                    let found =
                        self.raw().find_tree(entry.id()).map_err(|source| lookup(entry.id(), source))?;
                    (found, format!("{folder}/"))
                }
                Err(source) if source.code() != ErrorCode::NotFound => {
                    return Err(GitError::Libgit2 { action: format!("look up `{folder}`"), source });
                }
                Ok(_) | Err(_) => return Ok(Vec::new()),
            },
        };
        let mut paths = Vec::new();
        found
            .walk(TreeWalkMode::PreOrder, |folder, entry| {
                if entry.kind() == Some(ObjectType::Blob) {
                    paths.push(format!("{within}{folder}{}", String::from_utf8_lossy(entry.name_bytes())));
                }
                TreeWalkResult::Ok
            })
            .doing(|| format!("list tree {tree}"))?;
        Ok(paths)
    }

    /// Whether a tree has a symbolic link at this path.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn is_link(&self, tree: &TreeId, path: &str) -> Result<bool, GitError> {
        let entry = self.find_tree(tree)?.get_path(Path::new(path));
        Ok(entry.is_ok_and(|entry| entry.filemode() == i32::from(git2::FileMode::Link)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_folder_have_their_whole_paths() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("store.git")).unwrap();
        let names = ["a.txt", "crates/core/Cargo.toml", "crates/core/src/lib.rs", "crates/Cargo.lock"];
        let files = names.map(|name| (name, Some(&b"x"[..])));
        let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
        let listed = |folder: &str| store.paths_in(&tree, folder).unwrap();
        assert_eq!(listed("crates/core"), ["crates/core/Cargo.toml", "crates/core/src/lib.rs"]);
        let all = store.paths(&tree).unwrap();
        let below: Vec<String> = all.iter().filter(|path| path.starts_with("crates/")).cloned().collect();
        assert_eq!(listed("crates"), below, "in the same order as in the whole");
        assert_eq!((listed(""), listed("none"), listed("a.txt")), (all, Vec::new(), Vec::new()));
        assert_eq!(listed("a.txt/below"), Vec::<String>::new());
    }
}
