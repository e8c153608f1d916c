//! What the catalog's policies of carrying and order make of a repository's targets.

use super::error::{PlanError, WrongPolicy};
use super::inputs::Inputs;
use super::target::Target;
use crate::catalog::{Repo, Trigger};

/// Writes into a repository's targets what its policies mean for each.
///
/// # Errors
/// [`PlanError::Policy`] where one cannot be kept.
pub(super) fn settle(inputs: &Inputs, repo: &Repo, targets: &mut [Target]) -> Result<(), PlanError> {
    let own = targets.iter_mut().filter(|target| target.repo == repo.name);
    let mut own: Vec<&mut Target> = own.collect();
    let are_several = own.len() > 1;
    own.sort_by_key(|target| upwards(repo, target));
    let mut below = None;
    for target in own {
        target.comes_last = repo.is_lines_first() && are_several && upwards(repo, target) > Height::Line;
        target.bump_first = repo.is_bumped_first() && target.is_patched() && target.release.is_some();
        check_bump(inputs, repo, target)?;
        check_dispatch(inputs, repo, target)?;
        if repo.merges_up() && target.is_patched() {
            target.merged_from = below.replace(target.branch.clone());
        }
    }
    Ok(())
}

/// Where a target stands from old to new.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Height {
    Line,
    DefaultBranch,
    NewerLine,
}

fn upwards(repo: &Repo, target: &Target) -> Height {
    if target.branch == repo.default_branch {
        return Height::DefaultBranch;
    }
    if repo.newer_lines.contains(&target.branch) { Height::NewerLine } else { Height::Line }
}

/// A bump can only come first where nothing is released by it, and where nothing has to come before it.
fn check_bump(inputs: &Inputs, repo: &Repo, target: &Target) -> Result<(), PlanError> {
    if !target.bump_first {
        return Ok(());
    }
    let trigger = inputs.release_rule(repo).map(|rule| &rule.trigger);
    let (because, remedy) = if matches!(trigger, Some(Trigger::MergeMarker(_))) {
        (
            "the merge of its marked bump starts the release, which would lack the fixes",
            "remove `bump`, or release by a tag or a dispatched workflow",
        )
    } else if !target.carries.is_empty() {
        (
            "its bump carries the release of another repository, and can only follow that",
            "remove `bump`, or release this line by itself",
        )
    } else if !inputs.is_bumped(target) {
        ("no file states its version, so there is no bump", "remove `bump`")
    } else {
        return Ok(());
    };
    Err(wrong(target, ("bump", "before-fixes".to_owned()), because, remedy))
}

/// A line can only be dispatched in a way of its own where releases are dispatched.
fn check_dispatch(inputs: &Inputs, repo: &Repo, target: &Target) -> Result<(), PlanError> {
    let own = repo.line_rule(&target.branch).and_then(|line| line.dispatch.clone());
    let Some(value) = own.filter(|_| inputs.dispatched_on(repo, &target.branch).is_none()) else {
        return Ok(());
    };
    let because = "nothing of this repository is released by a dispatch";
    let remedy = "remove `dispatch`, or write `trigger = { dispatch = \"…\" }` in `[repo.release]`";
    Err(wrong(target, ("dispatch", value), because, remedy))
}

/// A policy that cannot be kept for a target: its key and value, why, and what to write instead.
fn wrong(
    target: &Target,
    (key, value): (&'static str, String),
    because: &'static str,
    remedy: &'static str,
) -> PlanError {
    let (repo, branch) = (target.repo.clone(), target.branch.clone());
    PlanError::Policy(Box::new(WrongPolicy { repo, branch, key, value, because, remedy }))
}

/// The targets in the order in which they are merged: by repository, those last that wait for the releases of the others.
pub(super) fn in_merge_order(targets: &[Target]) -> Vec<&Target> {
    let by_repo = targets.chunk_by(|one, next| one.repo == next.repo);
    by_repo
        .flat_map(|of_repo| {
            let mut ordered: Vec<&Target> = of_repo.iter().collect();
            ordered.sort_by_key(|target| target.comes_last);
            ordered
        })
        .collect()
}
