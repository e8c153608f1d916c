//! The files beside a checkout's own that git would add: neither part of the tree nor ignored.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use git2::Repository;

use super::store::Store;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::TreeId;
use crate::private_folder::private_folder;

impl Store {
    /// The files in a checkout of this tree that the tree has not and that no `.gitignore` of the checkout names, in
    /// order. A repository inside the checkout is not looked into.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn untracked(&self, tree: &TreeId, directory: &Path) -> Result<Vec<String>, GitError> {
        let file = |source| GitError::File { path: directory.to_owned(), source };
        let room = private_folder("lockgate-").map_err(file)?;
        let repository = Repository::init(room.path()).doing(|| "read ignore rules".to_owned())?;
        repository.set_workdir(directory, false).doing(|| "read ignore rules".to_owned())?;
        let known: HashSet<String> = self.paths(tree)?.into_iter().collect();
        let mut found = Vec::new();
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(directory.join(&folder)).map_err(file)? {
                let entry = entry.map_err(file)?;
                let path = folder.join(entry.file_name());
                let name = path.to_string_lossy().into_owned();
                if known.contains(&name) {
                    continue;
                }
                let is_folder = entry.file_type().map_err(file)?.is_dir();
                // A rule such as `build/` is for folders.
                let asked = if is_folder { format!("{name}/") } else { name.clone() };
                if repository.is_path_ignored(&asked).doing(|| format!("look whether `{name}` is ignored"))? {
                    continue;
                }
                match is_folder {
                    true if entry.file_name() == ".git" || entry.path().join(".git").exists() => {}
                    true => open.push(path),
                    false => found.push(name),
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_no_rule_ignores_are_new() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let files: [(&str, Option<&[u8]>); 3] = [
            ("VERSION", Some(b"1")),
            (".gitignore", Some(b"build/\n*.pyc\n!keep.pyc\n")),
            ("docs/.gitignore", Some(b"/draft.md\n")),
        ];
        let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
        let place = folder.path().join("tree");
        store.checkout(&tree, &place).unwrap();
        for path in
            ["build/a.o", "a/b.pyc", "a/keep.pyc", "docs/draft.md", "docs/new/1.md", "inner/.git/x", "n"]
        {
            std::fs::create_dir_all(place.join(path).parent().unwrap()).unwrap();
            std::fs::write(place.join(path), "x").unwrap();
        }
        assert_eq!(store.untracked(&tree, &place).unwrap(), ["a/keep.pyc", "docs/new/1.md", "n"]);
    }
}
