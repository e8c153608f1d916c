//! What people left out: branches that do not get the fix of an advisory, and what follows from that for the steps of
//! such a branch. The verdict that was recorded says it, so that nothing is decided twice.

use crate::ids::GhsaId;
use crate::kinds::{StepKind, WhenLeftOut};
use crate::plan::{Plan, Step, Target};
use crate::steps::facts::Facts;
use crate::steps::output::{BranchDecision, BranchVerdict, Output};

/// What was found about a branch and an advisory; `None` before it was assessed.
#[must_use]
pub fn verdict_on<'a>(
    plan: &Plan,
    facts: &'a Facts,
    target: &Target,
    advisory: &GhsaId,
) -> Option<&'a BranchVerdict> {
    if facts.outputs.is_empty() {
        // While it is planned: asked of every branch and advisory, many times.
        return None;
    }
    let subject = target.subject_for(advisory);
    match facts.outputs.get(&plan.find(StepKind::Assess, &subject)?.name)? {
        Output::Verdict(verdict) => Some(verdict),
        _ => None,
    }
}

/// Whether people left the branch out of an advisory.
#[must_use]
pub fn is_left_out(plan: &Plan, facts: &Facts, target: &Target, advisory: &GhsaId) -> bool {
    let decision = verdict_on(plan, facts, target, advisory).and_then(|verdict| verdict.decision.as_ref());
    matches!(decision, Some(BranchDecision::LeftOut { .. }))
}

/// The advisories whose fixes a branch gets.
pub fn taken<'a>(plan: &'a Plan, facts: &'a Facts, target: &'a Target) -> impl Iterator<Item = &'a GhsaId> {
    target.advisories.iter().filter(|advisory| !is_left_out(plan, facts, target, advisory))
}

/// Whether nothing is left for a branch: it was left out of every advisory, and carries no version that is released.
#[must_use]
pub fn gets_nothing(plan: &Plan, facts: &Facts, target: &Target) -> bool {
    taken(plan, facts, target).next().is_none()
        && !target.carries.iter().any(|carried| {
            plan.target(&carried.repo, &carried.branch).is_some_and(|from| !gets_nothing(plan, facts, from))
        })
}

/// The branch of a step that has nothing to do because people left it out.
pub(in crate::steps) fn left_out_with<'a>(plan: &'a Plan, facts: &Facts, step: &Step) -> Option<&'a Target> {
    if step.kind.when_left_out() == WhenLeftOut::Taken {
        return None;
    }
    let target = plan.target(step.subject.repo.as_ref()?, step.subject.branch.as_ref()?)?;
    let out = match &step.subject.advisory {
        Some(advisory) => is_left_out(plan, facts, target, advisory),
        None => gets_nothing(plan, facts, target),
    };
    out.then_some(target)
}
