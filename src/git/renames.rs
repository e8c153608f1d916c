//! Where a file went: git's rename detection, asked only about the files that matter to a pick.
//!
//! The order is git's (`diffcore-rename.c` as merge-ort uses it): identical content first, over all files that
//! went; then files that kept their base name; then, for the sources that matter, the most alike of all new files.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use git2::{ObjectType, Oid, Repository};

use super::error::GitError;
use super::similarity::{Fingerprint, IDENTICAL, MOVED, RENAMED, sizes_allow};
use super::tree::{Change, Entry, Kind, PathBytes, split};

/// One rename: the old path, the new one, and what is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rename {
    pub(super) from: PathBytes,
    pub(super) to: PathBytes,
    pub(super) entry: Entry,
    pub(super) score: u64,
}

/// What a search found, and whether it looked everywhere.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) renames: Vec<Rename>,
    pub(super) coverage: Coverage,
}

/// Whether the search was cut short.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    #[default]
    Complete,
    /// There were more pairs to compare than the cap allows.
    Capped,
}

/// How many pairs of files one search compares by content at most. Git's limit is 49 million, which takes minutes;
/// this many take about a second, and no case measured needed a tenth of it.
const PAIRS: usize = 100_000;

/// Fingerprints by blob, kept over all searches of one picker: the lines of one project share most files.
#[derive(Default)]
pub(super) struct Fingerprints {
    known: HashMap<Oid, Option<Rc<Fingerprint>>>,
    sizes: HashMap<Oid, u64>,
}

impl Fingerprints {
    /// `None` for a blob that this clone lacks: it cannot be a candidate.
    fn of(&mut self, repository: &Repository, id: Oid) -> Option<Rc<Fingerprint>> {
        let read = || repository.find_blob(id).ok().map(|blob| Rc::new(Fingerprint::of(blob.content())));
        self.known.entry(id).or_insert_with(read).clone()
    }

    fn size(&mut self, repository: &Repository, id: Oid) -> Result<u64, GitError> {
        if let Some(size) = self.sizes.get(&id) {
            return Ok(*size);
        }
        // A blob that is not here has no size to compare: zero is like nothing else.
        let size = match repository.odb().and_then(|odb| odb.read_header(id)) {
            Ok((size, ObjectType::Blob)) => size as u64,
            Ok(_) | Err(_) => 0,
        };
        self.sizes.insert(id, size);
        Ok(size)
    }
}

/// Searches among these changes for where the files in `wanted` went.
pub(super) fn search(
    repository: &Repository,
    fingerprints: &mut Fingerprints,
    changes: &[Change],
    wanted: &BTreeSet<PathBytes>,
) -> Result<Found, GitError> {
    let mut hunt = Hunt::new(repository, fingerprints, changes);
    if wanted.is_empty() || hunt.targets.is_empty() {
        return Ok(Found::default());
    }
    hunt.identical();
    hunt.same_name(wanted)?;
    let coverage = hunt.most_alike(wanted)?;
    Ok(Found { renames: hunt.renames, coverage })
}

struct Hunt<'a> {
    repository: &'a Repository,
    fingerprints: &'a mut Fingerprints,
    sources: Vec<(&'a [u8], Entry)>,
    source_used: Vec<Use>,
    targets: Vec<(&'a [u8], Entry)>,
    target_used: Vec<Use>,
    renames: Vec<Rename>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Free,
    Taken,
}

impl<'a> Hunt<'a> {
    fn new(
        repository: &'a Repository,
        fingerprints: &'a mut Fingerprints,
        changes: &'a [Change],
    ) -> Hunt<'a> {
        let empty = Oid::hash_object(ObjectType::Blob, b"").ok();
        let worth = |entry: &Entry| Some(entry.id) != empty && entry.kind() != Kind::Submodule;
        let mut sources = Vec::new();
        let mut targets = Vec::new();
        for change in changes {
            match (change.old, change.new) {
                (Some(old), None) if worth(&old) => sources.push((change.path.as_slice(), old)),
                (None, Some(new)) if worth(&new) => targets.push((change.path.as_slice(), new)),
                _ => {}
            }
        }
        let source_used = vec![Use::Free; sources.len()];
        let target_used = vec![Use::Free; targets.len()];
        Hunt { repository, fingerprints, sources, source_used, targets, target_used, renames: Vec::new() }
    }

    fn take(&mut self, source: usize, target: usize, score: u64) {
        self.source_used[source] = Use::Taken;
        self.target_used[target] = Use::Taken;
        self.renames.push(Rename {
            from: self.sources[source].0.to_vec(),
            to: self.targets[target].0.to_vec(),
            entry: self.targets[target].1,
            score,
        });
    }

    fn identical(&mut self) {
        let mut by_id: HashMap<Oid, Vec<usize>> = HashMap::new();
        for (index, (_, entry)) in self.sources.iter().enumerate() {
            by_id.entry(entry.id).or_default().push(index);
        }
        for target in 0..self.targets.len() {
            let (path, entry) = self.targets[target];
            let Some(sources) = by_id.get(&entry.id) else { continue };
            let alike = |&&source: &&usize| {
                let there = self.sources[source].1;
                there.kind() == entry.kind() && self.source_used[source] == Use::Free
            };
            let same_name = |source: usize| split(self.sources[source].0).1 == split(path).1;
            let best = sources
                .iter()
                .filter(alike)
                .copied()
                .reduce(|best, next| if same_name(next) && !same_name(best) { next } else { best });
            if let Some(source) = best {
                self.take(source, target, IDENTICAL);
            }
        }
    }

    /// Files that kept their base name, if no other went or came with that name.
    fn same_name(&mut self, wanted: &BTreeSet<PathBytes>) -> Result<(), GitError> {
        let directories = self.moved_directories();
        let sources = by_name(&self.sources, &self.source_used);
        let targets = by_name(&self.targets, &self.target_used);
        for source in 0..self.sources.len() {
            let (path, _) = self.sources[source];
            if self.source_used[source] == Use::Taken || !wanted.contains(path) {
                continue;
            }
            let (directory, name) = split(path);
            let Some(candidates) = targets.get(name) else { continue };
            let target = match (sources.get(name).map(Vec::as_slice), candidates.as_slice()) {
                (Some([_]), [only]) => Some(*only),
                _ => directories.get(directory).and_then(|moved| {
                    candidates.iter().copied().find(|&target| split(self.targets[target].0).0 == *moved)
                }),
            };
            let Some(target) = target else { continue };
            if self.target_used[target] == Use::Taken {
                continue;
            }
            let score = self.score(source, target)?;
            if score >= MOVED {
                self.take(source, target, score);
            }
        }
        Ok(())
    }

    /// Where most of a directory's identical files went.
    fn moved_directories(&self) -> HashMap<&'a [u8], PathBytes> {
        let mut counts: HashMap<PathBytes, HashMap<PathBytes, usize>> = HashMap::new();
        for rename in &self.renames {
            let (from, to) = (split(&rename.from).0.to_vec(), split(&rename.to).0.to_vec());
            *counts.entry(from).or_default().entry(to).or_default() += 1;
        }
        let mut moved = HashMap::new();
        for &(path, _) in &self.sources {
            let directory = split(path).0;
            let best =
                counts.get(directory).and_then(|to| to.iter().max_by_key(|(to, count)| (**count, *to)));
            if let Some((to, _)) = best {
                moved.insert(directory, to.clone());
            }
        }
        moved
    }

    fn most_alike(&mut self, wanted: &BTreeSet<PathBytes>) -> Result<Coverage, GitError> {
        let free = |used: &[Use]| -> Vec<usize> {
            used.iter().enumerate().filter(|(_, used)| **used == Use::Free).map(|(index, _)| index).collect()
        };
        let mut sources = free(&self.source_used);
        sources.retain(|&source| wanted.contains(self.sources[source].0));
        let targets = free(&self.target_used);
        let mut scored = Vec::new();
        let mut compared = 0;
        let mut coverage = Coverage::Complete;
        for &target in &targets {
            let mut best: Vec<(u64, bool, usize, usize)> = Vec::new();
            for &source in &sources {
                if compared >= PAIRS {
                    coverage = Coverage::Capped;
                    break;
                }
                compared += 1;
                let score = self.score(source, target)?;
                if score >= RENAMED {
                    let same_name = split(self.sources[source].0).1 == split(self.targets[target].0).1;
                    best.push((score, same_name, target, source));
                }
            }
            // Git keeps the four best sources of each new file.
            best.sort_by_key(|pair| std::cmp::Reverse((pair.0, pair.1)));
            best.truncate(4);
            scored.extend(best);
        }
        scored.sort_by_key(|pair| std::cmp::Reverse((pair.0, pair.1)));
        for (score, _, target, source) in scored {
            if self.target_used[target] == Use::Free && self.source_used[source] == Use::Free {
                self.take(source, target, score);
            }
        }
        Ok(coverage)
    }

    fn score(&mut self, source: usize, target: usize) -> Result<u64, GitError> {
        let (old, new) = (self.sources[source].1, self.targets[target].1);
        if old.kind() != Kind::File || new.kind() != Kind::File {
            return Ok(0);
        }
        let old_size = self.fingerprints.size(self.repository, old.id)?;
        let new_size = self.fingerprints.size(self.repository, new.id)?;
        if old_size == 0 || new_size == 0 || !sizes_allow(old_size, new_size) {
            return Ok(0);
        }
        let old = self.fingerprints.of(self.repository, old.id);
        let new = self.fingerprints.of(self.repository, new.id);
        Ok(old.zip(new).map_or(0, |(old, new)| old.score(&new)))
    }
}

fn by_name<'a>(files: &[(&'a [u8], Entry)], used: &[Use]) -> HashMap<&'a [u8], Vec<usize>> {
    let mut names: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, (path, _)) in files.iter().enumerate() {
        if used[index] == Use::Free {
            names.entry(split(path).1).or_default().push(index);
        }
    }
    names
}
