//! The versions of one file along a history, and who gave its lines their text.
//!
//! Only the file's own entry is looked up in each commit, and once. libgit2's blame compares the whole trees of every
//! commit that it passes, which takes seconds where this takes milliseconds.

use std::collections::{HashMap, HashSet};

use git2::{Oid, Repository};

use super::lineage::Lineage;
use super::raw_commit::RawCommit;
use crate::backport::merging::edits::edits_between;
use crate::git::plumbing::{ById, EntryKind, RawTree, TreeEntry};
use crate::git::{GitError, Store};

/// How many commits are passed at most in search of a version. Whoever wrote a line longer ago need not be asked.
const COMMITS: usize = 5_000;

/// What was read of files' histories. Ids never change what they stand for, so it is never stale.
#[derive(Default)]
pub(in crate::backport) struct FileVersions {
    /// By path, or the rest of one: what each tree has there.
    entries: HashMap<Vec<u8>, ById<Option<TreeEntry>>>,
}

/// One version of a file.
struct FileVersion {
    /// The commit that made it.
    maker: Oid,
    /// The commit that has the version before it, and that version; `None` if the file began here.
    before: Option<(Oid, TreeEntry)>,
}

/// A stretch of lines in a file, counted from 0.
pub(in crate::backport) struct Stretch<'a> {
    pub(in crate::backport) path: &'a str,
    pub(in crate::backport) first: usize,
    pub(in crate::backport) lines: usize,
}

impl FileVersions {
    /// The commits that last touched a stretch of a file at `head`, in the order of its lines. The walk ends where
    /// `is_shared` says so; lines that are older have nobody. A file that was renamed begins where it got its name.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit or a tree is not here. A version whose text is not here ends the search.
    pub(in crate::backport) fn last_touchers(
        &mut self,
        store: &Store,
        lineage: &mut Lineage,
        head: Oid,
        stretch: &Stretch<'_>,
        is_shared: impl Fn(&RawCommit) -> bool,
    ) -> Result<Vec<Oid>, GitError> {
        let path = stretch.path.as_bytes();
        let tree = lineage.read(store, head)?.tree;
        let Some(mut entry) = self.entry(store.raw(), tree, path)? else { return Ok(Vec::new()) };
        let mut at = head;
        // Where each line is in the version that is looked at.
        let mut open: Vec<(usize, usize)> =
            (stretch.first..stretch.first + stretch.lines).map(|line| (line, line)).collect();
        let mut touched: Vec<(usize, Oid)> = Vec::new();
        while !open.is_empty() {
            let Some(version) = self.version(store, lineage, (at, entry), path, &is_shared)? else { break };
            let before = match version.before {
                Some((commit, before)) => store.text_if_here(before.id)?.map(|text| (commit, before, text)),
                None => Some((at, entry, Vec::new())),
            };
            let (Some((commit, before, old)), Some(new)) = (before, store.text_if_here(entry.id)?) else {
                break;
            };
            let (made, older) = divided(&old, &new, &open);
            touched.extend(made.into_iter().map(|line| (line, version.maker)));
            (at, entry, open) = (commit, before, older);
        }
        touched.sort_unstable_by_key(|(line, _)| *line);
        let mut seen = HashSet::new();
        Ok(touched.into_iter().map(|(_, maker)| maker).filter(|maker| seen.insert(*maker)).collect())
    }

    /// Who made the version of a file that a commit has. Where a parent has the same, the version is that parent's.
    fn version(
        &mut self,
        store: &Store,
        lineage: &mut Lineage,
        (mut at, entry): (Oid, TreeEntry),
        path: &[u8],
        is_shared: &impl Fn(&RawCommit) -> bool,
    ) -> Result<Option<FileVersion>, GitError> {
        for _ in 0..COMMITS {
            let Some(raw) = lineage.read_if_here(store, at)?.filter(|raw| !is_shared(raw)) else {
                return Ok(None);
            };
            let mut first = None;
            let mut same = None;
            for id in &raw.parents {
                let Some(parent) = lineage.read_if_here(store, *id)? else { continue };
                let there = self.entry(store.raw(), parent.tree, path)?;
                first = first.or(Some((*id, there)));
                if there == Some(entry) {
                    same = Some(*id);
                    break;
                }
            }
            match same {
                Some(parent) => at = parent,
                None => {
                    let before = first.and_then(|(commit, entry)| Some((commit, entry?)));
                    return Ok(Some(FileVersion { maker: at, before }));
                }
            }
        }
        Ok(None)
    }

    /// What a tree has at a path.
    fn entry(
        &mut self,
        repository: &Repository,
        tree: Oid,
        path: &[u8],
    ) -> Result<Option<TreeEntry>, GitError> {
        if let Some(known) = self.entries.get(path).and_then(|known| known.get(&tree)) {
            return Ok(*known);
        }
        let (name, rest) = match path.iter().position(|&byte| byte == b'/') {
            Some(at) => (&path[..at], Some(&path[at + 1..])),
            None => (path, None),
        };
        let here = RawTree::read(repository, tree)?.get(name)?;
        let found = match (here, rest) {
            (Some(entry), Some(rest)) if entry.kind() == EntryKind::Directory => {
                self.entry(repository, entry.id, rest)?
            }
            (_, Some(_)) => None,
            (entry, None) => entry,
        };
        self.entries.entry(path.to_vec()).or_default().insert(tree, found);
        Ok(found)
    }
}

/// Which of the open lines this version made, and where the others are in the version before.
fn divided(old: &[u8], new: &[u8], open: &[(usize, usize)]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let edits = edits_between(old, new);
    let (mut made, mut older) = (Vec::new(), Vec::new());
    for &(line, at) in open {
        if edits.iter().any(|edit| edit.after.contains(&at)) {
            made.push(line);
            continue;
        }
        let drift: isize = edits
            .iter()
            .take_while(|edit| edit.after.end <= at)
            .map(|edit| edit.before.len().cast_signed() - edit.after.len().cast_signed())
            .sum();
        older.push((line, at.saturating_add_signed(drift)));
    }
    (made, older)
}
