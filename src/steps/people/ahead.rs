//! What is still to come of a release, as people have decided by now: what is counted is what will happen.

use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::steps::facts::Facts;
use crate::steps::output::Output;
use crate::steps::patch::idle::needless;
use crate::steps::patch::stacked::holds_nothing;
use crate::workflow::RELEASE_DAY;

/// When something becomes public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appearance<'a> {
    /// It is, by now.
    Already,
    /// It is next: no gate is before it any more.
    Next,
    /// Once the gate of this name is approved, before the disclosure time.
    Approved(&'a str),
    /// From the disclosure time on.
    Hour,
}

/// Whether the step has something to do yet, as far as is known.
#[must_use]
pub fn is_ahead(plan: &Plan, facts: &Facts, step: &Step) -> bool {
    !facts.outputs.contains_key(&step.name) && !is_needless(plan, facts, step)
}

/// When the step makes public what it does; `None` where it does nothing.
#[must_use]
pub fn appearance<'a>(plan: &'a Plan, facts: &Facts, step: &Step) -> Option<Appearance<'a>> {
    match facts.outputs.get(&step.name) {
        Some(Output::Skipped(_)) => return None,
        Some(_) => return Some(Appearance::Already),
        None if is_needless(plan, facts, step) => return None,
        None => {}
    }
    let mut open = plan.gates_before(&step.name);
    open.retain(|gate| !facts.outputs.contains_key(&gate.name));
    Some(match open.last().and_then(|gate| gate.asks.as_deref()) {
        None => Appearance::Next,
        Some(RELEASE_DAY) => Appearance::Hour,
        Some(gate) => Appearance::Approved(gate),
    })
}

/// Whether the step will find nothing to do: its branch was left out, has every fix already, in a release or not, states its version already, or its advisory needs no CVE.
pub(in crate::steps) fn is_needless(plan: &Plan, facts: &Facts, step: &Step) -> bool {
    if needless(plan, facts, step).is_some() || plan.is_needless_request(step) {
        return true;
    }
    match step.kind {
        StepKind::PublishBranch | StepKind::OpenPull | StepKind::AwaitChecks | StepKind::MergePatch => {
            let target = step.subject.repo.as_ref().zip(step.subject.branch.as_ref());
            let target = target.and_then(|(repo, branch)| plan.target(repo, branch));
            target.is_some_and(|target| holds_nothing(facts, target).unwrap_or(false))
        }
        StepKind::OpenBump | StepKind::AwaitBumpChecks | StepKind::MergeBump => {
            was_skipped(facts, StepKind::PrepareBump, step)
        }
        StepKind::OpenDevelopment | StepKind::AwaitDevelopmentChecks | StepKind::MergeDevelopment => {
            was_skipped(facts, StepKind::PrepareDevelopment, step)
        }
        _ => false,
    }
}

fn was_skipped(facts: &Facts, prepares: StepKind, step: &Step) -> bool {
    matches!(facts.output(prepares, &step.subject), Some(Output::Skipped(_)))
}
