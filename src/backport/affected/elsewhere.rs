//! What is read of a branch's files for a fix, each once: most branches and tags share most of them. And code that
//! moved: hunks of a fix that its own file does not have on a branch, sought in the files beside it.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use git2::Oid;

use super::hunk::{HunkPresence, Search, Share};
use super::kept::{Sought, without_kinds_of_quotes};
use crate::git::plumbing::{EntryKind, Lookup, PathBytes, TreeChange, TreeEntry, above, files_under, split};
use crate::git::{GitError, Store};

/// How many files are read at most in search of code that moved.
const FILES: usize = 600;

/// What files have of a fix's hunks.
#[derive(Default)]
pub(in crate::backport) struct Elsewhere {
    own: HashMap<(PathBytes, Blobs, Option<Oid>), Arc<Vec<Sought>>>,
    beside: HashMap<(Blobs, Oid), Counts>,
}

/// One file's change by a fix: its blobs before and after.
type Blobs = (Option<Oid>, Option<Oid>);

fn blobs(change: &TreeChange) -> Blobs {
    (change.old.map(|entry| entry.id), change.new.map(|entry| entry.id))
}

impl Elsewhere {
    /// The hunks of one file's change in the branch's own version of the file.
    pub(in crate::backport) fn own(
        &mut self,
        change: &TreeChange,
        there: Option<TreeEntry>,
        read: impl FnOnce() -> Result<Vec<Sought>, GitError>,
    ) -> Result<Arc<Vec<Sought>>, GitError> {
        let key = (change.path.clone(), blobs(change), there.map(|entry| entry.id));
        if let Some(known) = self.own.get(&key) {
            return Ok(Arc::clone(known));
        }
        let sought = Arc::new(read()?);
        self.own.insert(key, Arc::clone(&sought));
        Ok(sought)
    }
}

/// What a file has of each hunk: removed lines, those around, added ones. Empty if it has none of any; `None` if the
/// clone lacks the file.
type Counts = Option<Arc<Vec<(Share, Share, Share)>>>;

/// The files of a branch beside one that a fix changes.
pub(in crate::backport) struct OtherBranches<'a> {
    pub(in crate::backport) store: &'a Store,
    /// The branch's tree.
    pub(in crate::backport) branch: Oid,
    /// The file that the fix changes, and how.
    pub(in crate::backport) change: &'a TreeChange,
    /// Its hunks, and what is looked for of each.
    pub(in crate::backport) sought: &'a [Sought],
}

impl OtherBranches<'_> {
    /// Gives each hunk the file that has most of it.
    pub(in crate::backport) fn search(
        &self,
        elsewhere: &mut Elsewhere,
        hunks: &mut [HunkPresence],
    ) -> Result<Search, GitError> {
        let mut files = self.files()?;
        let mut search = if files.len() > FILES { Search::CutShort } else { Search::Everywhere };
        files.truncate(FILES);
        for file in files {
            let key = (blobs(self.change), file.id);
            let counts = match elsewhere.beside.entry(key) {
                Occupied(known) => known.into_mut(),
                Vacant(room) => room.insert(self.counts(file.id)?),
            };
            let Some(counts) = counts else {
                search = Search::CutShort;
                continue;
            };
            for (hunk, (removed, around, added)) in hunks.iter_mut().zip(counts.iter().copied()) {
                let there = HunkPresence { removed, around, added, ..hunk.clone() };
                if there.weight() > hunk.weight() {
                    *hunk = there;
                }
            }
        }
        Ok(search)
    }

    fn counts(&self, file: Oid) -> Result<Counts, GitError> {
        let Some(blob) = self.store.blob_if_here(file)? else { return Ok(None) };
        let wanted: HashSet<&[u8]> = self.sought.iter().flat_map(|(_, wanted)| wanted.all()).collect();
        let text = without_kinds_of_quotes(blob.content().to_vec());
        let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let there: HashSet<&[u8]> = lines.filter_map(|line| wanted.get(line).copied()).collect();
        if there.is_empty() {
            return Ok(Some(Arc::default()));
        }
        Ok(Some(Arc::new(self.sought.iter().map(|(_, wanted)| wanted.among(&there)).collect())))
    }

    /// Files of the same ending in the same part of the tree: the two topmost directories of the path.
    fn files(&self) -> Result<Vec<TreeEntry>, GitError> {
        let ending = |path: &[u8]| split(path).1.rsplit(|&byte| byte == b'.').next().map(<[u8]>::to_vec);
        let mut lookup = Lookup::new(self.store.raw(), self.branch)?;
        let parts: Vec<&[u8]> = above(&self.change.path).collect();
        let part = parts.iter().rev().nth(1).or(parts.last());
        let directory = part.map(|part| lookup.entry(part)).transpose()?.flatten();
        let (root, prefix) = match (directory.filter(|entry| entry.kind() == EntryKind::Directory), part) {
            (Some(entry), Some(part)) => (entry.id, *part),
            _ => (self.branch, &b""[..]),
        };
        let files = files_under(self.store.raw(), root, prefix)?.into_iter();
        let alike =
            files.filter(|file| ending(&file.path) == ending(&self.change.path)).filter_map(|file| file.new);
        Ok(alike.filter(|file| file.kind() == EntryKind::File).collect())
    }
}
