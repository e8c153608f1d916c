//! Where a file went: git's rename detection, asked only about the files that matter to a pick.
//!
//! The order is git's (`diffcore-rename.c` as merge-ort uses it): identical content first, over all files that
//! went; then files that kept their base name; then, for the sources that matter, the most alike of all new files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use git2::{ObjectType, Oid, Repository};

use super::likeness::{Likeness, are_possible};
use super::similarity::{IDENTICAL, MOVED, RENAMED};
use super::turnover::{TurnoverFile, TurnoverFiles};
use crate::git::plumbing::{ById, EntryKind, Ids, PathBytes, TreeEntry, split};

/// One rename: the old path, the new one, and what is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backport) struct Rename {
    pub(in crate::backport) from: PathBytes,
    pub(in crate::backport) to: PathBytes,
    pub(in crate::backport) entry: TreeEntry,
    pub(in crate::backport) score: u64,
    pub(in crate::backport) choice: Choice,
}

/// Whether a rename could have been another one as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) enum Choice {
    /// No other file would have done.
    Only,
    /// Several files with the same content went, or came: git takes one of them by an order of its own.
    OneOfSeveral,
}

/// What a search found, and whether it looked everywhere.
#[derive(Debug, Default)]
pub(in crate::backport) struct Found {
    pub(in crate::backport) renames: Vec<Rename>,
    pub(in crate::backport) coverage: Coverage,
    /// Wanted files that were left over where a file alike was taken for one that came: it may have been them.
    pub(in crate::backport) left_over: BTreeSet<PathBytes>,
    /// What else could have gone where.
    pub(in crate::backport) guesses: Vec<Guess>,
}

/// TurnoverFiles with one content, more than one of which went or came: any of them may have gone to any place.
#[derive(Debug, Default)]
pub(in crate::backport) struct Guess {
    /// Those that are wanted.
    pub(in crate::backport) from: Vec<PathBytes>,
    /// All that came.
    pub(in crate::backport) to: Vec<PathBytes>,
}

/// Whether the search was cut short.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) enum Coverage {
    #[default]
    Complete,
    /// There were more pairs to compare than the cap allows.
    Capped,
}

/// How many pairs of files one search compares by content at most. Git's limit is 49 million, which takes minutes;
/// this many take about a second, and no case measured needed a tenth of it.
const PAIRS: usize = 100_000;

/// Searches a turnover for where the files in `wanted` went.
pub(in crate::backport) fn search(
    repository: &Repository,
    likeness: &mut Likeness,
    files: &TurnoverFiles<'_>,
    wanted: &BTreeSet<PathBytes>,
) -> Found {
    let mut hunt = Hunt::new(repository, likeness, files, wanted);
    if hunt.wanted.is_empty() || hunt.targets.is_empty() {
        return Found::default();
    }
    hunt.identical();
    hunt.same_name();
    let coverage = hunt.most_alike();
    hunt.found(coverage)
}

struct Hunt<'a> {
    repository: &'a Repository,
    likeness: &'a mut Likeness,
    sources: Vec<&'a TurnoverFile<'a>>,
    targets: Vec<&'a TurnoverFile<'a>>,
    /// The sources that are looked for.
    wanted: Vec<usize>,
    /// Where each source went, with the score.
    went: Vec<Option<(usize, u64)>>,
    target_used: Vec<Use>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Free,
    Taken,
}

impl<'a> Hunt<'a> {
    fn new(
        repository: &'a Repository,
        likeness: &'a mut Likeness,
        files: &'a TurnoverFiles<'a>,
        wanted: &BTreeSet<PathBytes>,
    ) -> Hunt<'a> {
        let empty = Oid::hash_object(ObjectType::Blob, b"").ok();
        let worth = |file: &&TurnoverFile<'_>| {
            Some(file.entry.id) != empty && file.entry.kind() != EntryKind::Submodule
        };
        let sources: Vec<_> = files.gone.iter().filter(worth).collect();
        let targets: Vec<_> = files.came.iter().filter(worth).collect();
        Hunt {
            repository,
            likeness,
            wanted: places(&sources, wanted),
            went: vec![None; sources.len()],
            target_used: vec![Use::Free; targets.len()],
            sources,
            targets,
        }
    }

    fn take(&mut self, source: usize, target: usize, score: u64) {
        self.went[source] = Some((target, score));
        self.target_used[target] = Use::Taken;
    }

    fn found(&self, coverage: Coverage) -> Found {
        let (went, came) = (self.alike(&self.sources), self.alike(&self.targets));
        let mut found = Found { coverage, ..Found::default() };
        for &source in &self.wanted {
            let file = self.sources[source];
            let Some((target, score)) = self.went[source] else {
                if came.contains_key(&file.entry.id) {
                    found.left_over.insert(file.path());
                }
                continue;
            };
            let there = self.targets[target];
            let is_single = went.get(&file.entry.id) == Some(&1) && came.get(&there.entry.id) == Some(&1);
            found.renames.push(Rename {
                from: file.path(),
                to: there.path(),
                entry: there.entry,
                score,
                choice: if is_single { Choice::Only } else { Choice::OneOfSeveral },
            });
        }
        found.guesses = self.guesses(&went, &came);
        found
    }

    fn guesses(&self, went: &ById<usize>, came: &ById<usize>) -> Vec<Guess> {
        let open = |id: &Oid| came.get(id).is_some_and(|count| *count > 1 || went.get(id) > Some(&1));
        let mut guesses: ById<Guess> = ById::default();
        for &source in &self.wanted {
            let file = self.sources[source];
            if open(&file.entry.id) {
                guesses.entry(file.entry.id).or_default().from.push(file.path());
            }
        }
        for file in &self.targets {
            if let Some(guess) = guesses.get_mut(&file.entry.id) {
                guess.to.push(file.path());
            }
        }
        guesses.into_values().collect()
    }

    /// How many of these files have the content of a wanted file, or of what one became.
    fn alike(&self, files: &[&TurnoverFile<'_>]) -> ById<usize> {
        let became = |source: &usize| self.went[*source].map(|(target, _)| self.targets[target].entry.id);
        let ids: Ids = self
            .wanted
            .iter()
            .flat_map(|source| [Some(self.sources[*source].entry.id), became(source)])
            .flatten()
            .collect();
        let mut counts = ById::default();
        for file in files.iter().filter(|file| ids.contains(&file.entry.id)) {
            *counts.entry(file.entry.id).or_default() += 1;
        }
        counts
    }

    /// Identical files, those that kept their name first. All that went are matched, wanted or not: a new file that is
    /// another one's copy is nobody else's.
    fn identical(&mut self) {
        let mut by_id: ById<Vec<usize>> =
            self.targets.iter().map(|there| (there.entry.id, Vec::new())).collect();
        for (source, file) in self.sources.iter().enumerate() {
            if let Some(alike) = by_id.get_mut(&file.entry.id) {
                alike.push(source);
            }
        }
        for target in 0..self.targets.len() {
            let there = self.targets[target];
            let alike = by_id.get(&there.entry.id).into_iter().flatten().copied();
            let free = alike.filter(|&source| {
                self.sources[source].entry.kind() == there.entry.kind() && self.went[source].is_none()
            });
            let same_name = |source: usize| self.sources[source].name == there.name;
            let best =
                free.reduce(|best, next| if same_name(next) && !same_name(best) { next } else { best });
            if let Some(source) = best {
                self.take(source, target, IDENTICAL);
            }
        }
    }

    /// TurnoverFiles that kept their base name, if no other went or came with that name.
    fn same_name(&mut self) {
        let identical = self.went.clone();
        let open: Vec<usize> = self.wanted.iter().copied().filter(|&at| self.went[at].is_none()).collect();
        let mut names: HashMap<&[u8], Namesakes> =
            open.iter().map(|&source| (self.sources[source].name, Namesakes::default())).collect();
        for (source, file) in self.sources.iter().enumerate().filter(|(at, _)| identical[*at].is_none()) {
            if let Some(namesakes) = names.get_mut(file.name) {
                namesakes.sources.push(source);
            }
        }
        for (target, file) in self.targets.iter().enumerate() {
            if self.target_used[target] == Use::Free
                && let Some(namesakes) = names.get_mut(file.name)
            {
                namesakes.targets.push(target);
            }
        }
        for source in open {
            let Some(namesakes) = names.get(self.sources[source].name) else { continue };
            let target = match (namesakes.sources.as_slice(), namesakes.targets.as_slice()) {
                ([_], [only]) => Some(*only),
                (_, several) => self.beside_the_identical(&identical, source, several),
            };
            let Some(target) = target.filter(|&target| self.target_used[target] == Use::Free) else {
                continue;
            };
            let score = self.score(source, target);
            if score >= MOVED {
                self.take(source, target, score);
            }
        }
    }

    /// The candidate in the directory to which most of the identical files of the source's directory went.
    fn beside_the_identical(
        &self,
        identical: &[Option<(usize, u64)>],
        source: usize,
        candidates: &[usize],
    ) -> Option<usize> {
        let from = &self.sources[source].directory;
        let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
        for (neighbour, went) in self.sources.iter().zip(identical) {
            if let Some((target, _)) = went
                && neighbour.directory == *from
            {
                *counts.entry(&self.targets[*target].directory).or_default() += 1;
            }
        }
        let (to, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        candidates.iter().copied().find(|&target| *self.targets[target].directory == *to)
    }

    fn most_alike(&mut self) -> Coverage {
        let open: Vec<usize> = self.wanted.iter().copied().filter(|&at| self.went[at].is_none()).collect();
        let mut sizes = Vec::new();
        for &source in &open {
            sizes.push((source, self.likeness.size_of(self.repository, self.sources[source].entry)));
        }
        let mut compared = 0;
        let mut scored = Vec::new();
        for target in 0..self.targets.len() {
            if self.target_used[target] == Use::Taken || open.is_empty() {
                continue;
            }
            let there = self.likeness.size_of(self.repository, self.targets[target].entry);
            let mut best: Vec<(u64, bool, usize, usize)> = Vec::new();
            for &(source, here) in &sizes {
                if !are_possible(here, there) {
                    continue;
                }
                compared += 1;
                if compared > PAIRS {
                    break;
                }
                let score = self.score(source, target);
                if score >= RENAMED {
                    let same_name = self.sources[source].name == self.targets[target].name;
                    best.push((score, same_name, target, source));
                }
            }
            // Git keeps the four best sources of each new file.
            best.sort_by_key(|pair| Reverse((pair.0, pair.1)));
            best.truncate(4);
            scored.extend(best);
        }
        scored.sort_by_key(|pair| Reverse((pair.0, pair.1)));
        for (score, _, target, source) in scored {
            if self.target_used[target] == Use::Free && self.went[source].is_none() {
                self.take(source, target, score);
            }
        }
        if compared > PAIRS { Coverage::Capped } else { Coverage::Complete }
    }

    fn score(&mut self, source: usize, target: usize) -> u64 {
        let (old, new) = (self.sources[source].entry, self.targets[target].entry);
        self.likeness.score(self.repository, old, new)
    }
}

/// The files that went and that came under one name.
#[derive(Default)]
struct Namesakes {
    sources: Vec<usize>,
    targets: Vec<usize>,
}

/// Where the wanted paths are among the files that went.
fn places(sources: &[&TurnoverFile<'_>], wanted: &BTreeSet<PathBytes>) -> Vec<usize> {
    let wanted: HashSet<(&[u8], &[u8])> = wanted.iter().map(|path| split(path)).collect();
    let is_wanted = |file: &TurnoverFile<'_>| wanted.contains(&(&*file.directory, file.name));
    sources.iter().enumerate().filter(|(_, file)| is_wanted(file)).map(|(at, _)| at).collect()
}
