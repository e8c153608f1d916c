//! How much of what a fix changes is on a branch: the pre-image of each of its hunks, line by line.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::error::GitError;
use super::noise::Noise;
use super::store::{Store, oid, tree_oid};
use super::text_merge::{Edit, edits_between, is_binary};
use super::tree::{Entry, Kind, Lookup, above, changes, files_under, split};
use crate::ids::{CommitId, TreeId};

/// How many unchanged lines around a change count as its surroundings.
const CONTEXT: usize = 3;
/// How far to look for surroundings that say something.
const WIDEST: usize = 12;
/// How much of a hunk must be there for it to count as found, in percent. Chosen on Wasmtime's security backports:
/// 76 of the 79 branches that were patched come out likely or affected, at 60 percent 74. The branches that were
/// patched for something else in those weeks are too few (11) to fix the other side firmly: 6 of them come out likely
/// or affected, and some of those may have been. A person confirms.
const FOUND: usize = 40;

/// How many lines must have been looked for before finding none is evidence.
const ENOUGH: usize = 8;
/// How many files are read at most in search of code that moved.
const FILES: usize = 600;

/// One hunk of a fix, and how much of its pre-image the branch has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HunkPresence {
    /// The file, as the fix names it.
    pub path: String,
    /// The hunk's first changed line before the fix, counted from 1.
    pub line: usize,
    /// How many lines were looked for: those that the fix removes, and the ones around.
    pub lines: usize,
    /// How many of them the branch has.
    pub found: usize,
}

impl HunkPresence {
    /// Whether enough of it is there. A hunk with no line that says anything is found nowhere.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.lines > 0 && self.found * 100 >= self.lines * FOUND
    }
}

/// What a branch has of the files that a fix changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Presence {
    /// Every hunk in text that matters; in tests and other noise only if the fix changes nothing else.
    pub hunks: Vec<HunkPresence>,
    /// Files that the fix changes or deletes.
    pub files: usize,
    /// Those of them that the branch has, under whatever name.
    pub files_there: usize,
    /// Whether all files that a hunk might have moved to were read.
    pub search: Search,
}

/// How far the search for moved code went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Every file of the same kind in the same part of the tree was read.
    #[default]
    Everywhere,
    /// There were too many, or the clone lacks some.
    CutShort,
}

impl Presence {
    /// Whether at least half of the hunks were found, or half of all their lines.
    #[must_use]
    pub fn is_likely(&self) -> bool {
        let told: Vec<_> = self.hunks.iter().filter(|hunk| hunk.lines > 0).collect();
        let found = told.iter().filter(|hunk| hunk.is_found()).count();
        let (lines_found, lines) =
            told.iter().fold((0, 0), |(found, lines), hunk| (found + hunk.found, lines + hunk.lines));
        lines > 0 && (found * 2 >= told.len() || lines_found * 2 >= lines)
    }

    /// Whether enough lines were looked for, everywhere they might have gone, and not one was found. This is hard
    /// evidence, so a handful of lines is not enough for it, and neither is a search that was cut short.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let lines: usize = self.hunks.iter().map(|hunk| hunk.lines).sum();
        self.search == Search::Everywhere && lines >= ENOUGH && self.hunks.iter().all(|hunk| hunk.found == 0)
    }
}

impl Store {
    /// What the branch's tree has of the pre-image of one commit. `moved` says where the branch keeps files that it
    /// has renamed.
    pub(super) fn presence(
        &self,
        fix: &CommitId,
        branch: &TreeId,
        moved: &BTreeMap<String, String>,
    ) -> Result<Presence, GitError> {
        oid(fix)?;
        let (before, after) = self.commit_trees(fix)?;
        let mut here = Lookup::new(self.raw(), tree_oid(branch)?)?;
        let changed = changes(self.raw(), tree_oid(&before)?, tree_oid(&after)?)?;
        let (mut presence, mut noise) = (Presence::default(), Vec::new());
        for change in &changed {
            let Some(old) = change.old.filter(|old| old.kind() == Kind::File) else { continue };
            let path = String::from_utf8_lossy(&change.path).into_owned();
            presence.files += 1;
            let place = moved.get(&path).map_or(change.path.as_slice(), |path| path.as_bytes());
            let there = here.file(place)?;
            presence.files_there += usize::from(there.is_some());
            let new = change.new.filter(|new| new.kind() == Kind::File);
            let mut hunks = self.hunks_there(&path, old, new, there);
            if Noise::of(&path).is_none() && !hunks.iter().all(|(hunk, _)| hunk.is_found()) {
                let cut = self.search_elsewhere(&change.path, tree_oid(branch)?, &mut hunks)?;
                presence.search = if cut == Search::CutShort { cut } else { presence.search };
            }
            let hunks = hunks.into_iter().map(|(hunk, _)| hunk);
            let into = if Noise::of(&path).is_some() { &mut noise } else { &mut presence.hunks };
            into.extend(hunks);
        }
        if presence.hunks.is_empty() {
            presence.hunks = noise;
        }
        Ok(presence)
    }

    /// Looks for hunks that the file itself does not have in the files beside it: code moves.
    fn search_elsewhere(&self, path: &[u8], branch: Oid, hunks: &mut [Sought]) -> Result<Search, GitError> {
        let mut files = self.files_like(path, branch)?;
        let mut search = if files.len() > FILES { Search::CutShort } else { Search::Everywhere };
        files.truncate(FILES);
        for file in files {
            let Ok(blob) = self.raw().find_blob(file.id) else {
                search = Search::CutShort;
                continue;
            };
            let lines = blob.content().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
            let lines: BTreeSet<&[u8]> = lines.collect();
            for (hunk, wanted) in hunks.iter_mut() {
                let found = wanted.iter().filter(|line| lines.contains(line.as_slice())).count();
                hunk.found = hunk.found.max(found);
            }
        }
        Ok(search)
    }

    /// Files of the same ending in the same part of the tree: the two topmost directories of the path.
    fn files_like(&self, path: &[u8], branch: Oid) -> Result<Vec<Entry>, GitError> {
        let ending = |path: &[u8]| split(path).1.rsplit(|&byte| byte == b'.').next().map(<[u8]>::to_vec);
        let mut lookup = Lookup::new(self.raw(), branch)?;
        let parts: Vec<&[u8]> = above(path).collect();
        let part = parts.iter().rev().nth(1).or(parts.last());
        let (root, prefix) = match part {
            Some(directory) => match lookup.entry(directory)?.filter(|entry| entry.kind() == Kind::Directory)
            {
                Some(entry) => (entry.id, *directory),
                None => (branch, &b""[..]),
            },
            None => (branch, &b""[..]),
        };
        let files = files_under(self.raw(), root, prefix)?.into_iter();
        let alike = files.filter(|file| ending(&file.path) == ending(path)).filter_map(|file| file.new);
        Ok(alike.filter(|file| file.kind() == Kind::File).collect())
    }

    fn hunks_there(&self, path: &str, old: Entry, new: Option<Entry>, there: Option<Entry>) -> Vec<Sought> {
        // A blob that this clone lacks, or a binary one, says nothing either way.
        let read = |entry: Entry| {
            let blob = self.raw().find_blob(entry.id).ok()?;
            (!is_binary(blob.content())).then(|| blob.content().to_vec())
        };
        let Some(before) = read(old) else { return Vec::new() };
        let after = new.and_then(read).unwrap_or_default();
        let here = there.and_then(read).unwrap_or_default();
        let kept = Kept::new(&before, &here);
        let edits = edits_between(&before, &after);
        edits.iter().map(|edit| kept.hunk(path, edit)).collect()
    }
}

/// A hunk and the lines that were looked for.
type Sought = (HunkPresence, Vec<Vec<u8>>);

/// Which lines of a file before the fix the branch's file still has.
struct Kept<'text> {
    before: Vec<&'text [u8]>,
    /// Lines that the edit script from one to the other keeps in place.
    in_place: Vec<usize>,
    /// Every line of the branch's file that says something.
    anywhere: BTreeSet<&'text [u8]>,
}

impl<'text> Kept<'text> {
    fn new(before: &'text [u8], here: &'text [u8]) -> Kept<'text> {
        let lines = |text: &'text [u8]| text.split_inclusive(|&byte| byte == b'\n');
        let mut in_place = Vec::new();
        let mut next = 0;
        let before_lines: Vec<_> = lines(before).map(<[u8]>::trim_ascii).collect();
        for edit in edits_between(before, here) {
            in_place.extend(next..edit.before.start);
            next = edit.before.end;
        }
        in_place.extend(next..before_lines.len());
        let anywhere = lines(here).map(<[u8]>::trim_ascii).filter(|line| speaks(line)).collect();
        Kept { before: before_lines, in_place, anywhere }
    }

    fn hunk(&self, path: &str, edit: &Edit) -> Sought {
        let said_within = |context: usize| -> Vec<usize> {
            let start = edit.before.start.saturating_sub(context);
            let end = (edit.before.end + context).min(self.before.len());
            (start..end).filter(|&at| speaks(self.before[at])).collect()
        };
        // Where only brackets surround an addition, the next lines that say something are its surroundings.
        let wide_enough = (CONTEXT..=WIDEST).map(said_within).find(|said| said.len() >= CONTEXT);
        let said = wide_enough.unwrap_or_else(|| said_within(WIDEST));
        let there =
            |at: &usize| self.in_place.binary_search(at).is_ok() || self.anywhere.contains(self.before[*at]);
        let hunk = HunkPresence {
            path: path.to_owned(),
            line: edit.before.start + 1,
            lines: said.len(),
            found: said.iter().filter(|at| there(at)).count(),
        };
        (hunk, said.iter().map(|&at| self.before[at].to_vec()).collect())
    }
}

/// Whether a line is more than brackets: such lines are everywhere and show nothing.
fn speaks(line: &[u8]) -> bool {
    line.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count() >= 3
}
