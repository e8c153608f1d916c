//! What Cargo built in a warm-up on the base, for the attempt that comes after it: dependencies need not be built again.
//!
//! Cargo looks at times: every file of the attempt is newer than what was built, so all of the project itself is built anew, and
//! only what does not hang on it is taken. A folder of another build tool is not kept: what it makes of files that are gone
//! is not known. Second tries and the base begin with nothing, so that what such a folder brings about is seen.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::workspace::Workspace;

/// How deep below a checkout build folders are looked for.
const DEEPEST: usize = 3;
/// The file by which Cargo marks its folder, and what it says there.
const TAG: (&str, &str) = ("CACHEDIR.TAG", "created by cargo");

impl Workspace {
    fn builds(&self) -> PathBuf {
        self.root().join("builds")
    }

    /// Forgets what was put by and not taken.
    pub(super) fn forget_builds(&self) {
        // It may not be there, and is of no use if it cannot be removed.
        let _ = fs::remove_dir_all(self.builds());
    }

    /// Puts by what Cargo built in the tree.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn put_by_builds(&self) -> io::Result<()> {
        move_all(&self.tree(), &self.builds(), |_| true).map(drop)
    }

    /// Gives a checkout what was put by of its place. Which folders it is given, as a person names them.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn give_builds(&self, checkout: &Path) -> io::Result<Vec<String>> {
        let (builds, tree) = (self.builds(), self.tree());
        move_all(&builds, &tree, |place| {
            // What the tree has there by itself is not touched, nor is anything behind a link.
            place.starts_with(checkout)
                && place.symlink_metadata().is_err()
                && place.parent().is_some_and(|folder| self.holds(folder))
        })
    }
}

/// Moves Cargo's folders below one folder to the same places below another one, where that suits.
fn move_all(from: &Path, to: &Path, suits: impl Fn(&Path) -> bool) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    built_below(from, DEEPEST, &mut found);
    let mut moved = Vec::new();
    for folder in found {
        let relative = folder.strip_prefix(from).unwrap_or(&folder);
        let place = to.join(relative);
        if suits(&place) {
            place.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(&folder, &place)?;
            moved.push(relative.display().to_string());
        }
    }
    Ok(moved)
}

fn built_below(folder: &Path, levels: usize, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) || entry.file_name() == ".git" {
            continue;
        }
        if is_of_cargo(&path) {
            found.push(path);
        } else if levels > 1 {
            built_below(&path, levels - 1, found);
        }
    }
}

fn is_of_cargo(folder: &Path) -> bool {
    let (name, says) = TAG;
    let tag = folder.join(name);
    let is_file = tag.symlink_metadata().is_ok_and(|tag| tag.is_file());
    is_file && fs::read_to_string(tag).is_ok_and(|text| text.contains(says))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(folder: &Path, tag: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(TAG.0), tag).unwrap();
        fs::write(folder.join("marker"), "base").unwrap();
    }

    fn after_a_warm_up() -> Workspace {
        let workspace = Workspace::new().unwrap();
        let tree = workspace.tree();
        for (folder, tag) in [
            ("target", TAG.1),
            ("crates/one/target", TAG.1),
            ("build", "made by others"),
            ("a/b/c/target", TAG.1),
        ] {
            built(&tree.join(folder), tag);
        }
        workspace.renew(true).unwrap();
        workspace
    }

    #[test]
    fn what_cargo_built_comes_back_at_its_place_and_nothing_else_does() {
        let workspace = after_a_warm_up();
        let tree = workspace.tree();
        assert_eq!(fs::read_dir(&tree).unwrap().count(), 0);
        fs::create_dir_all(tree.join("crates/one")).unwrap();
        let mut given = workspace.give_builds(&tree).unwrap();
        given.sort();
        assert_eq!(given, ["crates/one/target", "target"]);
        assert!(tree.join("target/marker").is_file() && !tree.join("build").exists());
        assert!(!tree.join("a").exists(), "too deep");
        assert_eq!(workspace.give_builds(&tree).unwrap(), Vec::<String>::new(), "once");
    }

    #[test]
    fn what_the_tree_has_itself_stays_and_no_link_is_followed() {
        let workspace = after_a_warm_up();
        let tree = workspace.tree();
        fs::create_dir(tree.join("target")).unwrap();
        std::os::unix::fs::symlink("/usr", tree.join("crates")).unwrap();
        assert_eq!(workspace.give_builds(&tree).unwrap(), Vec::<String>::new());
        let other = tree.join("elsewhere");
        fs::remove_dir(tree.join("target")).unwrap();
        assert_eq!(workspace.give_builds(&other).unwrap(), Vec::<String>::new(), "of another checkout");
    }

    #[test]
    fn another_attempt_begins_with_nothing() {
        let workspace = after_a_warm_up();
        workspace.renew(false).unwrap();
        assert_eq!(workspace.give_builds(&workspace.tree()).unwrap(), Vec::<String>::new());
    }
}
