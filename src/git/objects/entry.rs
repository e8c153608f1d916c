//! What trees are made of: paths, entries, and what differs between two trees.

use git2::Oid;

/// A path as git keeps it: bytes, `/` between the parts.
pub(crate) type PathBytes = Vec<u8>;

/// What a tree holds under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TreeEntry {
    /// The object; a submodule's is a commit of another repository.
    pub(crate) id: Oid,
    /// The mode as git writes it, in octal `100644`, `120000` and so on.
    pub(crate) mode: i32,
}

/// What kind of thing a mode stands for. Two versions of different kinds are never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A file, executable or not.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A tree.
    Directory,
}

impl TreeEntry {
    /// What its mode stands for; whatever is nothing else is a file.
    pub(crate) fn kind(self) -> EntryKind {
        match self.mode {
            0o120_000 => EntryKind::Link,
            0o160_000 => EntryKind::Submodule,
            0o040_000 => EntryKind::Directory,
            _ => EntryKind::File,
        }
    }
}

/// One path that differs between two trees; never a directory.
#[derive(Debug, Clone)]
pub(crate) struct TreeChange {
    /// From the root of the trees.
    pub(crate) path: PathBytes,
    /// `None` if it was added.
    pub(crate) old: Option<TreeEntry>,
    /// `None` if it was deleted.
    pub(crate) new: Option<TreeEntry>,
}

/// A path's directory (empty for the root) and its last part.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}

/// Every directory above a path, nearest first, without the root.
pub(crate) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parent = |path| {
        let (directory, _) = split(path);
        (!directory.is_empty()).then_some(directory)
    };
    std::iter::successors(parent(path), move |&directory| parent(directory))
}
