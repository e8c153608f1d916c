//! Who let the release through, and who else did something for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, Login, StepName};
use crate::plan::Plan;
use crate::run::{Event, Proof, StampedEvent, State};
use crate::steps::{Output, gate_digest};

/// An approval of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The gate's step.
    pub gate: StepName,
    /// Who.
    pub by: Login,
    /// What was shown.
    pub digest: Digest,
    /// Whether it counts no more: the gate shows something else, or was passed for something else.
    #[serde(default)]
    pub lapsed: bool,
    /// When.
    pub at: Timestamp,
    /// How it is known that it was them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// All of a run that were not taken back, in their order.
pub(super) fn approvals(plan: &Plan, state: &State, events: &[StampedEvent]) -> Vec<Approval> {
    // What a gate shows is put together once, however many have approved it.
    let mut counting: BTreeMap<&StepName, Option<Digest>> = BTreeMap::new();
    let mut approvals: Vec<Approval> = Vec::new();
    for stamped in events {
        match &stamped.record {
            Event::Approved { step, digest, by, proof } => approvals.push(Approval {
                gate: step.clone(),
                by: by.clone(),
                digest: digest.clone(),
                lapsed: counting.entry(step).or_insert_with(|| approvable(plan, state, step)).as_ref()
                    != Some(digest),
                at: stamped.at,
                proof: proof.clone(),
            }),
            Event::Withdrawn { step, by, .. } => approvals.retain(|one| one.gate != *step || one.by != *by),
            _ => {}
        }
    }
    approvals
}

/// The digest of which approvals of a gate count: the one that it was passed with, else that of what it shows. A gate that an
/// amendment dropped has none.
fn approvable(plan: &Plan, state: &State, gate: &StepName) -> Option<Digest> {
    let step = plan.step(gate)?;
    match state.facts.outputs.get(gate) {
        Some(Output::Passed(passage)) => Some(passage.digest.clone()),
        _ => Some(gate_digest(plan, &state.facts, step)),
    }
}

/// Everybody who did something for the release with Lockgate, in the order of the first; who leads it is named apart.
pub(super) fn took_part(manager: &Login, events: &[StampedEvent]) -> Vec<Login> {
    let mut people: Vec<Login> = Vec::new();
    for stamped in events {
        let by = match &stamped.record {
            Event::Approved { by, .. }
            | Event::Withdrawn { by, .. }
            | Event::Decided { by, .. }
            | Event::Amended { by, .. }
            | Event::Aborted { by, .. } => by,
            _ => continue,
        };
        if by != manager && !people.contains(by) {
            people.push(by.clone());
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::Completion;
    use crate::steps::{Decision, Passage};

    #[test]
    fn only_who_did_something_took_part_and_an_approval_of_something_else_has_lapsed() {
        let plan = demo_plan("github");
        let gate: StepName = "gate/ready".parse().unwrap();
        let approved = |by: &str, of: &str| Event::Approved {
            step: gate.clone(),
            digest: Digest::of(of),
            by: by.parse().unwrap(),
            proof: None,
        };
        let confirmed =
            Event::Decided { step: gate.clone(), decision: Decision::Confirmed, by: "tove".parse().unwrap() };
        let output = Output::Passed(Passage {
            digest: Digest::of("then"),
            by: vec!["mara".parse().unwrap()],
            at: plan.snapshot.taken,
        });
        let passed = Event::Done { step: gate.clone(), how: Completion::Acted, output };
        let of = |facts: &[&Event]| {
            let at = plan.snapshot.taken;
            let events: Vec<StampedEvent> = (1..)
                .zip(facts)
                .map(|(number, fact)| StampedEvent { number, at, record: (*fact).clone() })
                .collect();
            let state = State::fold(&events);
            let lapsed =
                approvals(&plan, &state, &events).into_iter().map(|one| (one.by.to_string(), one.lapsed));
            (lapsed.collect::<Vec<_>>(), took_part(&plan.inputs.release.manager, &events))
        };
        let (jon, mara) = (approved("jon", "before"), approved("mara", "then"));
        let (lapsed, people) = of(&[&jon, &confirmed, &mara, &passed]);
        assert_eq!(lapsed, [("jon".to_owned(), true), ("mara".to_owned(), false)]);
        assert_eq!(
            people,
            ["jon".parse().unwrap(), "tove".parse().unwrap()],
            "mara leads, and ines did nothing"
        );
        assert_eq!(of(&[&jon]).0, [("jon".to_owned(), true)], "the gate shows something else by now");
        let shown = Event::Approved {
            step: gate.clone(),
            digest: gate_digest(&plan, &State::default().facts, plan.gate("ready").unwrap()),
            by: "ines".parse().unwrap(),
            proof: None,
        };
        assert_eq!(of(&[&shown]).0, [("ines".to_owned(), false)]);
    }
}
