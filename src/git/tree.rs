//! Trees as picking sees them: what differs between two, what is at a path, and a tree with a few paths changed.
//!
//! Equal subtrees are never opened, so the cost is that of the difference, not of the tree.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use git2::{ObjectType, Oid, Repository, Tree, TreeEntry};

use super::error::{Doing, GitError};
use super::store::lookup;

/// A path as git keeps it: bytes, `/` between the parts.
pub(super) type PathBytes = Vec<u8>;

/// What a tree holds under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) id: Oid,
    pub(super) mode: i32,
}

/// What kind of thing a mode stands for. Two versions of different kinds are never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Submodule,
    Directory,
}

impl Entry {
    fn of(entry: &TreeEntry<'_>) -> Entry {
        Entry { id: entry.id(), mode: entry.filemode() }
    }

    pub(super) fn kind(self) -> Kind {
        match self.mode {
            0o120_000 => Kind::Link,
            0o160_000 => Kind::Submodule,
            0o040_000 => Kind::Directory,
            _ => Kind::File,
        }
    }
}

/// One path that differs between two trees; never a directory.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) path: PathBytes,
    pub(super) old: Option<Entry>,
    pub(super) new: Option<Entry>,
}

/// The paths that differ between two trees, in tree order.
pub(super) fn changes(repository: &Repository, old: Oid, new: Oid) -> Result<Vec<Change>, GitError> {
    let mut found = Vec::new();
    compare(repository, Some(old), Some(new), &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// Every file under one tree, as additions.
pub(super) fn files_under(
    repository: &Repository,
    tree: Oid,
    prefix: &[u8],
) -> Result<Vec<Change>, GitError> {
    let mut found = Vec::new();
    compare(repository, None, Some(tree), &mut prefix.to_vec(), &mut found)?;
    Ok(found)
}

fn compare(
    repository: &Repository,
    old: Option<Oid>,
    new: Option<Oid>,
    prefix: &mut PathBytes,
    found: &mut Vec<Change>,
) -> Result<(), GitError> {
    if old == new {
        return Ok(());
    }
    let (old, new) = (open(repository, old)?, open(repository, new)?);
    let mut left = entries(old.as_ref()).peekable();
    let mut right = entries(new.as_ref()).peekable();
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => in_tree_order(old, new),
        };
        let old = if order == Ordering::Greater { None } else { left.next() };
        let new = if order == Ordering::Less { None } else { right.next() };
        let Some(name) = old.as_ref().or(new.as_ref()).map(|entry| entry.name_bytes().to_vec()) else {
            continue;
        };
        let (old, new) = (old.map(|entry| Entry::of(&entry)), new.map(|entry| Entry::of(&entry)));
        if old == new {
            continue;
        }
        let length = prefix.len();
        prefix.extend_from_slice(&name);
        // A file and a directory of one name are never paired by the order above.
        if old.or(new).is_some_and(|entry| entry.kind() == Kind::Directory) {
            prefix.push(b'/');
            compare(repository, old.map(|entry| entry.id), new.map(|entry| entry.id), prefix, found)?;
        } else {
            found.push(Change { path: prefix.clone(), old, new });
        }
        prefix.truncate(length);
    }
}

fn open(repository: &Repository, tree: Option<Oid>) -> Result<Option<Tree<'_>>, GitError> {
    tree.map(|id| repository.find_tree(id).map_err(|source| lookup(id, source))).transpose()
}

fn entries<'tree>(tree: Option<&'tree Tree<'_>>) -> impl Iterator<Item = TreeEntry<'tree>> {
    tree.into_iter().flat_map(Tree::iter)
}

/// Git's order: a directory sorts as if its name ended in `/`.
fn in_tree_order(left: &TreeEntry<'_>, right: &TreeEntry<'_>) -> Ordering {
    let slash = |entry: &TreeEntry<'_>| (entry.kind() == Some(ObjectType::Tree)).then_some(b'/');
    let (a, b) = (left.name_bytes(), right.name_bytes());
    a.iter().copied().chain(slash(left)).cmp(b.iter().copied().chain(slash(right)))
}

/// Looks up paths in one tree and keeps the directories it opened.
pub(super) struct Lookup<'repo> {
    repository: &'repo Repository,
    directories: HashMap<PathBytes, Option<Tree<'repo>>>,
}

impl<'repo> Lookup<'repo> {
    pub(super) fn new(repository: &'repo Repository, tree: Oid) -> Result<Lookup<'repo>, GitError> {
        let root = open(repository, Some(tree))?;
        Ok(Lookup { repository, directories: HashMap::from([(Vec::new(), root)]) })
    }

    /// What is at the path, a directory included.
    pub(super) fn entry(&mut self, path: &[u8]) -> Result<Option<Entry>, GitError> {
        let (directory, name) = split(path);
        self.open(directory)?;
        let tree = self.directories.get(directory).and_then(Option::as_ref);
        Ok(tree.and_then(|tree| tree.get_name_bytes(name)).map(|entry| Entry::of(&entry)))
    }

    /// The file at the path; a directory is none.
    pub(super) fn file(&mut self, path: &[u8]) -> Result<Option<Entry>, GitError> {
        Ok(self.entry(path)?.filter(|entry| entry.kind() != Kind::Directory))
    }

    fn open(&mut self, directory: &[u8]) -> Result<(), GitError> {
        if self.directories.contains_key(directory) {
            return Ok(());
        }
        let tree = match self.entry(directory)? {
            Some(entry) if entry.kind() == Kind::Directory => open(self.repository, Some(entry.id))?,
            _ => None,
        };
        self.directories.insert(directory.to_vec(), tree);
        Ok(())
    }
}

/// A path's directory (empty for the root) and its last part.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}

/// Every directory above a path, nearest first, without the root.
pub(super) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parent = |path| {
        let (directory, _) = split(path);
        (!directory.is_empty()).then_some(directory)
    };
    std::iter::successors(parent(path), move |&directory| parent(directory))
}

/// What a path becomes: an entry, or nothing.
pub(super) type Updates = BTreeMap<PathBytes, Option<Entry>>;

/// Writes the tree that differs from `base` at these paths only; directories that become empty go.
pub(super) fn updated(repository: &Repository, base: Oid, updates: &Updates) -> Result<Oid, GitError> {
    if updates.is_empty() {
        return Ok(base);
    }
    let list: Vec<_> = updates.iter().map(|(path, entry)| (path.as_slice(), *entry)).collect();
    match write(repository, Some(base), &list)? {
        Some(tree) => Ok(tree),
        None => {
            let empty = repository.treebuilder(None).and_then(|builder| builder.write());
            empty.doing(|| "write the empty tree".to_owned())
        }
    }
}

fn write(
    repository: &Repository,
    base: Option<Oid>,
    updates: &[(&[u8], Option<Entry>)],
) -> Result<Option<Oid>, GitError> {
    let base = open(repository, base)?;
    let mut builder = repository.treebuilder(base.as_ref()).doing(|| "start a tree".to_owned())?;
    let mut names: BTreeMap<&[u8], Named<'_>> = BTreeMap::new();
    for (path, entry) in updates {
        match path.iter().position(|&byte| byte == b'/') {
            Some(at) => names.entry(&path[..at]).or_default().below.push((&path[at + 1..], *entry)),
            None => names.entry(path).or_default().here = Some(*entry),
        }
    }
    for (name, change) in names {
        let there = base.as_ref().and_then(|tree| tree.get_name_bytes(name)).map(|entry| Entry::of(&entry));
        let wanted = change.outcome(repository, there)?;
        match wanted {
            Some(entry) => {
                builder.insert(name, entry.id, entry.mode).doing(|| "fill a tree".to_owned())?;
            }
            None if there.is_some() => builder.remove(name).doing(|| "thin a tree".to_owned())?,
            None => {}
        }
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some).doing(|| "write a tree".to_owned()) }
}

/// What happens under one name of a directory: to the thing itself, and to what is below it.
#[derive(Default)]
struct Named<'path> {
    here: Option<Option<Entry>>,
    below: Vec<(&'path [u8], Option<Entry>)>,
}

impl Named<'_> {
    fn outcome(&self, repository: &Repository, there: Option<Entry>) -> Result<Option<Entry>, GitError> {
        if let Some(Some(entry)) = self.here {
            return Ok(Some(entry));
        }
        let directory = there.filter(|entry| entry.kind() == Kind::Directory);
        if self.below.is_empty() {
            // Removing a file must not take a directory that has come in its place.
            return Ok(directory);
        }
        let kept = if self.here.is_none() && directory.is_none() { there } else { None };
        let tree = write(repository, directory.map(|entry| entry.id), &self.below)?;
        Ok(tree.map(|id| Entry { id, mode: 0o040_000 }).or(kept))
    }
}
