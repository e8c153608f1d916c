//! What everybody will see before the disclosure time: what a date alone would hide.

use serde::Serialize;

use crate::kinds::StepKind;
use crate::plan::Plan;
use crate::run::State;
use crate::steps::{Appearance, appearance};

/// Steps of one kind whose effect is public before the disclosure time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlyCount {
    /// The kind.
    pub kind: StepKind,
    /// How many steps of it.
    pub steps: usize,
    /// The gate that is to be approved first; none where they are next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
}

/// What is to come before the disclosure time, as people have decided by now.
pub(super) fn early(plan: &Plan, state: &State) -> Vec<EarlyCount> {
    let mut early: Vec<EarlyCount> = Vec::new();
    for step in plan.steps().filter(|step| plan.is_before_the_hour(step)) {
        let gate = match appearance(plan, &state.facts, step) {
            Some(Appearance::Next) => None,
            Some(Appearance::Approved(gate)) => Some(gate.to_owned()),
            Some(Appearance::Already | Appearance::Hour) | None => continue,
        };
        match early.iter_mut().find(|one| one.kind == step.kind && one.gate == gate) {
            Some(one) => one.steps += 1,
            None => early.push(EarlyCount { kind: step.kind, steps: 1, gate }),
        }
    }
    early
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::{Completion, Event, StampedEvent};
    use crate::steps::Output;

    fn after(plan: &Plan, steps: &[&str]) -> State {
        let done = steps.iter().map(|step| Event::Done {
            step: step.parse().unwrap(),
            how: Completion::Acted,
            output: Output::Note("done".into()),
        });
        let at = plan.snapshot.taken;
        let events: Vec<StampedEvent> =
            (1..).zip(done).map(|(number, record)| StampedEvent { number, at, record }).collect();
        State::fold(&events)
    }

    #[test]
    fn mail_and_bumps_before_the_hour_are_told_with_the_gate_that_lets_them_out() {
        let plan = demo_plan("wasmtime");
        let told = |state: &State| -> Vec<(StepKind, Option<String>)> {
            early(&plan, state).into_iter().map(|one| (one.kind, one.gate)).collect()
        };
        let ready = Some("ready".to_owned());
        let all = [(StepKind::AdvanceMail, ready.clone()), (StepKind::OpenBump, ready)];
        assert_eq!(told(&State::default()), all);
        assert_eq!(told(&after(&plan, &["gate/ready", "advance-mail"])), [(StepKind::OpenBump, None)]);

        let plan = demo_plan("github");
        let early = early(&plan, &State::default());
        assert_eq!(early.iter().map(|one| one.kind).collect::<Vec<_>>(), [StepKind::AdvanceMail]);
    }
}
