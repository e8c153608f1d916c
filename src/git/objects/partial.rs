//! Opening clones that git opens and libgit2 refuses.
//!
//! `git clone --filter` notes an extension in the clone's configuration, and libgit2 opens no repository with an
//! extension that it does not know. It opens none of another user either, unless a file that it reads says so. Nothing
//! about the objects is different. So a stand-in is opened: a temporary directory with links to the clone's objects and
//! references, and without its configuration.

use std::path::Path;

use git2::ErrorCode;
use tempfile::TempDir;

use super::trust::ask_git;
use crate::private_folder::private_folder;

/// What a repository consists of for us; the configuration is left out.
const PARTS: &[&str] = &["objects", "refs", "packed-refs", "shallow"];

/// Extensions that change how objects or references are kept: whoever leaves them out reads something else.
const ESSENTIAL: [&str; 2] = ["objectformat", "refstorage"];

/// A stand-in for a clone that libgit2 refused because of an extension or its owner; `None` if that was not the reason,
/// or git refuses it too.
pub(crate) fn stand_in(path: &Path, refused: &git2::Error) -> Option<TempDir> {
    if refused.code() != ErrorCode::Owner && !refused.message().contains("extension") {
        return None;
    }
    let clone = ask_git(path)?;
    if ESSENTIAL.iter().any(|extension| has_extension(&clone.common, extension)) {
        return None;
    }
    let room = private_folder("lockgate-").ok()?;
    link(&clone.own.join("HEAD"), &room.path().join("HEAD")).ok()?;
    for part in PARTS {
        let original = clone.common.join(part);
        if original.exists() {
            link(&original, &room.path().join(part)).ok()?;
        }
    }
    Some(room)
}

/// Whether the clone's configuration has this extension with a value that is not git's oldest.
fn has_extension(common: &Path, name: &str) -> bool {
    let config = git2::Config::open(&common.join("config"));
    let value = config.and_then(|config| config.get_string(&format!("extensions.{name}")));
    value.is_ok_and(|value| !matches!(value.as_str(), "sha1" | "files"))
}

#[cfg(unix)]
fn link(original: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, name)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use git2::{Error, ErrorClass};

    use super::*;

    #[test]
    fn what_libgit2_refuses_for_its_owner_opens_if_git_opens_exactly_that() {
        let folder = tempfile::tempdir().unwrap();
        git2::Repository::init(folder.path()).unwrap();
        let inside = folder.path().join("src");
        std::fs::create_dir(&inside).unwrap();
        let owner = Error::new(ErrorCode::Owner, ErrorClass::Config, "it is not yours");
        for path in [folder.path().to_owned(), folder.path().join(".git")] {
            let room = stand_in(&path, &owner).unwrap();
            assert!(git2::Repository::open(room.path()).unwrap().is_empty().unwrap());
        }
        assert!(stand_in(&inside, &owner).is_none(), "the repository is around it");
        let other = Error::new(ErrorCode::NotFound, ErrorClass::Repository, "there is none");
        assert!(stand_in(folder.path(), &other).is_none());
    }
}
