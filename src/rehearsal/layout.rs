//! The folder of a rehearsal as its world is laid out in it. A kill at any moment leaves what can be told from a whole
//! world and cleared away.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::control::{DiskError, Home, UNFINISHED};
use crate::git::{GitError, Store};
use crate::planning::InputFiles;

const FOLDERS: [&str; 6] = ["git", "sources", "inputs", "store", "mail", "attached"];
const FILES: [&str; 6] =
    ["world.db", "world.db-wal", "world.db-shm", "requests.jsonl", "journal.db", BEGINNING];
/// What the world shows before anything is done.
pub(super) const BEGINNING: &str = "beginning.json";

/// Why a folder cannot take the world of a rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// It holds something else.
    #[error("`{}` holds `{entry}`, and no rehearsal", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// Something that is not ours.
        entry: String,
    },
    /// A rehearsal keeps copies of the user's files, and one of them is elsewhere.
    #[error("`{name}` is outside `{}`", directory.display())]
    OutsideFile {
        /// The file.
        name: String,
        /// The directory of the release.
        directory: PathBuf,
    },
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The stores of the run cannot be made.
    #[error("failed to make a store of the rehearsal")]
    Store(#[from] GitError),
}

/// An empty folder, marked as unfinished: what a killed attempt left is cleared away, what is not ours is left alone.
pub(super) fn make_room(home: &Home, origin: &Path) -> Result<(), LayoutError> {
    home.create()?;
    let root = home.folder.root();
    let failed = || DiskError::to("make room in", root);
    let flag = root.join(UNFINISHED);
    if flag.exists() {
        home.close()?;
        return Ok(clear(root).map_err(failed())?);
    }
    if let Some(entry) = foreign(root).map_err(failed())? {
        return Err(LayoutError::Foreign { folder: root.to_owned(), entry });
    }
    // Not before it is known to be ours.
    home.close()?;
    mark_unfinished(home, origin)
}

/// The directory of the user's files, from everywhere.
pub(super) fn origin_of(files: &InputFiles) -> PathBuf {
    std::path::absolute(files.directory()).unwrap_or_else(|_| files.directory().to_owned())
}

/// Marks a world as one that is to be laid out, and is not whole. Whoever is to start it again must know of what it is made.
pub(super) fn mark_unfinished(home: &Home, origin: &Path) -> Result<(), LayoutError> {
    let flag = home.folder.root().join(UNFINISHED);
    let note = format!("the world is being laid out\n{}\n", origin.display());
    Ok(std::fs::write(&flag, note).map_err(DiskError::to("make room in", home.folder.root()))?)
}

fn clear(root: &Path) -> io::Result<()> {
    for folder in FOLDERS {
        absent(std::fs::remove_dir_all(root.join(folder)))?;
    }
    for file in FILES {
        absent(std::fs::remove_file(root.join(file)))?;
    }
    Ok(())
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Something in the folder that is not of a rehearsal. The lock is there already: it is taken first.
fn foreign(root: &Path) -> io::Result<Option<String>> {
    for entry in std::fs::read_dir(root)? {
        let name = entry?.file_name();
        if name != "lock" {
            return Ok(Some(name.display().to_string()));
        }
    }
    Ok(None)
}

/// The world is whole.
pub(super) fn finish(home: &Home) -> Result<(), DiskError> {
    let flag = home.folder.root().join(UNFINISHED);
    std::fs::remove_file(&flag).map_err(DiskError::to("remove", &flag))
}

/// Copies the user's files, so that the rehearsal can be resumed without them.
pub(super) fn copy_files(home: &Home, files: &InputFiles) -> Result<(), LayoutError> {
    for name in files.names() {
        let relative = Path::new(&name);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(LayoutError::OutsideFile { name, directory: files.directory().to_owned() });
        }
        let (from, to) = (files.directory().join(relative), home.files.join(relative));
        let copied = std::fs::create_dir_all(to.parent().unwrap_or(&home.files))
            .and_then(|()| std::fs::copy(&from, &to));
        copied.map_err(DiskError::to("copy", &from))?;
    }
    Ok(())
}

/// Lets the run's stores read the objects of the world's repositories, which are on the same disk: a real run fetches a
/// history once and keeps it, a rehearsal begins with nothing every time.
pub(super) fn lend(home: &Home, files: &InputFiles) -> Result<(), LayoutError> {
    for repo in files.inputs().repos() {
        let lender = home.folder.root().join("git").join(format!("{}.git", repo.name));
        if lender.is_dir() {
            Store::lay_out_borrowing(&home.folder.store(&repo.name), &lender)?;
        }
    }
    Ok(())
}
