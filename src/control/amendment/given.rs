//! Approvals that were given and that the run has not taken in yet: whether they still count once the files are others.

use crate::ids::{Digest, Login, StepName};
use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::run::State;
use crate::steps::{Approvals, gate_digest};

/// An approval of a gate that was not passed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenApproval {
    /// The gate.
    pub gate: StepName,
    /// Who gave it.
    pub by: Login,
    /// What becomes of it.
    pub fate: ApprovalFate,
}

/// What becomes of an approval that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalFate {
    /// The gate shows the same, and it counts.
    Counts,
    /// What the gate shows is made again: it counts only if that comes out exactly the same.
    MadeAgain,
    /// The gate shows something else, or the person may not approve it any more.
    Lapses,
}

/// The approvals that count for a gate now, before it was passed, with what becomes of each.
pub(super) fn given_approvals(before: (&Plan, &State), after: (&Plan, &State)) -> Vec<GivenApproval> {
    let (plan, state) = before;
    let gates = plan.of_kind(StepKind::Gate).filter(|gate| !state.is_done(&gate.name));
    let of_gate = |gate: &Step| {
        let given = given(before, gate).into_iter();
        let fate = |by: &Login| fate(before, after, gate, by);
        let told = given.map(|by| GivenApproval { gate: gate.name.clone(), fate: fate(&by), by });
        told.collect::<Vec<GivenApproval>>()
    };
    gates.flat_map(of_gate).collect()
}

/// Who has approved what the gate shows.
fn given((plan, state): (&Plan, &State), gate: &Step) -> Vec<Login> {
    Approvals::of(&plan.inputs, &state.facts, gate, &shown((plan, state), gate)).given
}

fn shown((plan, state): (&Plan, &State), gate: &Step) -> Digest {
    gate_digest(plan, &state.facts, gate)
}

fn fate(before: (&Plan, &State), after: (&Plan, &State), gate: &Step, by: &Login) -> ApprovalFate {
    let (plan, state) = after;
    let Some(gate) = plan.step(&gate.name) else { return ApprovalFate::Lapses };
    let rules = plan.inputs.approval_rules(gate.asks.as_deref().unwrap_or_default());
    if !rules.iter().any(|rule| rule.members.contains(by)) {
        return ApprovalFate::Lapses;
    }
    if shown(before, gate) == shown(after, gate) {
        return ApprovalFate::Counts;
    }
    let is_made_again = |step: &Step| before.1.is_done(&step.name) && !state.is_done(&step.name);
    let mut earlier = plan.steps().take_while(|step| step.name != gate.name);
    if earlier.any(is_made_again) { ApprovalFate::MadeAgain } else { ApprovalFate::Lapses }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Inputs, build, demo_plan};
    use crate::run::{Event, StampedEvent};

    fn approved(plan: &Plan) -> State {
        let gate = plan.gate("ready").unwrap();
        let digest = shown((plan, &State::default()), gate);
        let by = "ines".parse().unwrap();
        let record = Event::Approved { step: gate.name.clone(), digest, by, proof: None };
        State::fold(&[StampedEvent { number: 1, at: plan.snapshot.taken, record }])
    }

    fn fates(change: fn(&mut Inputs)) -> Vec<ApprovalFate> {
        let plan = demo_plan("github");
        let mut inputs = plan.inputs.clone();
        change(&mut inputs);
        let other = build(inputs, plan.snapshot.clone()).unwrap();
        let state = approved(&plan);
        given_approvals((&plan, &state), (&other, &state)).into_iter().map(|one| one.fate).collect()
    }

    #[test]
    fn approval_that_was_not_taken_in_yet_lapses_where_its_gate_shows_something_else() {
        assert_eq!(
            fates(|inputs| inputs.catalog.endpoints.api = "https://a.example".into()),
            [ApprovalFate::Counts]
        );
        let other_text: fn(&mut Inputs) = |inputs| inputs.release.advisories[0].summary = "Another".into();
        assert_eq!(fates(other_text), [ApprovalFate::Lapses]);
        assert_eq!(
            fates(|inputs| inputs.release.approvers = vec!["mara".parse().unwrap()]),
            [ApprovalFate::Lapses]
        );
        let plan = demo_plan("github");
        let nobody = given_approvals((&plan, &State::default()), (&plan, &State::default()));
        assert_eq!(nobody, []);
    }
}
