//! How much of what a fix changes is on a branch: the pre-image of each of its hunks, line by line.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::error::GitError;
use super::noise::Noise;
use super::pins::Pin;
use super::store::{Store, lookup, oid, tree_oid};
use super::text_merge::{Edit, edits_between, is_binary};
use super::tree::{Entry, Kind, Lookup, above, changes, files_under, split};
use crate::ids::{CommitId, TreeId};

/// How many unchanged lines around a change count as its surroundings.
const CONTEXT: usize = 3;
/// How far to look for surroundings that say something.
const WIDEST: usize = 12;
/// A removed line counts as so many of its surroundings: it is the vulnerable code itself.
///
/// This, and how much must be there ([`is_there`]), were chosen on five projects together (Wasmtime, runc, containerd,
/// etcd and WAMR; `cargo bench -- verdicts` on each mirror): by release notes, by merges of private forks, and by fixes
/// that name what brought the fault. They are no law. With a weight from 3 to 10 and 40 to 60 percent recall changes by
/// three in a hundred, and no branch that was patched comes out as not affected. Surroundings alone are a bad guide:
/// where the vulnerability was never introduced, they are mostly there all the same.
const WEIGHT: usize = 4;
/// A fix that brings fewer lines than this cannot be told from code that happens to look like it.
const BROUGHT: usize = 2;

/// How many lines must have been looked for before finding none is evidence.
const ENOUGH: usize = 8;
/// How many files are read at most in search of code that moved.
const FILES: usize = 600;

/// One hunk of a fix, and how much of it the branch has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HunkPresence {
    /// The file, as the fix names it.
    pub path: String,
    /// The hunk's first changed line before the fix, counted from 1.
    pub line: usize,
    /// The lines that the fix removes for good: the vulnerable code, where there is any.
    pub removed: Share,
    /// The lines around them, and those that it only moves.
    pub around: Share,
    /// The lines that it brings.
    pub added: Share,
}

/// How many of some lines the branch has. Lines of brackets are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// How many the branch has.
    pub found: usize,
    /// How many there are.
    pub of: usize,
}

impl Share {
    /// Whether there is something, and at least half of it was found.
    #[must_use]
    pub fn is_half(self) -> bool {
        self.of > 0 && self.found * 2 >= self.of
    }
}

impl std::ops::Add for Share {
    type Output = Share;

    fn add(self, other: Share) -> Share {
        Share { found: self.found + other.found, of: self.of + other.of }
    }
}

impl std::iter::Sum for Share {
    fn sum<I: Iterator<Item = Share>>(shares: I) -> Share {
        shares.fold(Share::default(), std::ops::Add::add)
    }
}

impl HunkPresence {
    /// Whether enough of it is there. A hunk with no line that says anything is found nowhere.
    #[must_use]
    pub fn is_found(&self) -> bool {
        is_there(self.removed, self.around)
    }

    fn weight(&self) -> usize {
        self.removed.found * WEIGHT + self.around.found
    }
}

/// Half of what the fix changes, by weight; where it only adds, a third of what stands around, for that is all there is
/// to go by and it is three lines as a rule.
fn is_there(removed: Share, around: Share) -> bool {
    let (found, of) = (removed.found * WEIGHT + around.found, removed.of * WEIGHT + around.of);
    let wanted = if removed.of > 0 { 2 } else { 3 };
    of > 0 && found * wanted >= of
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
    /// Whether only the fix's own files had to be read.
    pub(super) reach: Reach,
}

/// Which files of a branch were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reach {
    /// Those that the fix changes, and no others.
    #[default]
    Own,
    /// Others beside them.
    Beyond,
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
    fn total(&self, of: fn(&HunkPresence) -> Share) -> Share {
        self.hunks.iter().map(of).sum()
    }

    /// Whether enough of what was there before the fix is on the branch.
    #[must_use]
    pub fn is_likely(&self) -> bool {
        is_there(self.total(|hunk| hunk.removed), self.total(|hunk| hunk.around))
    }

    /// Whether the fix changes no line that could be looked for: it only adds files, say.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.total(|hunk| hunk.removed + hunk.around).of == 0
    }

    /// The lines that the fix brings, if most of them are there and what it removes is not: the branch seems to have
    /// the fix in some other form.
    #[must_use]
    pub fn seems_fixed(&self) -> Option<Share> {
        let (removed, added) = (self.total(|hunk| hunk.removed), self.total(|hunk| hunk.added));
        (added.of >= BROUGHT && added.is_half() && !removed.is_half()).then_some(added)
    }

    /// Whether enough lines were looked for, everywhere they might have gone, and not one was found. This is hard
    /// evidence, so a handful of lines is not enough for it, and neither is a search that was cut short.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let lines = self.total(|hunk| hunk.removed + hunk.around);
        self.search == Search::Everywhere && lines.of >= ENOUGH && lines.found == 0
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
            let is_file = |entry: &Entry| entry.kind() == Kind::File;
            let (old, new) = (change.old.filter(is_file), change.new.filter(is_file));
            let path = String::from_utf8_lossy(&change.path).into_owned();
            let place = moved.get(&path).map_or(change.path.as_slice(), |path| path.as_bytes());
            let there = here.file(place)?;
            if old.is_some() {
                presence.files += 1;
                presence.files_there += usize::from(there.is_some());
            }
            let mut hunks = self.hunks_there(&path, old, new, there)?;
            let all_found = hunks.iter().all(|(hunk, _)| hunk.is_found());
            if Noise::of(&path).is_none() && old.is_some() && !all_found {
                presence.reach = Reach::Beyond;
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
            let Some(blob) = self.blob_if_here(file.id)? else {
                search = Search::CutShort;
                continue;
            };
            let lines = blob.content().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
            let lines: BTreeSet<&[u8]> = lines.collect();
            for (hunk, wanted) in hunks.iter_mut() {
                let (removed, around, added) = wanted.in_lines(&lines);
                let elsewhere = HunkPresence { removed, around, added, ..hunk.clone() };
                if elsewhere.weight() > hunk.weight() {
                    *hunk = elsewhere;
                }
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

    fn hunks_there(
        &self,
        path: &str,
        old: Option<Entry>,
        new: Option<Entry>,
        there: Option<Entry>,
    ) -> Result<Vec<Sought>, GitError> {
        // A blob that this clone lacks, or a binary one, says nothing either way; a file that is not there is empty.
        let text = |entry: Option<Entry>| -> Result<Option<Vec<u8>>, GitError> {
            let Some(entry) = entry else { return Ok(Some(Vec::new())) };
            let blob = self.blob_if_here(entry.id)?;
            Ok(blob.filter(|blob| !is_binary(blob.content())).map(|blob| blob.content().to_vec()))
        };
        let (Some(before), Some(after)) = (text(old)?, text(new)?) else { return Ok(Vec::new()) };
        let here = text(there)?.unwrap_or_default();
        let kept = Kept::new(&before, &after, &here);
        let edits = edits_between(&before, &after);
        Ok(edits.iter().map(|edit| kept.hunk(path, edit)).collect())
    }

    /// A blob; `None` if this clone lacks it. One that is here and cannot be read is an error: it is no sign of anything.
    fn blob_if_here(&self, id: Oid) -> Result<Option<git2::Blob<'_>>, GitError> {
        match self.raw().find_blob(id) {
            Ok(blob) => Ok(Some(blob)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(source) => Err(lookup(id, source)),
        }
    }
}

/// A hunk and the lines that were looked for.
type Sought = (HunkPresence, Wanted);

/// The lines of a hunk that say something.
struct Wanted {
    removed: Vec<Vec<u8>>,
    around: Vec<Vec<u8>>,
    added: Vec<Vec<u8>>,
}

impl Wanted {
    /// How many of each kind are among these lines.
    fn in_lines(&self, lines: &BTreeSet<&[u8]>) -> (Share, Share, Share) {
        let share = |wanted: &[Vec<u8>]| Share {
            found: wanted.iter().filter(|line| lines.contains(line.as_slice())).count(),
            of: wanted.len(),
        };
        (share(&self.removed), share(&self.around), share(&self.added))
    }
}

/// The lines of a file before and after the fix, and which of them the branch's file has.
struct Kept<'text> {
    before: Vec<&'text [u8]>,
    after: Vec<&'text [u8]>,
    all_before: BTreeSet<&'text [u8]>,
    all_after: BTreeSet<&'text [u8]>,
    /// Lines before the fix that the edit script from there to the branch keeps in place.
    in_place: Vec<usize>,
    /// Every line of the branch's file that says something.
    anywhere: BTreeSet<&'text [u8]>,
    /// What the branch's file pins.
    pins: Vec<Pin>,
}

impl<'text> Kept<'text> {
    fn new(before: &'text [u8], after: &'text [u8], here: &'text [u8]) -> Kept<'text> {
        let lines = |text: &'text [u8]| -> Vec<&'text [u8]> {
            text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).collect()
        };
        let mut in_place = Vec::new();
        let mut next = 0;
        for edit in edits_between(before, here) {
            in_place.extend(next..edit.before.start);
            next = edit.before.end;
        }
        let (before, after) = (lines(before), lines(after));
        in_place.extend(next..before.len());
        let here = lines(here);
        Kept {
            pins: here.iter().filter_map(|line| Pin::of(line)).collect(),
            all_before: before.iter().copied().collect(),
            all_after: after.iter().copied().collect(),
            anywhere: here.into_iter().filter(|line| speaks(line)).collect(),
            before,
            after,
            in_place,
        }
    }

    fn hunk(&self, path: &str, edit: &Edit) -> Sought {
        // A line that is on both sides of the fix was moved, and says nothing of it.
        let removed = |at: &usize| edit.before.contains(at) && !self.all_after.contains(self.before[*at]);
        let (removed, around): (Vec<usize>, Vec<usize>) =
            self.surroundings(edit).into_iter().partition(removed);
        let added = edit.after.clone().map(|at| self.after[at]);
        let added: Vec<_> = added.filter(|line| speaks(line) && !self.all_before.contains(line)).collect();
        let behind = |at: &&usize| !self.has(**at) && self.is_behind(self.before[**at], &added);
        let hunk = HunkPresence {
            path: path.to_owned(),
            line: edit.before.start + 1,
            removed: Share {
                found: self.share(&removed).found + removed.iter().filter(behind).count(),
                of: removed.len(),
            },
            around: self.share(&around),
            added: Share {
                found: added.iter().filter(|line| self.anywhere.contains(*line)).count(),
                of: added.len(),
            },
        };
        let texts = |lines: &[usize]| lines.iter().map(|&at| self.before[at].to_vec()).collect();
        let wanted = Wanted {
            removed: texts(&removed),
            around: texts(&around),
            added: added.into_iter().map(<[u8]>::to_vec).collect(),
        };
        (hunk, wanted)
    }

    fn has(&self, at: usize) -> bool {
        self.in_place.binary_search(&at).is_ok() || self.anywhere.contains(self.before[at])
    }

    fn share(&self, lines: &[usize]) -> Share {
        Share { found: lines.iter().filter(|at| self.has(**at)).count(), of: lines.len() }
    }

    /// Whether a removed line pins something that the branch pins too, in another version than the fix brings.
    fn is_behind(&self, removed: &[u8], added: &[&[u8]]) -> bool {
        let Some(removed) = Pin::of(removed) else { return false };
        let fixed = added.iter().filter_map(|line| Pin::of(line)).find(|pin| pin.shape == removed.shape);
        fixed.is_some_and(|fixed| self.pins.iter().any(|pin| pin.is_behind(&fixed)))
    }

    /// The lines that say something at and around a change.
    fn surroundings(&self, edit: &Edit) -> Vec<usize> {
        let said_within = |context: usize| -> Vec<usize> {
            let start = edit.before.start.saturating_sub(context);
            let end = (edit.before.end + context).min(self.before.len());
            (start..end).filter(|&at| speaks(self.before[at])).collect()
        };
        // Where only brackets surround an addition, the next lines that say something are its surroundings.
        let wide_enough = (CONTEXT..=WIDEST).map(said_within).find(|said| said.len() >= CONTEXT);
        wide_enough.unwrap_or_else(|| said_within(WIDEST))
    }
}

/// Whether a line is more than brackets: such lines are everywhere and show nothing.
fn speaks(line: &[u8]) -> bool {
    line.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count() >= 3
}
