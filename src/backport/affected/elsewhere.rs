//! What is read of a branch's files for a fix, each once: most branches and tags share most of them. And code that
//! moved: hunks of a fix that its own file does not have on a branch, sought in the files beside it, and where none has a line of
//! them, in the rest of the tree.

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
    /// Gives each hunk the file that has most of it, where that is more than any file has.
    pub(in crate::backport) fn search(
        &self,
        elsewhere: &mut Elsewhere,
        hunks: &mut [HunkPresence],
    ) -> Result<Search, GitError> {
        let mut files = self.files_beside()?;
        let mut search = if files.len() > FILES { Search::CutShort } else { Search::Everywhere };
        files.truncate(FILES);
        for file in files {
            let Some(counts) = self.known(elsewhere, file.id)? else {
                search = Search::CutShort;
                continue;
            };
            take_better(hunks, counts, HunkPresence::is_hinted_at);
        }
        Ok(search)
    }

    /// Gives each hunk a file anywhere in the tree that surely has it: a few lines of it are in many files that have nothing to do
    /// with it. The files whose names are most like the fix's are read, as many as beside it.
    pub(in crate::backport) fn search_far(
        &self,
        elsewhere: &mut Elsewhere,
        hunks: &mut [HunkPresence],
    ) -> Result<(), GitError> {
        for file in self.files_far()? {
            let Some(counts) = self.known(elsewhere, file.id)? else { continue };
            take_better(hunks, counts, HunkPresence::is_surely_found);
        }
        Ok(())
    }

    fn known<'e>(&self, elsewhere: &'e mut Elsewhere, file: Oid) -> Result<&'e Counts, GitError> {
        Ok(match elsewhere.beside.entry((blobs(self.change), file)) {
            Occupied(known) => known.into_mut(),
            Vacant(room) => room.insert(self.counts(file)?),
        })
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
    fn files_beside(&self) -> Result<Vec<TreeEntry>, GitError> {
        let mut lookup = Lookup::new(self.store.raw(), self.branch)?;
        let parts: Vec<&[u8]> = above(&self.change.path).collect();
        let part = parts.iter().rev().nth(1).or(parts.last());
        let directory = part.map(|part| lookup.entry(part)).transpose()?.flatten();
        let (root, prefix) = match (directory.filter(|entry| entry.kind() == EntryKind::Directory), part) {
            (Some(entry), Some(part)) => (entry.id, *part),
            _ => (self.branch, &b""[..]),
        };
        Ok(self.alike(root, prefix)?.map(|(_, file)| file).collect())
    }

    /// Files of the same ending in the whole tree, those first whose names hold that of the fix's file, or are held in it.
    fn files_far(&self) -> Result<Vec<TreeEntry>, GitError> {
        let stem = |path: &[u8]| -> Vec<u8> {
            let name = split(path).1;
            let end = name.iter().rposition(|&byte| byte == b'.').unwrap_or(name.len());
            name[..end].to_ascii_lowercase()
        };
        let own = stem(&self.change.path);
        let holds = |long: &[u8], short: &[u8]| long.windows(short.len().max(1)).any(|part| part == short);
        let mut files: Vec<(PathBytes, TreeEntry)> = self.alike(self.branch, b"")?.collect();
        files.sort_by_cached_key(|(path, _)| {
            let other = stem(path);
            !(holds(&own, &other) || holds(&other, &own))
        });
        files.truncate(FILES);
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }

    /// The files below a directory whose names end as that of the fix's file.
    fn alike(
        &self,
        root: Oid,
        prefix: &[u8],
    ) -> Result<impl Iterator<Item = (PathBytes, TreeEntry)>, GitError> {
        let own = ending(&self.change.path);
        let files = files_under(self.store.raw(), root, prefix)?.into_iter();
        let alike = files.filter(move |file| ending(&file.path) == own);
        let alike = alike.filter_map(|file| file.new.map(|entry| (file.path, entry)));
        Ok(alike.filter(|(_, file)| file.kind() == EntryKind::File))
    }
}

/// What stands behind the last dot of a file's name; all of it where there is none.
fn ending(path: &[u8]) -> Option<&[u8]> {
    split(path).1.rsplit(|&byte| byte == b'.').next()
}

/// Gives each hunk what a file has of it, where that is more, and enough.
fn take_better(
    hunks: &mut [HunkPresence],
    counts: &[(Share, Share, Share)],
    is_enough: impl Fn(&HunkPresence) -> bool,
) {
    for (hunk, (removed, around, added)) in hunks.iter_mut().zip(counts.iter().copied()) {
        let there = HunkPresence { removed, around, added, ..hunk.clone() };
        if is_enough(&there) && there.weight() > hunk.weight() {
            *hunk = there;
        }
    }
}
