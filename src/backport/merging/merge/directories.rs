//! TurnoverFiles and directories that get in one another's way: directories that one side has moved while the other added to
//! them, and files that stand where the other side has a directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Merge;
use super::elsewhere::Elsewhere;
use crate::backport::merging::conflict::{ConflictKind, PathSides};
use crate::backport::merging::renames::{Found, Guess, Rename, search};
use crate::backport::merging::turnover::TurnoverFiles;
use crate::git::GitError;
use crate::git::plumbing::{
    EntryKind, Lookup, PathBytes, TreeChange, TreeEntry, above, changes, files_under, split,
};

impl Merge<'_, '_> {
    /// Whether the directory that this new file was added to has moved on the branch, so that the file may belong
    /// in the new place (git's `merge.directoryRenames=conflict`). Like git, which looks for the sake of new files only
    /// where they are directly in the directory, unless it searches the branch for renames anyway.
    pub(super) fn belongs_elsewhere(&mut self, path: &[u8]) -> Result<bool, GitError> {
        let mut base = Lookup::new(self.repository, self.trees.base)?;
        for directory in above(path) {
            let Some(before) = base.entry(directory)?.filter(|entry| entry.kind() == EntryKind::Directory)
            else {
                continue;
            };
            let here = self.ours.entry(directory)?;
            if here.is_some_and(|entry| entry.kind() == EntryKind::Directory) {
                return Ok(false);
            }
            let Elsewhere { moved, unclear } = self.went(directory, before)?;
            let searched = directory == split(path).0 || !self.lost.is_empty();
            if !(moved && searched) && (moved || unclear) {
                self.merged.guessed.push(path.to_vec());
            }
            return Ok(moved && searched);
        }
        Ok(false)
    }

    /// What is known of a directory that the branch has no more. A fix often brings several files to one.
    fn went(&mut self, directory: &[u8], before: TreeEntry) -> Result<Elsewhere, GitError> {
        if let Some(known) = self.elsewhere.get(directory) {
            return Ok(*known);
        }
        let mut prefix = directory.to_vec();
        prefix.push(b'/');
        let files = files_under(self.repository, before.id, &prefix)?;
        let wanted = files.iter().map(|file| file.path.clone()).collect();
        let found = self.search_branch(&wanted)?;
        let moved = speaks_for(&found.renames, directory);
        let known = Elsewhere { moved, unclear: is_unclear(&found, directory) };
        self.elsewhere.insert(directory.to_vec(), known);
        Ok(known)
    }

    /// Whether the fix moves a directory to which the branch has added files of its own.
    pub(super) fn moved_by_the_fix(&mut self) -> Result<(), GitError> {
        let fix = Arc::clone(&self.fix);
        let deleted: BTreeSet<&[u8]> =
            fix.iter().filter(|change| change.new.is_none()).map(|change| change.path.as_slice()).collect();
        if deleted.is_empty() || fix.iter().all(|change| change.old.is_some()) {
            return Ok(());
        }
        let mut base = Lookup::new(self.repository, self.trees.base)?;
        let mut theirs = Lookup::new(self.repository, self.trees.theirs)?;
        let directories: BTreeSet<&[u8]> = deleted.iter().flat_map(|path| above(path)).collect();
        for directory in directories {
            let (before, here) = (base.entry(directory)?, self.ours.entry(directory)?);
            let (Some(before), Some(here)) = (before, here) else { continue };
            if theirs.entry(directory)?.is_some()
                || before.id == here.id
                || here.kind() != EntryKind::Directory
            {
                continue;
            }
            let own = changes(self.repository, before.id, here.id)?;
            let directly = |path: &[u8]| split(path).0.is_empty() || !self.moved.is_empty();
            let own: Vec<TreeChange> = own.into_iter().filter(|change| change.old.is_none()).collect();
            let direct = own.iter().find(|change| directly(&change.path));
            let Some(own) = direct.or(own.first()) else { continue };
            let inside =
                |path: &&&[u8]| path.starts_with(directory) && path.get(directory.len()) == Some(&b'/');
            let wanted = deleted.iter().filter(inside).map(|path| path.to_vec()).collect();
            let found = search(self.repository, &mut self.caches.likeness, &TurnoverFiles::of(&fix), &wanted);
            let path = [directory, b"/", own.path.as_slice()].concat();
            let moved = speaks_for(&found.renames, directory);
            if !(moved && direct.is_some()) {
                if moved || is_unclear(&found, directory) {
                    self.merged.guessed.push(path);
                }
            } else {
                let sides = PathSides { base: None, ours: own.new, theirs: None };
                self.conflict(&path, ConflictKind::DirectoryMoved, sides);
            }
        }
        Ok(())
    }

    /// A file cannot stand where the branch has a directory, nor below a file.
    pub(super) fn files_over_directories(&mut self) -> Result<(), GitError> {
        let placed: Vec<(PathBytes, TreeEntry)> =
            self.merged.updates.iter().filter_map(|(path, entry)| Some((path.clone(), (*entry)?))).collect();
        for (path, entry) in placed {
            let removed = |path: &[u8]| self.merged.updates.get(path) == Some(&None);
            let mut blocked = false;
            if let Some(here) = self.ours.entry(&path)?
                && here.kind() == EntryKind::Directory
            {
                let mut prefix = path.clone();
                prefix.push(b'/');
                let files = files_under(self.repository, here.id, &prefix)?;
                blocked = files.iter().any(|file| !removed(&file.path));
            }
            for directory in above(&path) {
                let here = self.ours.entry(directory)?;
                blocked |=
                    here.is_some_and(|entry| entry.kind() != EntryKind::Directory) && !removed(directory);
            }
            if blocked {
                self.merged.updates.remove(&path);
                let sides = PathSides { base: None, ours: None, theirs: Some(entry) };
                self.conflict(&path, ConflictKind::FileAndDirectory, sides);
            }
        }
        Ok(())
    }
}

/// Whether one of these renames speaks for the directory.
fn speaks_for(renames: &[Rename], directory: &[u8]) -> bool {
    renames.iter().any(|rename| moves_directory(&rename.from, &rename.to, directory))
}

/// Whether it cannot be told where a directory went.
fn is_unclear(found: &Found, directory: &[u8]) -> bool {
    could_move(&found.guesses, directory) || went_apart(&found.renames)
}

/// Whether as many files of one directory went to one place as to another: git stops there (`directory rename split`).
fn went_apart(renames: &[Rename]) -> bool {
    let mut places: BTreeMap<&[u8], BTreeMap<&[u8], usize>> = BTreeMap::new();
    for rename in renames {
        *places.entry(split(&rename.from).0).or_default().entry(split(&rename.to).0).or_default() += 1;
    }
    places.values().any(|counts| {
        let most = counts.values().max();
        counts.values().filter(|count| Some(*count) == most).count() > 1
    })
}

/// Whether files of which it cannot be told where they went would speak for the directory.
fn could_move(guesses: &[Guess], directory: &[u8]) -> bool {
    let to = |from: &PathBytes, guess: &Guess| guess.to.iter().any(|to| moves_directory(from, to, directory));
    guesses.iter().any(|guess| guess.from.iter().any(|from| to(from, guess)))
}

/// Whether a rename out of this directory speaks for the directory: the path below it stayed the same.
fn moves_directory(from: &[u8], to: &[u8], directory: &[u8]) -> bool {
    let Some(rest) = from.strip_prefix(directory).and_then(|rest| rest.strip_prefix(b"/")) else {
        return false;
    };
    let below = split(rest).0;
    let target = split(to).0;
    below.is_empty() || target == below || target.strip_suffix(below).is_some_and(|head| head.ends_with(b"/"))
}
