//! What went and what came from one tree to another: where a rename is looked for.
//!
//! TurnoverFiles that only changed are left out, and each pair of directories is compared once: from one release line to the next
//! most directories are the same, so a fix that is carried to fifty lines pays for few of them twice.

use std::sync::Arc;

use git2::{Oid, Repository};

use crate::git::GitError;
use crate::git::plumbing::{ByPair, EntryPair, PathBytes, RawTree, TreeChange, TreeEntry, differing, split};

/// How many pairs of directories are remembered at most, some 20 MB.
const MOST: usize = 200_000;

/// What went and came in one directory and below it, in tree order.
#[derive(Debug, Default)]
pub(in crate::backport) struct Turnover {
    parts: Vec<TurnoverPart>,
}

#[derive(Debug)]
enum TurnoverPart {
    Gone(Box<[u8]>, TreeEntry),
    Came(Box<[u8]>, TreeEntry),
    Below(Box<[u8]>, Arc<Turnover>),
}

/// A file that went or came.
#[derive(Debug, Clone)]
pub(in crate::backport) struct TurnoverFile<'turnover> {
    pub(in crate::backport) directory: Arc<[u8]>,
    pub(in crate::backport) name: &'turnover [u8],
    pub(in crate::backport) entry: TreeEntry,
}

impl TurnoverFile<'_> {
    pub(in crate::backport) fn path(&self) -> PathBytes {
        joined(&self.directory, self.name)
    }
}

/// The files of a turnover.
#[derive(Debug, Default)]
pub(in crate::backport) struct TurnoverFiles<'turnover> {
    pub(in crate::backport) gone: Vec<TurnoverFile<'turnover>>,
    pub(in crate::backport) came: Vec<TurnoverFile<'turnover>>,
}

impl<'changes> TurnoverFiles<'changes> {
    /// What goes and comes by these changes.
    pub(in crate::backport) fn of(changes: &'changes [TreeChange]) -> TurnoverFiles<'changes> {
        let mut files = TurnoverFiles::default();
        for change in changes {
            let (directory, name) = split(&change.path);
            let file = |entry: TreeEntry| TurnoverFile { directory: directory.into(), name, entry };
            match (change.old, change.new) {
                (Some(gone), None) => files.gone.push(file(gone)),
                (None, Some(came)) => files.came.push(file(came)),
                _ => {}
            }
        }
        files
    }
}

impl Turnover {
    /// All files, in tree order.
    pub(in crate::backport) fn files(&self) -> TurnoverFiles<'_> {
        let mut files = TurnoverFiles::default();
        self.collect(Arc::from(&b""[..]), &mut files);
        files
    }

    fn collect<'turnover>(&'turnover self, directory: Arc<[u8]>, files: &mut TurnoverFiles<'turnover>) {
        let file = |name: &'turnover [u8], entry: &TreeEntry| TurnoverFile {
            directory: Arc::clone(&directory),
            name,
            entry: *entry,
        };
        for part in &self.parts {
            match part {
                TurnoverPart::Gone(name, entry) => files.gone.push(file(name, entry)),
                TurnoverPart::Came(name, entry) => files.came.push(file(name, entry)),
                TurnoverPart::Below(name, below) => below.collect(joined(&directory, name).into(), files),
            }
        }
    }
}

fn joined(directory: &[u8], name: &[u8]) -> PathBytes {
    if directory.is_empty() { name.to_vec() } else { [directory, b"/", name].concat() }
}

/// Every pair of directories that was compared.
#[derive(Debug, Default)]
pub(in crate::backport) struct Turnovers {
    known: ByPair<Arc<Turnover>>,
}

impl Turnovers {
    /// The turnover from one tree to another.
    pub(in crate::backport) fn between(
        &mut self,
        repository: &Repository,
        old: Oid,
        new: Oid,
    ) -> Result<Arc<Turnover>, GitError> {
        self.compare(repository, (Some(old), Some(new)))
    }

    fn compare(
        &mut self,
        repository: &Repository,
        (old, new): (Option<Oid>, Option<Oid>),
    ) -> Result<Arc<Turnover>, GitError> {
        if let Some(known) = self.known.get(&(old, new)) {
            return Ok(Arc::clone(known));
        }
        let (before, after) =
            (RawTree::read_if_any(repository, old)?, RawTree::read_if_any(repository, new)?);
        let (before, after) =
            (RawTree::entries_if_any(before.as_ref())?, RawTree::entries_if_any(after.as_ref())?);
        let mut parts = Vec::new();
        for pair in differing(&before, &after) {
            parts.extend(self.part(repository, &pair)?);
        }
        let found = Arc::new(Turnover { parts });
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert((old, new), Arc::clone(&found));
        Ok(found)
    }

    fn part(
        &mut self,
        repository: &Repository,
        pair: &EntryPair<'_, '_>,
    ) -> Result<Option<TurnoverPart>, GitError> {
        let name = || Box::from(pair.name());
        Ok(match pair.entries() {
            (old, new) if pair.is_directory() => {
                let below =
                    self.compare(repository, (old.map(|entry| entry.id), new.map(|entry| entry.id)))?;
                (!below.parts.is_empty()).then(|| TurnoverPart::Below(name(), below))
            }
            (Some(gone), None) => Some(TurnoverPart::Gone(name(), gone)),
            (None, Some(came)) => Some(TurnoverPart::Came(name(), came)),
            _ => None,
        })
    }
}
