//! A mirror's objects and references, copied once for a world.
//!
//! They could be borrowed where they are. But git touches the packs and loose objects that it borrows from, whenever
//! it is about to write an object that they hold already (it keeps them from being cleaned away), and a mirror is
//! never written to, not even its dates. The copy is of files as they are: it costs no packing, and on a file
//! system that shares blocks no room.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::emulator::git::{GitFailure, answer};

/// The parts of a pack that are copied. Indexes of other kinds are hints, and name packs by set.
///
/// Marks of a partial clone (`.promisor`) stay behind: where git 2.47 finds a pushed commit in a marked pack, it ends
/// the check of the push without closing its channel for messages, and `receive-pack` waits for ever.
const PACK_PARTS: [&str; 3] = ["pack", "idx", "rev"];

/// Says in their place that objects may be missing.
const PROMISED: &str = "objects/info/promised";

/// Why a mirror was not copied.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It is no repository, or git cannot read it.
    #[error(transparent)]
    Git(#[from] GitFailure),
    /// A file could not be read, or the copy not written.
    #[error("failed to copy `{}`", path.display())]
    Copy {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Copies what the mirror at `from` holds into the bare repository `into`, which must not exist.
pub(super) fn copy(from: &Path, into: &Path) -> Result<(), MirrorError> {
    let directory = answer(from, &["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
    let directory = PathBuf::from(directory.trim_end_matches('\n'));
    let references = answer(from, &["for-each-ref", "--format=%(objectname) %(refname)"])?;
    let to = Copying { into };
    for part in ["objects/info", "objects/pack", "refs"] {
        to.directory(Path::new(part))?;
    }
    for objects in object_directories(&directory.join("objects")) {
        to.objects(&objects)?;
    }
    let shallow = directory.join("shallow");
    if shallow.is_file() {
        to.file(&shallow, Path::new("shallow"))?;
    }
    to.text("HEAD", "ref: refs/heads/main\n")?;
    to.text("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
    to.text("packed-refs", &references)
}

/// The object directory and those that it borrows from itself.
fn object_directories(first: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = vec![first.to_owned()];
    let mut next = 0;
    while let Some(objects) = found.get(next).cloned() {
        next += 1;
        let lent = fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
        for line in lent.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let lender = objects.join(line);
            if !found.contains(&lender) {
                found.push(lender);
            }
        }
    }
    found
}

/// A copy in the making.
struct Copying<'a> {
    into: &'a Path,
}

impl Copying<'_> {
    fn objects(&self, objects: &Path) -> Result<(), MirrorError> {
        for folder in entries(objects)? {
            let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
            let loose = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !loose && name != "pack" {
                continue;
            }
            let inside = Path::new("objects").join(name);
            self.directory(&inside)?;
            for file in entries(&folder)? {
                let end = file.extension().and_then(|end| end.to_str());
                let wanted =
                    if loose { end.is_none() } else { end.is_some_and(|end| PACK_PARTS.contains(&end)) };
                if end == Some("promisor") {
                    self.text(PROMISED, "")?;
                }
                if let Some(name) = file.file_name().filter(|_| wanted) {
                    self.file(&file, &inside.join(name))?;
                }
            }
        }
        Ok(())
    }

    fn file(&self, from: &Path, to: &Path) -> Result<(), MirrorError> {
        let to = self.into.join(to);
        if !to.exists() {
            fs::copy(from, &to).map_err(|source| failed(from, source))?;
        }
        Ok(())
    }

    fn directory(&self, path: &Path) -> Result<(), MirrorError> {
        let path = self.into.join(path);
        fs::create_dir_all(&path).map_err(|source| failed(&path, source))
    }

    fn text(&self, name: &str, text: &str) -> Result<(), MirrorError> {
        let path = self.into.join(name);
        fs::write(&path, text).map_err(|source| failed(&path, source))
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, MirrorError> {
    let read = fs::read_dir(directory).map_err(|source| failed(directory, source))?;
    read.map(|entry| entry.map(|entry| entry.path()).map_err(|source| failed(directory, source))).collect()
}

fn failed(path: &Path, source: io::Error) -> MirrorError {
    MirrorError::Copy { path: path.to_owned(), source }
}
