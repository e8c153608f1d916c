//! The tree of one told commit, made in an index in memory.

use std::path::Path;

use git2::{Diff, Index, IndexEntry, IndexTime, Oid, Repository};

use super::error::EntryError;
use super::told::ToldCommit;

/// Git's mode of an ordinary file.
const ORDINARY: u32 = 0o100_644;
/// Git's mode of an executable file. Modes are told, not read: a checkout on another system may have lost them.
const EXECUTABLE: u32 = 0o100_755;

/// The tree of the entry: the one before, patched, overlaid, thinned out, in this order.
pub(super) fn after(
    repository: &Repository,
    before: Option<&git2::Tree<'_>>,
    directory: &Path,
    told: &ToldCommit,
) -> Result<Oid, EntryError> {
    let mut index = Index::new()?;
    if let Some(before) = before {
        index.read_tree(before)?;
    }
    if let Some(patch) = &told.patch {
        index = patched(repository, &index.write_tree_to(repository)?, &directory.join(patch))?;
    }
    if let Some(files) = &told.files {
        overlay(repository, &mut index, &directory.join(files), "")?;
    }
    for path in &told.delete {
        index.get_path(Path::new(path), 0).ok_or_else(|| EntryError::NoSuchPath(path.clone()))?;
        index.remove_path(Path::new(path))?;
    }
    for path in &told.executable {
        let there = index.get_path(Path::new(path), 0);
        let entry = there.ok_or_else(|| EntryError::NoSuchPath(path.clone()))?;
        index.add(&IndexEntry { mode: EXECUTABLE, ..entry })?;
    }
    Ok(index.write_tree_to(repository)?)
}

fn patched(repository: &Repository, tree: &Oid, path: &Path) -> Result<Index, EntryError> {
    let text = std::fs::read(path).map_err(|source| EntryError::Read { path: path.to_owned(), source })?;
    let refused = |source| EntryError::Patch { path: path.to_owned(), source };
    let diff = Diff::from_buffer(&text).map_err(refused)?;
    repository.apply_to_tree(&repository.find_tree(*tree)?, &diff, None).map_err(refused)
}

/// Puts every file below `directory` into the index, at `prefix` (empty, or ending in a slash).
fn overlay(
    repository: &Repository,
    index: &mut Index,
    directory: &Path,
    prefix: &str,
) -> Result<(), EntryError> {
    let read = |path: &Path, source| EntryError::Read { path: path.to_owned(), source };
    for entry in std::fs::read_dir(directory).map_err(|source| read(directory, source))? {
        let entry = entry.map_err(|source| read(directory, source))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|source| read(&path, source))?;
        let name = entry.file_name().into_string().map_err(|_| EntryError::NotPlain(path.clone()))?;
        if kind.is_dir() {
            overlay(repository, index, &path, &format!("{prefix}{name}/"))?;
        } else if kind.is_file() {
            let content = std::fs::read(&path).map_err(|source| read(&path, source))?;
            lay(repository, index, &format!("{prefix}{name}"), &content)?;
        } else {
            return Err(EntryError::NotPlain(path));
        }
    }
    Ok(())
}

/// Writes one file; one that is there keeps its mode.
fn lay(repository: &Repository, index: &mut Index, path: &str, content: &[u8]) -> Result<(), EntryError> {
    let mode = index.get_path(Path::new(path), 0).map_or(ORDINARY, |there| there.mode);
    let never = IndexTime::new(0, 0);
    let id = repository.blob(content)?;
    index.add(&IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    })?;
    Ok(())
}
