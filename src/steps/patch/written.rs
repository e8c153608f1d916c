//! In which order the fixes of a branch were written, and which build on which.
//!
//! A fix that was written on top of another often applies only there. So what stacks follows the histories of the fixes;
//! where these say nothing, the release file's order counts.

use jiff::SignedDuration;

use super::left_out::taken;
use crate::backport::Kinships;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, GhsaId, RepoName, StepName};
use crate::kinds::StepKind;
use crate::plan::{Subject, Target};
use crate::release::{Fix, FixSource};
use crate::steps::context::{StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::held::is_held;

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

/// A wait for a step that must be done first.
pub(in crate::steps) fn behind(context: &StepContext, step: StepName, what: &str) -> Wait {
    Wait { behind: Some(step), ..a_moment(context, what) }
}

/// The fixes in the order in which they were written.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not in the store.
pub(in crate::steps) fn in_order(
    store: &Store,
    kinships: &Kinships,
    mut fixes: Vec<WrittenFix>,
) -> Result<Vec<WrittenFix>, GitError> {
    let mut ordered = Vec::new();
    while !fixes.is_empty() {
        let mut first = 0;
        for (index, fix) in fixes.iter().enumerate().skip(1) {
            if kinships.precedes(store, &fix.commits, &fixes[first].commits)? {
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
    kinships: &Kinships,
    earlier: &WrittenFix,
    fix: &WrittenFix,
) -> Result<Option<Relation>, GitError> {
    if kinships.share(store, &earlier.commits, &fix.commits)? {
        return Ok(Some(Relation::Shares));
    }
    let is_on_top = kinships.precedes(store, &earlier.commits, &fix.commits)?;
    Ok(is_on_top.then_some(Relation::OnTop))
}
