//! Opening partial clones, which libgit2 refuses.
//!
//! `git clone --filter` notes an extension in the clone's configuration, and libgit2 opens no repository with an
//! extension that it does not know. Nothing about the objects is different. So a stand-in is opened: a temporary
//! directory with links to the clone's objects and references, and without its configuration.

use std::path::Path;

use tempfile::TempDir;

/// What a repository consists of for us; the configuration is left out.
const PARTS: &[&str] = &["HEAD", "objects", "refs", "packed-refs", "shallow"];

/// A stand-in for a clone that libgit2 refused because of an extension; `None` if that was not the reason.
pub(crate) fn stand_in(path: &Path, refused: &git2::Error) -> Option<TempDir> {
    if !refused.message().contains("extension") {
        return None;
    }
    let inner = path.join(".git");
    let clone = if inner.is_dir() { inner } else { path.to_owned() };
    let clone = clone.canonicalize().ok()?;
    let room = tempfile::tempdir().ok()?;
    for part in PARTS {
        let original = clone.join(part);
        if original.exists() {
            link(&original, &room.path().join(part)).ok()?;
        }
    }
    Some(room)
}

#[cfg(unix)]
fn link(original: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, name)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
