//! A tree's entries, read from its raw form: `<mode> <name>\0<id>`, one after the other.
//!
//! A pick opens hundreds of directories to look at one entry of each. libgit2's own trees copy and check every entry,
//! which takes as long as all the rest.

use std::cmp::Ordering;

use git2::{ObjectType, Oid, Repository};

use super::entry::{EntryKind, TreeEntry};
use super::store::lookup;
use crate::git::error::GitError;

/// A directory's bytes.
#[derive(Debug)]
pub(crate) struct RawTree {
    id: Oid,
    bytes: Vec<u8>,
}

/// One entry under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedEntry<'tree> {
    /// One part of a path, as git keeps it.
    pub(crate) name: &'tree [u8],
    /// What the tree holds under it.
    pub(crate) entry: TreeEntry,
}

const ID: usize = 20;
const DIRECTORY: i32 = 0o040_000;
/// How many digits a mode has at most.
const LONGEST_MODE: usize = 8;

impl RawTree {
    /// Reads one directory, without those below it.
    ///
    /// # Errors
    /// [`GitError::Missing`] when the clone lacks the object; another when it is no tree.
    pub(crate) fn read(repository: &Repository, id: Oid) -> Result<RawTree, GitError> {
        let failed = |source| lookup(id, source);
        let odb = repository.odb().map_err(failed)?;
        let object = odb.read(id).map_err(failed)?;
        if object.kind() != ObjectType::Tree {
            return Err(GitError::Malformed { id: id.to_string() });
        }
        Ok(RawTree { id, bytes: object.data().to_vec() })
    }

    /// The directory, if there is one.
    pub(crate) fn read_if_any(repository: &Repository, id: Option<Oid>) -> Result<Option<RawTree>, GitError> {
        id.map(|id| RawTree::read(repository, id)).transpose()
    }

    /// Every entry, in git's order; a directory that is not there has none.
    pub(crate) fn entries_if_any(tree: Option<&RawTree>) -> Result<Vec<NamedEntry<'_>>, GitError> {
        tree.map_or(Ok(Vec::new()), RawTree::entries)
    }

    /// Every entry, in git's order.
    pub(crate) fn entries(&self) -> Result<Vec<NamedEntry<'_>>, GitError> {
        self.each(|piece| Some(NamedEntry { name: piece.name, entry: piece.entry()? }))
    }

    /// Every entry as it stands; a directory that is not there has none.
    pub(super) fn pieces_if_any(tree: Option<&RawTree>) -> Result<Vec<Piece<'_>>, GitError> {
        tree.map_or(Ok(Vec::new()), |tree| tree.each(Some))
    }

    /// The entry of this name.
    pub(crate) fn get(&self, name: &[u8]) -> Result<Option<TreeEntry>, GitError> {
        let mut rest = self.bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = Piece::read(rest).ok_or_else(|| self.malformed())?;
            if piece.name == name {
                return piece.entry().map(Some).ok_or_else(|| self.malformed());
            }
            rest = behind;
        }
        Ok(None)
    }

    fn each<'tree, T>(&'tree self, of: impl Fn(Piece<'tree>) -> Option<T>) -> Result<Vec<T>, GitError> {
        let mut found = Vec::with_capacity(self.bytes.len() / 32);
        let mut rest = self.bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = Piece::read(rest).ok_or_else(|| self.malformed())?;
            found.push(of(piece).ok_or_else(|| self.malformed())?);
            rest = behind;
        }
        Ok(found)
    }

    fn malformed(&self) -> GitError {
        GitError::Malformed { id: self.id.to_string() }
    }
}

/// An entry whose id is still bytes: most are passed by on the way to another, or stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'tree> {
    mode: i32,
    /// As in [`NamedEntry`].
    pub(super) name: &'tree [u8],
    id: &'tree [u8],
}

impl<'tree> Piece<'tree> {
    /// The entry as it will stand.
    pub(super) fn of(named: &'tree NamedEntry<'tree>) -> Piece<'tree> {
        Piece { mode: named.entry.mode, name: named.name, id: named.entry.id.as_bytes() }
    }

    fn read(bytes: &'tree [u8]) -> Option<(Piece<'tree>, &'tree [u8])> {
        let (mut mode, mut length) = (0, 0);
        loop {
            match *bytes.get(length)? {
                b' ' => break,
                digit @ b'0'..=b'7' if length < LONGEST_MODE => mode = mode * 8 + i32::from(digit - b'0'),
                _ => return None,
            }
            length += 1;
        }
        let rest = &bytes[length + 1..];
        let end = rest.iter().position(|&byte| byte == 0)?;
        let (id, behind) = rest[end + 1..].split_at_checked(ID)?;
        Some((Piece { mode: usual(mode), name: &rest[..end], id }, behind))
    }

    /// What it says; nothing where its id is none.
    pub(super) fn entry(&self) -> Option<TreeEntry> {
        Some(TreeEntry { id: Oid::from_bytes(self.id).ok()?, mode: self.mode })
    }

    /// As [`in_tree_order`].
    pub(super) fn in_tree_order(left: &Piece<'_>, right: &Piece<'_>) -> Ordering {
        tree_order((left.name, left.mode), (right.name, right.mode))
    }
}

/// The mode as git reads it: old trees hold modes that it writes no more (`canon_mode`).
fn usual(mode: i32) -> i32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        0o120_000 => 0o120_000,
        DIRECTORY => DIRECTORY,
        _ => 0o160_000,
    }
}

/// The raw form of a directory with these entries, which must be in git's order.
pub(super) fn raw(pieces: &[Piece<'_>]) -> Vec<u8> {
    let size = |piece: &Piece<'_>| LONGEST_MODE + piece.name.len() + ID;
    let mut bytes = Vec::with_capacity(pieces.iter().map(size).sum());
    for Piece { mode, name, id } in pieces {
        match *mode {
            0o100_644 => bytes.extend_from_slice(b"100644 "),
            DIRECTORY => bytes.extend_from_slice(b"40000 "),
            _ => bytes.extend_from_slice(format!("{mode:o} ").as_bytes()),
        }
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id);
    }
    bytes
}

/// One name that two directories have differently.
pub(crate) struct EntryPair<'old, 'new> {
    /// `None` if only the new directory has the name.
    pub(crate) old: Option<NamedEntry<'old>>,
    /// `None` if only the old directory has the name.
    pub(crate) new: Option<NamedEntry<'new>>,
}

impl EntryPair<'_, '_> {
    /// The name that both share, or the one that there is.
    pub(crate) fn name(&self) -> &[u8] {
        self.old.map(|old| old.name).or(self.new.map(|new| new.name)).unwrap_or_default()
    }

    /// The old entry and the new one.
    pub(crate) fn entries(&self) -> (Option<TreeEntry>, Option<TreeEntry>) {
        (self.old.map(|old| old.entry), self.new.map(|new| new.entry))
    }

    /// Whether this is a directory, on the sides that have it. A file and a directory of one name are two pairs.
    pub(crate) fn is_directory(&self) -> bool {
        let (old, new) = self.entries();
        old.or(new).is_some_and(|entry| entry.kind() == EntryKind::Directory)
    }
}

/// The names that two directories have differently, in git's order.
pub(crate) fn differing<'old, 'new>(
    old: &[NamedEntry<'old>],
    new: &[NamedEntry<'new>],
) -> impl Iterator<Item = EntryPair<'old, 'new>> {
    let (mut left, mut right) = (old.iter().copied().peekable(), new.iter().copied().peekable());
    std::iter::from_fn(move || {
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => in_tree_order(old, new),
            };
            let old = if order == Ordering::Greater { None } else { left.next() };
            let new = if order == Ordering::Less { None } else { right.next() };
            let pair = EntryPair { old, new };
            let (before, after) = pair.entries();
            if before != after {
                return Some(pair);
            }
        }
    })
}

/// Git's order: a directory sorts as if its name ended in `/`.
fn in_tree_order(left: &NamedEntry<'_>, right: &NamedEntry<'_>) -> Ordering {
    tree_order((left.name, left.entry.mode), (right.name, right.entry.mode))
}

fn tree_order(left: (&[u8], i32), right: (&[u8], i32)) -> Ordering {
    let shared = left.0.len().min(right.0.len());
    let behind = |(name, mode): (&[u8], i32)| match name.get(shared) {
        Some(byte) => *byte,
        None if mode == DIRECTORY => b'/',
        None => 0,
    };
    left.0[..shared].cmp(&right.0[..shared]).then_with(|| behind(left).cmp(&behind(right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str)]) -> RawTree {
        let id = [7; ID];
        let bytes = entries
            .iter()
            .flat_map(|(mode, name)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &id].concat());
        RawTree { id: Oid::ZERO_SHA1, bytes: bytes.collect() }
    }

    #[test]
    fn what_is_read_is_written_again_byte_for_byte_but_for_old_modes() {
        let read = tree(&[("100755", "a"), ("40000", "b"), ("160000", "c")]);
        let written = |tree: &RawTree| raw(&RawTree::pieces_if_any(Some(tree)).unwrap());
        assert_eq!(written(&read), read.bytes);
        let old = tree(&[("100664", "a")]);
        assert_eq!(written(&old), tree(&[("100644", "a")]).bytes);
    }

    #[test]
    fn entries_come_with_name_mode_and_id() {
        let tree = tree(&[("100644", "a b"), ("40000", "c"), ("120000", "é")]);
        let entries = tree.entries().unwrap();
        let told: Vec<_> = entries.iter().map(|named| (named.name, named.entry.mode)).collect();
        assert_eq!(told, [(&b"a b"[..], 0o100_644), (b"c", 0o040_000), ("é".as_bytes(), 0o120_000)]);
        assert_eq!(tree.get(b"c").unwrap().unwrap().kind(), EntryKind::Directory);
        assert_eq!(tree.get(b"d").unwrap(), None);
    }

    #[test]
    fn a_tree_that_is_cut_short_is_an_error() {
        let mut tree = tree(&[("100644", "a"), ("100644", "b")]);
        tree.bytes.pop();
        assert!(matches!(tree.entries(), Err(GitError::Malformed { .. })));
        assert!(matches!(tree.get(b"b"), Err(GitError::Malformed { .. })));
    }

    #[test]
    fn directory_and_file_of_one_name_are_two_pairs() {
        let (old, new) =
            (tree(&[("100644", "a"), ("100644", "a.b")]), tree(&[("100644", "a.b"), ("40000", "a")]));
        let (old, new) = (old.entries().unwrap(), new.entries().unwrap());
        let pairs: Vec<_> = differing(&old, &new)
            .map(|pair| (pair.old.is_some(), pair.new.is_some(), pair.is_directory()))
            .collect();
        assert_eq!(pairs, [(true, false, false), (false, true, true)]);
    }
}
