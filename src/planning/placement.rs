//! Every version that the tags of a repository name, and where each was released from.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::rivals::{Rivals, TaggedCommits};
use super::tag_answers::{AnsweredLines, Answers, TagError, TagFault};
use super::unread::{Unread, form};
use crate::backport::{TagPlace, place_tags};
use crate::catalog::Repo;
use crate::git::{Reference, Store};
use crate::ids::{BranchName, CommitId};
use crate::numbering::{Version, usual_length, version_at_end};
use crate::plan::Inputs;
use crate::snapshot::{Origin, TaggedVersion, UnreadTags};

/// A branch whose releases are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineHead {
    pub(super) branch: BranchName,
    pub(super) head: CommitId,
    pub(super) support: Support,
}

impl LineHead {
    /// A supported line that begins at this commit.
    pub(super) fn begun((branch, head): (&BranchName, &CommitId)) -> LineHead {
        LineHead { branch: branch.clone(), head: head.clone(), support: Support::Supported }
    }
}

/// Whether a line is still supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    /// It is the default branch, or among the catalog's `lines`.
    Supported,
    /// It is among the catalog's `old-lines`, or looks like a line and is in no list.
    Old,
}

/// What the tags of a repository tell.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// The versions, oldest first.
    pub(super) versions: Vec<TaggedVersion>,
    /// What was not read.
    pub(super) unread: Vec<UnreadTags>,
}

/// The heads of a repository by name: those that the catalog supports, its old lines, and branches that are called like
/// the lines and are in no list.
pub(super) fn line_heads(repo: &Repo, refs: &BTreeMap<String, CommitId>) -> Vec<LineHead> {
    let forms: BTreeSet<String> = repo.all_lines().map(|line| form(line.as_str())).collect();
    let is_like_a_line =
        |name: &str| name.contains(|c: char| c.is_ascii_digit()) && forms.contains(&form(name));
    let heads = refs.iter().filter_map(|(name, head)| Some((name.strip_prefix("refs/heads/")?, head)));
    let lines = heads.filter_map(|(name, head)| {
        let branch: BranchName = name.parse().ok()?;
        let support = if repo.branches().any(|known| *known == branch) {
            Support::Supported
        } else if repo.old_lines.contains(&branch) || is_like_a_line(name) {
            Support::Old
        } else {
            return None;
        };
        Some(LineHead { branch, head: head.clone(), support })
    });
    lines.collect()
}

/// Reads every tag of a repository and says where each version was released from. What the release file answers for a tag
/// counts.
///
/// # Errors
/// When an answer does not hold, or the store cannot be read.
pub(super) fn tagged(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    (heads, stated): (&[LineHead], BTreeMap<BranchName, Version>),
    tags: &BTreeMap<String, CommitId>,
) -> Result<Tagged, TagError> {
    let mut unread = Unread::default();
    let mut versions = TaggedCommits::new();
    let mut rivals = Rivals::default();
    for (tag, commit) in by_rule_first(inputs, repo, tags) {
        let Some(version) = inputs.version_of_tag(repo, tag) else {
            if !inputs.is_of_a_package(repo, tag) {
                unread.add(tag, why_unread(tag));
            }
            continue;
        };
        if !store.has_commit(commit) {
            unread.add(tag, "names no commit".to_owned());
        } else if let Some((known, (first, other))) = versions.get_key_value(&version) {
            match other == commit {
                true => {}
                // What says fewer numbers may be moved with each release.
                false if known.numbers().count() == version.numbers().count() => {
                    rivals.add(version, tag, commit);
                }
                false => {
                    unread.add(
                        tag,
                        format!("is at another commit than `{first}`, which names the same version"),
                    );
                }
            }
        } else {
            versions.insert(version, (tag.clone(), commit.clone()));
        }
    }
    let further = further_tags(inputs, repo, versions.keys());
    unread.retain(|tag| !further.contains(tag));
    for (tag, because) in moving_names(&mut versions) {
        unread.add(&tag, because);
    }
    let answered = Answers { store, inputs, repo, tags }.take(&mut versions, &mut unread, &mut rivals)?;
    rivals.left(&versions, &mut unread);
    let mut placed = Placement { repo, heads, stated, answered }.place(store, versions)?;
    for one in &mut placed {
        one.rivals = rivals.of(&one.version);
    }
    Ok(Tagged { versions: placed, unread: unread.forms() })
}

/// The tags that the catalog's rule gives these versions beside their own.
fn further_tags<'v>(
    inputs: &Inputs,
    repo: &Repo,
    versions: impl Iterator<Item = &'v Version>,
) -> BTreeSet<String> {
    let forms = inputs.release_rule(repo).map(|rule| rule.tags.as_slice()).unwrap_or_default();
    versions.flat_map(|version| forms.iter().map(|form| form.of(version))).collect()
}

/// Takes out the tags that are another name of a version with more numbers: `v1.2`, which is moved to each `v1.2.3`. What says as
/// many numbers as most versions, or three, is a release of its own: 7.1.5, though 7.1.5.1 is the same commit.
fn moving_names(versions: &mut TaggedCommits) -> Vec<(String, String)> {
    let moved = usual_length(versions.keys()).min(3);
    let longer_at_the_same = |version: &Version, commit: &CommitId| {
        let begins = format!("{version}.");
        let mut others = versions.iter();
        let found = others.find(|(other, (_, at))| at == commit && other.as_str().starts_with(&begins));
        found.map(|(_, (tag, _))| tag.clone())
    };
    let moving: Vec<(Version, String, String)> = versions
        .iter()
        .filter(|(version, _)| version.is_shorter_than(moved))
        .filter_map(|(version, (tag, commit))| {
            let other = longer_at_the_same(version, commit)?;
            Some((version.clone(), tag.clone(), format!("is another name of `{other}`")))
        })
        .collect();
    moving
        .into_iter()
        .map(|(version, tag, because)| {
            versions.remove(&version);
            (tag, because)
        })
        .collect()
}

/// Where two tags name one version, the one of today's form counts, and of these the one that says all its numbers: `v1.1` may
/// be moved to each new `v1.1.5`, and is not where 1.1.0 was released.
fn by_rule_first<'a>(
    inputs: &Inputs,
    repo: &Repo,
    tags: &'a BTreeMap<String, CommitId>,
) -> Vec<(&'a String, &'a CommitId)> {
    let mut ordered: Vec<_> = tags.iter().collect();
    ordered.sort_by_key(|(tag, _)| {
        let is_of_rule = inputs.version_by_rule(repo, tag).is_some();
        let numbers = tag.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
        (!is_of_rule, Reverse(numbers.count()))
    });
    ordered
}

fn why_unread(tag: &str) -> String {
    match version_at_end(tag) {
        _ if tag.ends_with(".x") || tag.ends_with(".X") => {
            "is called like a line, not like a version".to_owned()
        }
        Some(("", _)) => "is no version in the scheme of this repository".to_owned(),
        Some((before, _)) => {
            format!("begins with `{before}`, which is no form of this repository's tags that is known")
        }
        None => "names no version".to_owned(),
    }
}

/// Where versions were released from.
pub(super) struct Placement<'a> {
    pub(super) repo: &'a Repo,
    pub(super) heads: &'a [LineHead],
    /// What the branches state from which releases are made.
    pub(super) stated: BTreeMap<BranchName, Version>,
    /// What people say where no history tells.
    pub(super) answered: AnsweredLines,
}

/// What each branch states where no file does: its highest version.
fn highest(known: &[KnownOrigin<'_>]) -> BTreeMap<BranchName, Version> {
    let mut highest = BTreeMap::new();
    // Oldest first: the last one stays.
    for (version, origin) in known {
        if let Some(branch) = origin.as_ref().and_then(Origin::branch) {
            highest.insert(branch.clone(), (*version).clone());
        }
    }
    highest
}

/// A version, and what the history says of its origin.
type KnownOrigin<'a> = (&'a Version, Option<Origin>);

/// Every version of a repository.
struct KnownVersions<'a> {
    known: Vec<KnownOrigin<'a>>,
    /// How many numbers most of them have.
    usual: usize,
}

impl KnownVersions<'_> {
    /// The newest version of the same line.
    fn newest_of_the_line_of(&self, version: &Version) -> Option<&KnownOrigin<'_>> {
        let same_line = self.known.iter().filter(|(other, _)| self.are_of_one_line(other, version));
        same_line.max_by(|(one, _), (other, _)| one.cmp(other))
    }

    /// `1.0` is the first of 1.0.1's line where versions have three numbers, and of 1.1's where they have two.
    fn are_of_one_line(&self, one: &Version, other: &Version) -> bool {
        if one.is_shorter_than(self.usual) || other.is_shorter_than(self.usual) {
            return one.line_among(self.usual) == other.line_among(self.usual);
        }
        one.is_of_the_line_of(other)
    }
}

impl Placement<'_> {
    /// Gives each version its place, oldest first.
    ///
    /// # Errors
    /// When people say of a version what its history tells, or the store cannot be read.
    pub(super) fn place(
        mut self,
        store: &Store,
        versions: TaggedCommits,
    ) -> Result<Vec<TaggedVersion>, TagError> {
        let heads: Vec<CommitId> = self.heads.iter().map(|line| line.head.clone()).collect();
        let default = self.heads.iter().position(|line| line.branch == self.repo.default_branch);
        let tags: Vec<Reference> = versions
            .values()
            .map(|(tag, commit)| Reference { name: tag.clone(), commit: commit.clone() })
            .collect();
        let places = place_tags(store, &heads, (default, &self.newer()), &tags)?;
        let known = versions.keys().zip(&places);
        let known: Result<Vec<KnownOrigin<'_>>, TagFault> =
            known.map(|(version, place)| Ok((version, self.known(version, *place)?))).collect();
        let known = known?;
        if self.stated.is_empty() {
            self.stated = highest(&known);
        }
        let all = KnownVersions { usual: usual_length(versions.keys()), known };
        let origin = |(version, origin): &KnownOrigin<'_>| self.origin(version, origin.as_ref(), &all);
        let origins: Vec<Origin> = all.known.iter().map(origin).collect();
        let placed = versions.into_iter().zip(origins);
        Ok(placed
            .map(|((version, (tag, commit)), origin)| TaggedVersion {
                version,
                tag,
                commit,
                origin,
                rivals: Vec::new(),
            })
            .collect())
    }

    /// The heads of lines that are newer than the default branch, as the catalog or their names say: their histories begin with its.
    fn newer(&self) -> BTreeSet<usize> {
        let stated = self.stated.get(&self.repo.default_branch);
        let is_newer = |line: &LineHead| {
            let is_called_so = stated.is_some_and(|stated| names_more_than(&line.branch, stated));
            self.repo.newer_lines.contains(&line.branch) || line.support == Support::Old && is_called_so
        };
        self.heads.iter().enumerate().filter(|(_, line)| is_newer(line)).map(|(index, _)| index).collect()
    }

    /// What history says, or people where it says nothing.
    fn known(&self, version: &Version, place: TagPlace) -> Result<Option<Origin>, TagFault> {
        let by_history = self.by_history(place);
        let Some((answer, line)) = self.answered.get(version) else { return Ok(by_history) };
        if let Some(origin) = by_history {
            return Err(TagFault {
                answer: *answer,
                key: "line",
                message: format!("where {version} was released from is told by its history: {origin}"),
                hint: "remove `line`".to_owned(),
            });
        }
        let is_old = self.repo.old_lines.contains(line);
        Ok(Some(if is_old { Origin::OldLine(line.to_string()) } else { Origin::Beside(line.clone()) }))
    }

    fn by_history(&self, place: TagPlace) -> Option<Origin> {
        let (TagPlace::On(head) | TagPlace::Beside(head)) = place else { return None };
        let line = self.heads.get(head)?;
        Some(match (line.support, place) {
            (Support::Old, _) => Origin::OldLine(line.branch.to_string()),
            (Support::Supported, TagPlace::On(_)) => Origin::Branch(line.branch.clone()),
            (Support::Supported, _) => Origin::Beside(line.branch.clone()),
        })
    }

    /// Where the history says nothing, the numbers do. Where it says that the beginning of an old line is also the
    /// beginning of a newer one, the old line keeps all its versions.
    fn origin(&self, version: &Version, by_history: Option<&Origin>, all: &KnownVersions<'_>) -> Origin {
        if let Some(answered) = by_history.filter(|_| self.answered.contains_key(version)) {
            return answered.clone();
        }
        if let Some(branch) = self.stating(version) {
            // A line's name tells more than a history that it shares with another one.
            let states = |own: &BranchName| {
                let stated = self.stated.get(own).filter(|stated| stated.is_of_the_line_of(version));
                let is_named_better = || {
                    *own != self.repo.default_branch && self.says_of_itself(own) < self.says_of_itself(branch)
                };
                stated.is_some() && !is_named_better()
            };
            return match by_history {
                Some(origin) if origin.branch().is_some_and(states) => origin.clone(),
                _ => on_or_beside(branch, by_history),
            };
        }
        let newest = all.newest_of_the_line_of(version);
        if let (Some(Origin::OldLine(line)), _) | (_, Some((_, Some(Origin::OldLine(line))))) =
            (by_history, newest)
        {
            return Origin::OldLine(line.clone());
        }
        if let Some(branch) = self.called_after(version).or_else(|| self.only_branch()) {
            return on_or_beside(branch, by_history);
        }
        match (by_history, newest) {
            (Some(origin), Some((_, Some(_)))) => origin.clone(),
            _ => Origin::OldLine(version.line_among(all.usual)),
        }
    }

    /// The supported branch whose name tells that the version is its own: 4.19.2 of `4.x`, which states 4.21.0 by now. Of
    /// several, the one whose name says most.
    fn called_after(&self, version: &Version) -> Option<&BranchName> {
        let lines = self.stated.iter().filter_map(|(branch, stated)| {
            let named = self.says_of_itself(branch)?;
            let is_its_own = version.begins_with_numbers(stated, named) && version <= stated;
            is_its_own.then_some((named, branch))
        });
        lines.max_by_key(|(named, _)| *named).map(|(_, branch)| branch)
    }

    /// The branch that states a version of the same line; of several, the one whose name says most.
    fn stating(&self, version: &Version) -> Option<&BranchName> {
        let stating = self.stated.iter().filter(|(_, stated)| stated.is_of_the_line_of(version));
        // The first of those that say as much.
        stating.map(|(branch, _)| branch).rev().max_by_key(|branch| self.says_of_itself(branch))
    }

    /// How many of the numbers that it states a branch has in its name.
    fn says_of_itself(&self, branch: &BranchName) -> Option<usize> {
        numbers_in_name(branch, self.stated.get(branch)?)
    }

    /// The one branch of a project that releases from no other.
    fn only_branch(&self) -> Option<&BranchName> {
        let mut branches = self.repo.branches();
        branches.next().filter(|_| branches.next().is_none())
    }
}

/// A version of this branch: older lines hold what was released before they parted, so it is on one as well as on the other.
fn on_or_beside(branch: &BranchName, by_history: Option<&Origin>) -> Origin {
    match by_history {
        Some(Origin::Branch(_)) => Origin::Branch(branch.clone()),
        _ => Origin::Beside(branch.clone()),
    }
}

/// The numbers in a branch's name, in their order.
fn numbers_of(branch: &BranchName) -> impl Iterator<Item = &str> {
    let parts = branch.as_str().split(|letter: char| !letter.is_ascii_digit());
    parts.filter(|number| !number.is_empty())
}

/// Whether a branch is called after a higher version than this one: `4.x`, where 3.14.0 is stated.
fn names_more_than(branch: &BranchName, stated: &Version) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    let named: Vec<u64> = numbers_of(branch).filter_map(number).collect();
    let stated = stated.numbers().map_while(number).take(named.len());
    named.iter().copied().gt(stated)
}

/// How many of the numbers that a branch states its name holds: one of `4.x`, two of `release-2.4` and of `7-2-stable`.
fn numbers_in_name(branch: &BranchName, stated: &Version) -> Option<usize> {
    let named: Vec<&str> = numbers_of(branch).collect();
    let begins = |named: &&[&str]| {
        let mut numbers = stated.numbers();
        !named.is_empty() && named.iter().all(|named| numbers.next() == Some(named))
    };
    let ends = (0..named.len()).map(|start| &named[start..]);
    ends.into_iter().find(begins).map(<[&str]>::len)
}

#[cfg(test)]
mod tests;
