//! Trees as picking sees them: what differs between two, what is at a path, and a tree with a few paths changed.
//!
//! Equal subtrees are never opened, so the cost is that of the difference, not of the tree.

use std::collections::{BTreeMap, HashMap};

use git2::{ObjectType, Oid, Repository};

use super::entry::{EntryKind, PathBytes, TreeChange, TreeEntry, split};
use super::raw_tree::{NamedEntry, Piece, RawTree, differing, raw};
use super::sink::Sink;
use crate::git::error::GitError;

/// The paths that differ between two trees, in tree order.
pub(crate) fn changes(repository: &Repository, old: Oid, new: Oid) -> Result<Vec<TreeChange>, GitError> {
    let mut found = Vec::new();
    compare(repository, Some(old), Some(new), &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// Every file under one tree, as additions.
pub(crate) fn files_under(
    repository: &Repository,
    tree: Oid,
    prefix: &[u8],
) -> Result<Vec<TreeChange>, GitError> {
    let mut found = Vec::new();
    compare(repository, None, Some(tree), &mut prefix.to_vec(), &mut found)?;
    Ok(found)
}

fn compare(
    repository: &Repository,
    old: Option<Oid>,
    new: Option<Oid>,
    prefix: &mut PathBytes,
    found: &mut Vec<TreeChange>,
) -> Result<(), GitError> {
    if old == new {
        return Ok(());
    }
    let (old, new) = (RawTree::read_if_any(repository, old)?, RawTree::read_if_any(repository, new)?);
    let (old, new) = (RawTree::entries_if_any(old.as_ref())?, RawTree::entries_if_any(new.as_ref())?);
    for pair in differing(&old, &new) {
        let length = prefix.len();
        prefix.extend_from_slice(pair.name());
        let (old, new) = pair.entries();
        if pair.is_directory() {
            prefix.push(b'/');
            compare(repository, old.map(|entry| entry.id), new.map(|entry| entry.id), prefix, found)?;
        } else {
            found.push(TreeChange { path: prefix.clone(), old, new });
        }
        prefix.truncate(length);
    }
    Ok(())
}

/// Looks up paths in one tree and keeps the directories it opened.
pub(crate) struct Lookup<'repo> {
    repository: &'repo Repository,
    directories: HashMap<PathBytes, Option<RawTree>>,
}

impl<'repo> Lookup<'repo> {
    /// Opens the root; the directories below it are opened when a path goes through them.
    pub(crate) fn new(repository: &'repo Repository, tree: Oid) -> Result<Lookup<'repo>, GitError> {
        let root = Some(RawTree::read(repository, tree)?);
        Ok(Lookup { repository, directories: HashMap::from([(Vec::new(), root)]) })
    }

    /// What is at the path, a directory included.
    pub(crate) fn entry(&mut self, path: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        let (directory, name) = split(path);
        self.open(directory)?;
        let tree = self.directories.get(directory).and_then(Option::as_ref);
        Ok(tree.map(|tree| tree.get(name)).transpose()?.flatten())
    }

    /// The file at the path; a directory is none.
    pub(crate) fn file(&mut self, path: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        Ok(self.entry(path)?.filter(|entry| entry.kind() != EntryKind::Directory))
    }

    fn open(&mut self, directory: &[u8]) -> Result<(), GitError> {
        if self.directories.contains_key(directory) {
            return Ok(());
        }
        let tree = match self.entry(directory)? {
            Some(entry) if entry.kind() == EntryKind::Directory => {
                Some(RawTree::read(self.repository, entry.id)?)
            }
            _ => None,
        };
        self.directories.insert(directory.to_vec(), tree);
        Ok(())
    }
}

/// What a path becomes: an entry, or nothing.
pub(crate) type Updates = BTreeMap<PathBytes, Option<TreeEntry>>;

/// Writes the tree that differs from `base` at these paths only; directories that become empty go.
pub(crate) fn updated(repository: &Repository, base: Oid, updates: &Updates) -> Result<Oid, GitError> {
    updated_into(repository, &Sink::Repository, base, updates)
}

/// As [`updated`], into a sink.
pub(crate) fn updated_into(
    repository: &Repository,
    sink: &Sink,
    base: Oid,
    updates: &Updates,
) -> Result<Oid, GitError> {
    if updates.is_empty() {
        return Ok(base);
    }
    let list: Vec<_> = updates.iter().map(|(path, entry)| (path.as_slice(), *entry)).collect();
    match write((repository, sink), Some(base), &list)? {
        Some(tree) => Ok(tree),
        None => sink.put(repository, ObjectType::Tree, Vec::new()),
    }
}

fn write(
    (repository, sink): (&Repository, &Sink),
    base: Option<Oid>,
    updates: &[(&[u8], Option<TreeEntry>)],
) -> Result<Option<Oid>, GitError> {
    let base = RawTree::read_if_any(repository, base)?;
    let mut names: BTreeMap<&[u8], Under<'_>> = BTreeMap::new();
    for (path, entry) in updates {
        match path.iter().position(|&byte| byte == b'/') {
            Some(at) => names.entry(&path[..at]).or_default().below.push((&path[at + 1..], *entry)),
            None => names.entry(path).or_default().here = Some(*entry),
        }
    }
    let mut pieces = RawTree::pieces_if_any(base.as_ref())?;
    pieces.retain(|piece| match names.get_mut(piece.name) {
        Some(under) => {
            under.before = piece.entry();
            false
        }
        None => true,
    });
    let mut put = Vec::with_capacity(names.len());
    for (name, under) in names {
        put.extend(under.outcome((repository, sink))?.map(|entry| NamedEntry { name, entry }));
    }
    pieces.extend(put.iter().map(Piece::of));
    pieces.sort_by(Piece::in_tree_order);
    match pieces.as_slice() {
        [] => Ok(None),
        pieces => sink.put(repository, ObjectType::Tree, raw(pieces)).map(Some),
    }
}

/// What happens under one name of a directory: to the thing itself, and to what is below it.
#[derive(Default)]
struct Under<'path> {
    before: Option<TreeEntry>,
    here: Option<Option<TreeEntry>>,
    below: Vec<(&'path [u8], Option<TreeEntry>)>,
}

impl Under<'_> {
    fn outcome(&self, into: (&Repository, &Sink)) -> Result<Option<TreeEntry>, GitError> {
        if let Some(Some(entry)) = self.here {
            return Ok(Some(entry));
        }
        let directory = self.before.filter(|entry| entry.kind() == EntryKind::Directory);
        if self.below.is_empty() {
            // Removing a file must not take a directory that has come in its place.
            return Ok(directory);
        }
        let kept = if self.here.is_none() && directory.is_none() { self.before } else { None };
        let tree = write(into, directory.map(|entry| entry.id), &self.below)?;
        Ok(tree.map(|id| TreeEntry { id, mode: 0o040_000 }).or(kept))
    }
}
