//! The three-way merge of trees that reads only what the fix touches.
//!
//! `base` is the fix's parent, `theirs` the fix, `ours` the branch. Every path that the fix changed is looked up on
//! the branch; only files that are missing there set off a search for where they went. `git merge-tree` (merge-ort)
//! is the reference: where ort stops, so do we.

mod directories;
mod elsewhere;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use git2::{Oid, Repository};

use self::elsewhere::Elsewhere;
use super::attributes::{AttributeFiles, Attributed, MergeAttribute, attributes_of};
use super::blobs::Blobs;
use super::conflict::{Conflict, ConflictKind, PathSides};
use super::endings::Endings;
use super::file_merge::{Agreement, FileMerge, Manner, Treatment, merge_files};
use super::likeness::Likeness;
use super::renames::{Coverage, Found, Rename, search};
use super::turnover::{TurnoverFiles, Turnovers};
use crate::git::GitError;
use crate::git::plumbing::{Lookup, PathBytes, TreeChange, TreeEntry, Updates, changes};

/// What one merge came to. Nothing of it is in a tree yet.
#[derive(Debug, Default)]
pub(in crate::backport) struct Merged {
    /// What changes on the branch. Conflicting texts are here with markers in them.
    pub(in crate::backport) updates: Updates,
    pub(in crate::backport) conflicts: Vec<Conflict>,
    /// Renames on the branch that the merge followed.
    pub(in crate::backport) followed: Vec<Rename>,
    /// Renames inside the fix that mattered on this branch.
    pub(in crate::backport) fix_renames: Vec<Rename>,
    /// Paths on which two files of the fix landed.
    pub(in crate::backport) collisions: Vec<PathBytes>,
    /// Files in which the lines of both sides were joined.
    pub(in crate::backport) joined: Vec<PathBytes>,
    /// New files whose directory may have moved: which of several files alike went where cannot be told.
    pub(in crate::backport) guessed: Vec<PathBytes>,
    /// TurnoverFiles whose two sides were merged line by line.
    pub(in crate::backport) content_merges: usize,
    /// Those of them of which the second engine makes something else.
    pub(in crate::backport) differing: BTreeSet<PathBytes>,
    pub(in crate::backport) coverage: Coverage,
    /// How many files the fix changes or deletes, and how many of them the branch has in no form.
    pub(in crate::backport) touched: usize,
    pub(in crate::backport) absent: usize,
}

/// The tree differences that the picks of one fix share.
#[derive(Default)]
pub(in crate::backport) struct Differences {
    known: BTreeMap<(Oid, Oid), Arc<Vec<TreeChange>>>,
}

impl Differences {
    pub(in crate::backport) fn between(
        &mut self,
        repository: &Repository,
        old: Oid,
        new: Oid,
    ) -> Result<Arc<Vec<TreeChange>>, GitError> {
        if let Some(known) = self.known.get(&(old, new)) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(changes(repository, old, new)?);
        self.known.insert((old, new), Arc::clone(&found));
        Ok(found)
    }
}

/// The trees of one merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) struct Trees {
    pub(in crate::backport) base: Oid,
    pub(in crate::backport) ours: Oid,
    pub(in crate::backport) theirs: Oid,
}

/// Merges what the fix did into the branch's tree.
pub(in crate::backport) fn merge(
    repository: &Repository,
    caches: &mut Caches,
    trees: Trees,
    manner: Manner<'_>,
) -> Result<Merged, GitError> {
    let fix = caches.differences.between(repository, trees.base, trees.theirs)?;
    let ours = Lookup::new(repository, trees.ours)?;
    let (lost, moved, left_over) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let merged = Merged::default();
    let mut merge = Merge {
        repository,
        caches,
        trees,
        manner,
        ours,
        fix: Arc::clone(&fix),
        lost,
        moved,
        left_over,
        elsewhere: BTreeMap::new(),
        merged,
    };
    let plan = merge.find_renames()?;
    for change in fix.iter() {
        merge.settle(change, &plan)?;
    }
    merge.moved_by_the_fix()?;
    merge.files_over_directories()?;
    Ok(merge.merged)
}

/// What one picker keeps between picks.
#[derive(Default)]
pub(in crate::backport) struct Caches {
    pub(in crate::backport) differences: Differences,
    pub(in crate::backport) turnovers: Turnovers,
    pub(in crate::backport) likeness: Likeness,
    attributes: AttributeFiles,
    blobs: Blobs,
}

struct Merge<'a, 'repo> {
    repository: &'repo Repository,
    caches: &'a mut Caches,
    trees: Trees,
    manner: Manner<'a>,
    ours: Lookup<'repo>,
    fix: Arc<Vec<TreeChange>>,
    /// TurnoverFiles of the fix that the branch lacks.
    lost: BTreeSet<PathBytes>,
    /// TurnoverFiles that the fix deletes and the branch has otherwise than before the fix.
    moved: BTreeSet<PathBytes>,
    /// TurnoverFiles of the fix that the branch lacks, unless it has them under the name that one alike was taken for.
    left_over: BTreeSet<PathBytes>,
    /// By directory: where its files went.
    elsewhere: BTreeMap<PathBytes, Elsewhere>,
    merged: Merged,
}

/// The renames that matter: old path to where it went.
#[derive(Default)]
struct Renames {
    on_branch: BTreeMap<PathBytes, Rename>,
    by_fix: BTreeMap<PathBytes, Rename>,
    fix_targets: BTreeSet<PathBytes>,
}

impl Merge<'_, '_> {
    /// Looks for files the fix changes and the branch lacks, and for files the fix moves and the branch changed.
    fn find_renames(&mut self) -> Result<Renames, GitError> {
        let (mut lost, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for change in self.fix.iter().filter(|change| change.old.is_some()) {
            let here = self.ours.file(&change.path)?;
            if here.is_none() {
                lost.insert(change.path.clone());
            }
            if change.new.is_none() && here != change.old {
                moved.insert(change.path.clone());
            }
        }
        let on_branch = self.search_branch(&lost)?;
        let fix = Arc::clone(&self.fix);
        let by_fix = search(self.repository, &mut self.caches.likeness, &TurnoverFiles::of(&fix), &moved);
        self.note_coverage(by_fix.coverage);
        self.merged.guessed.extend(by_fix.left_over.iter().cloned());
        self.left_over.clone_from(&on_branch.left_over);
        let keyed = |found: Found| -> BTreeMap<PathBytes, Rename> {
            found.renames.into_iter().map(|rename| (rename.from.clone(), rename)).collect()
        };
        let (on_branch, by_fix) = (keyed(on_branch), keyed(by_fix));
        let fix_targets = by_fix.values().map(|rename| rename.to.clone()).collect();
        (self.lost, self.moved) = (lost, moved);
        Ok(Renames { on_branch, by_fix, fix_targets })
    }

    fn search_branch(&mut self, wanted: &BTreeSet<PathBytes>) -> Result<Found, GitError> {
        if wanted.is_empty() {
            return Ok(Found::default());
        }
        let Caches { turnovers, likeness, .. } = &mut *self.caches;
        let branch = turnovers.between(self.repository, self.trees.base, self.trees.ours)?;
        let found = search(self.repository, likeness, &branch.files(), wanted);
        self.note_coverage(found.coverage);
        Ok(found)
    }

    fn note_coverage(&mut self, coverage: Coverage) {
        if coverage == Coverage::Capped {
            self.merged.coverage = coverage;
        }
    }

    fn settle(&mut self, change: &TreeChange, renames: &Renames) -> Result<(), GitError> {
        if change.old.is_some() {
            self.merged.touched += 1;
        }
        if change.old.is_none() && renames.fix_targets.contains(&change.path) {
            return Ok(());
        }
        let here = self.ours.file(&change.path)?;
        match (renames.on_branch.get(&change.path), renames.by_fix.get(&change.path)) {
            (None, None) => self.in_place(change, here),
            (Some(there), None) => self.moved_on_branch(change, there),
            (None, Some(there)) => self.moved_in_fix(change, here, there),
            (Some(branch), Some(fix)) => self.moved_on_both(change, branch, fix),
        }
    }

    fn in_place(&mut self, change: &TreeChange, here: Option<TreeEntry>) -> Result<(), GitError> {
        let sides = PathSides { base: change.old, ours: here, theirs: change.new };
        if here.is_none() && change.old.is_some() {
            self.merged.absent += 1;
        }
        if here.is_none() && self.left_over.contains(&change.path) {
            self.conflict(&change.path, ConflictKind::Renamed, sides);
            return Ok(());
        }
        if here == change.new {
            return Ok(());
        }
        match (change.old, here, change.new) {
            (old, here, new) if here == old => {
                if old.is_none() && self.belongs_elsewhere(&change.path)? {
                    self.conflict(&change.path, ConflictKind::DirectoryMoved, sides);
                }
                self.put(&change.path, new);
                Ok(())
            }
            (_, Some(_), Some(_)) => self.merge_content(&change.path, &change.path, sides),
            (_, None, _) => {
                self.conflict(&change.path, ConflictKind::DeletedOnBranch, sides);
                Ok(())
            }
            (_, _, None) => {
                self.conflict(&change.path, ConflictKind::DeletedByFix, sides);
                Ok(())
            }
        }
    }

    fn moved_on_branch(&mut self, change: &TreeChange, there: &Rename) -> Result<(), GitError> {
        let sides = PathSides { base: change.old, ours: Some(there.entry), theirs: change.new };
        let fix_has_it = self.fix.iter().any(|other| other.path == there.to);
        if change.new.is_none() || fix_has_it {
            self.conflict(&there.to, ConflictKind::Renamed, sides);
            return Ok(());
        }
        self.merged.followed.push(there.clone());
        self.merge_content(&there.to, &change.path, sides)
    }

    fn moved_in_fix(
        &mut self,
        change: &TreeChange,
        here: Option<TreeEntry>,
        there: &Rename,
    ) -> Result<(), GitError> {
        let sides = PathSides { base: change.old, ours: here, theirs: Some(there.entry) };
        self.merged.fix_renames.push(there.clone());
        if here.is_none() || self.ours.entry(&there.to)?.is_some() {
            self.conflict(&there.to, ConflictKind::Renamed, sides);
            return Ok(());
        }
        if self.belongs_elsewhere(&there.to)? {
            self.conflict(&there.to, ConflictKind::DirectoryMoved, sides);
        }
        self.put(&change.path, None);
        self.merge_content(&there.to, &there.to, sides)
    }

    fn moved_on_both(&mut self, change: &TreeChange, branch: &Rename, fix: &Rename) -> Result<(), GitError> {
        let sides = PathSides { base: change.old, ours: Some(branch.entry), theirs: Some(fix.entry) };
        self.merged.fix_renames.push(fix.clone());
        if branch.to != fix.to {
            self.conflict(&branch.to, ConflictKind::Renamed, sides);
            return Ok(());
        }
        self.merged.followed.push(branch.clone());
        self.merge_content(&branch.to, &fix.to, sides)
    }

    fn merge_content(&mut self, path: &[u8], fix_path: &[u8], sides: PathSides) -> Result<(), GitError> {
        let (Some(ours), Some(theirs)) = (sides.ours, sides.theirs) else { return Ok(()) };
        let attributed = match sides.base {
            _ if ours.id == theirs.id => Attributed::default(),
            Some(base) if base.id == ours.id || base.id == theirs.id => Attributed::default(),
            _ => attributes_of(self.repository, &mut self.caches.attributes, &mut self.ours, path)?,
        };
        let treatment = Treatment {
            endings: if self.manner.renormalize { attributed.endings } else { Endings::AsTheyAre },
            is_joined: attributed.merge == MergeAttribute::Union,
        };
        match merge_files(
            (self.repository, &mut self.caches.blobs),
            sides.base,
            ours,
            theirs,
            (self.manner, treatment),
        )? {
            FileMerge::Taken(entry) => self.put(path, Some(entry)),
            FileMerge::Joined(entry) => {
                self.merged.joined.push(path.to_vec());
                self.put(path, Some(entry));
            }
            FileMerge::Merged(..) if attributed.merge == MergeAttribute::Never => {
                self.merged
                    .conflicts
                    .push(Conflict::new(path, ConflictKind::Binary, sides).seen_from(fix_path));
            }
            FileMerge::Merged(entry, agreement) => {
                self.merged.content_merges += 1;
                if agreement == Agreement::Differs {
                    self.merged.differing.insert(path.to_vec());
                }
                self.put(path, Some(entry));
            }
            FileMerge::Conflict { kind, hunks, marked } => {
                if let Some(entry) = marked {
                    self.put(path, Some(entry));
                }
                let mut conflict = Conflict::new(path, kind, sides).seen_from(fix_path);
                conflict.hunks = hunks;
                self.merged.conflicts.push(conflict);
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &[u8], entry: Option<TreeEntry>) {
        let before = self.merged.updates.insert(path.to_vec(), entry);
        if before.is_some_and(|before| before.is_some() && before != entry) {
            self.merged.collisions.push(path.to_vec());
        }
    }

    fn conflict(&mut self, path: &[u8], kind: ConflictKind, sides: PathSides) {
        self.merged.conflicts.push(Conflict::new(path, kind, sides));
    }
}
