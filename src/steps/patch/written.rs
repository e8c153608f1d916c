//! In which order the fixes of a branch were written, and which build on which.
//!
//! A fix that was written on top of another often applies only there. So what stacks follows the histories of the fixes;
//! where these say nothing, the release file's order counts.

use jiff::SignedDuration;

use super::held::is_held;
use super::left_out::taken;
use crate::git::{CommitInfo, GitError, Store};
use crate::ids::{CommitId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::plan::{Subject, Target};
use crate::release::{Fix, FixSource};
use crate::steps::context::{StepContext, Wait};
use crate::steps::error::StepError;

/// How long until something is looked at again that is made on this machine.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// The fix of one advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct WrittenFix {
    pub(in crate::steps) advisory: GhsaId,
    /// Its commits, oldest first.
    pub(in crate::steps) commits: Vec<CommitId>,
}

/// What a fix has to do with one that was written before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum Relation {
    /// It holds a commit of the other.
    Shares,
    /// It was written on top of the other.
    OnTop,
}

/// The fixes that a target takes and whose commits are there, as the release file lists them.
pub(in crate::steps) fn fixes_of(context: &StepContext, target: &Target) -> Vec<WrittenFix> {
    let taken = taken(&context.plan, &context.facts, target);
    taken.filter_map(|advisory| written(context, advisory, &target.repo)).collect()
}

/// The fixes of a repository whose commits are there, as the release file lists them.
pub(in crate::steps) fn fixes_in(context: &StepContext, repo: &RepoName) -> Vec<WrittenFix> {
    let advisories = context.inputs().release.advisories.iter();
    advisories.filter_map(|advisory| written(context, &advisory.id, repo)).collect()
}

/// An advisory's fix in a repository; `None` where its commits are not there.
fn written(context: &StepContext, advisory: &GhsaId, repo: &RepoName) -> Option<WrittenFix> {
    let of_fix = Subject::of_fix(advisory, repo);
    let commits = context.facts.commits(StepKind::ImportFix, &of_fix).ok()?.clone();
    Some(WrittenFix { advisory: advisory.clone(), commits })
}

/// Whether the other fixes of the step's repository are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum Fetched {
    /// All that needs no people is there.
    Settled,
    UnderWay,
}

/// What a step waits for that has to know which fixes build on which.
pub(in crate::steps) const OTHER_FIXES: &str = "the commits of the other fixes, on which this one may build";

/// Whether the commits of the repository's other fixes are there, or wait for people.
pub(in crate::steps) fn others_are_fetched(context: &StepContext) -> Result<Fetched, StepError> {
    are_fetched(context, |_| true)
}

/// The same of the fixes that do not come as patch files: those wait for these, and never the other way round.
pub(super) fn commits_are_fetched(context: &StepContext) -> Result<Fetched, StepError> {
    are_fetched(context, |fix| !matches!(fix.source(), FixSource::Patches(_)))
}

fn are_fetched(context: &StepContext, is_meant: impl Fn(&Fix) -> bool) -> Result<Fetched, StepError> {
    let repo = &context.repo()?.name;
    let coming = context.inputs().release.advisories.iter().any(|advisory| {
        let step = context.plan.find(StepKind::ImportFix, &Subject::of_fix(&advisory.id, repo));
        let is_meant = advisory.fix_in(repo).is_some_and(&is_meant);
        step.filter(|_| is_meant).is_some_and(|step| {
            !context.facts.outputs.contains_key(&step.name)
                && !is_held(&context.plan, &context.facts, &step.name)
        })
    });
    Ok(if coming { Fetched::UnderWay } else { Fetched::Settled })
}

/// A wait for something that is made on this machine.
pub(in crate::steps) fn a_moment(context: &StepContext, what: &str) -> Wait {
    let now = context.world.clock.now();
    Wait::new(now.checked_add(MOMENT).unwrap_or(now), what)
}

/// The fixes in the order in which they were written.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not in the store.
pub(in crate::steps) fn in_order(
    store: &Store,
    mut fixes: Vec<WrittenFix>,
) -> Result<Vec<WrittenFix>, GitError> {
    let mut ordered = Vec::new();
    while !fixes.is_empty() {
        let mut first = 0;
        for (index, fix) in fixes.iter().enumerate().skip(1) {
            if precedes(store, fix, &fixes[first])? {
                first = index;
            }
        }
        ordered.push(fixes.remove(first));
    }
    Ok(ordered)
}

/// What a fix has to do with one that comes before it; `None` if nothing.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not in the store.
pub(in crate::steps) fn relation(
    store: &Store,
    earlier: &WrittenFix,
    fix: &WrittenFix,
) -> Result<Option<Relation>, GitError> {
    if shares(store, earlier, fix)? {
        return Ok(Some(Relation::Shares));
    }
    Ok(precedes(store, earlier, fix)?.then_some(Relation::OnTop))
}

/// Whether a fix ends in the history of the other, which is more than the same.
fn precedes(store: &Store, earlier: &WrittenFix, fix: &WrittenFix) -> Result<bool, GitError> {
    let (Some(end), Some(later)) = (earlier.commits.last(), fix.commits.last()) else { return Ok(false) };
    if end == later {
        return Ok(earlier.commits.len() < fix.commits.len());
    }
    Ok(store.is_ancestor(end, later)? || is_made_again_below(store, end, fix)?)
}

/// Whether a fix stands on a commit that is the work of this one, made in one go with the fix: so patches stand that were
/// put on top of several fixes.
fn is_made_again_below(store: &Store, end: &CommitId, fix: &WrittenFix) -> Result<bool, GitError> {
    let Some(first) = fix.commits.first() else { return Ok(false) };
    let (own, end) = (store.commit_info(first)?, store.commit_info(end)?);
    let mut below = own.parents.first().cloned();
    while let Some(parent) = below.filter(|parent| store.has_commit(parent)) {
        let info = store.commit_info(&parent)?;
        if info.committer != own.committer {
            return Ok(false);
        }
        if is_same_work(&info, &end) {
            return Ok(true);
        }
        below = info.parents.into_iter().next();
    }
    Ok(false)
}

fn is_same_work(one: &CommitInfo, other: &CommitInfo) -> bool {
    one.author == other.author && one.subject() == other.subject()
}

/// Whether both hold one commit; one that was made again on another base has its author, time and subject.
fn shares(store: &Store, one: &WrittenFix, other: &WrittenFix) -> Result<bool, GitError> {
    for commit in &one.commits {
        if other.commits.contains(commit) || same_as(store, commit, &other.commits)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of some commits, the one that is the same work of the same author.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not in the store.
pub(in crate::steps) fn same_as(
    store: &Store,
    commit: &CommitId,
    among: &[CommitId],
) -> Result<Option<CommitId>, GitError> {
    let info = store.commit_info(commit)?;
    for other in among {
        if is_same_work(&store.commit_info(other)?, &info) {
            return Ok(Some(other.clone()));
        }
    }
    Ok(None)
}
