//! The names that will be pushed, held against the repository's rulesets before anything is public.

use super::error::{ForbiddenPush, PlanError};
use super::inputs::Inputs;
use super::target::Target;
use crate::catalog::{Repo, Trigger};
use crate::snapshot::Snapshot;

/// A reference that a release makes.
struct MadeRef {
    what: &'static str,
    key: &'static str,
    reference: String,
}

/// Refuses a target of which GitHub would refuse a branch or a tag after the embargo has ended.
///
/// # Errors
/// [`PlanError::Push`].
pub(super) fn check(inputs: &Inputs, snapshot: &Snapshot, target: &Target) -> Result<(), PlanError> {
    let Some(repo) = inputs.catalog.repo(&target.repo) else { return Ok(()) };
    let Some(state) = snapshot.repos.get(&target.repo) else { return Ok(()) };
    for made in made(inputs, repo, target) {
        if let Some(refusal) = state.rules.pushes.refuses_name(&made.reference) {
            let name = made.reference.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
            return Err(PlanError::Push(Box::new(ForbiddenPush {
                repo: target.repo.clone(),
                what: made.what,
                name,
                key: made.key,
                ruleset: refusal.ruleset,
                because: refusal.because,
            })));
        }
    }
    Ok(())
}

fn made(inputs: &Inputs, repo: &Repo, target: &Target) -> Vec<MadeRef> {
    let branch = |key: &'static str, name: String| MadeRef {
        what: "the branch",
        key,
        reference: format!("refs/heads/{name}"),
    };
    let mut all = Vec::new();
    if target.is_patched() {
        let name = repo.patch_branch_of(&inputs.release.id, &target.branch);
        all.push(branch("patch-branch", name));
    }
    let Some(release) = &target.release else { return all };
    if inputs.is_bumped_by_pull(target) {
        all.push(branch("bump-branch", repo.bump_branch_of(&target.branch, &release.to)));
    }
    if let Some(after) = &release.after {
        all.push(branch("bump-branch", repo.bump_branch_of(&target.branch, after)));
    }
    // Whoever the project's CI is, its tags are its own affair.
    let pushes_tags = inputs.release_rule(repo).is_some_and(|rule| matches!(rule.trigger, Trigger::PushTag));
    if pushes_tags {
        let tags = release.tags();
        all.extend(tags.map(|tag| MadeRef {
            what: "the tag",
            key: "release",
            reference: format!("refs/tags/{tag}"),
        }));
    }
    all
}
