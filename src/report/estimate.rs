//! How long a run still takes, by what its own steps took: a lower bound, and said to be one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::run::{Event, StampedEvent, State};

/// How long steps of each kind took in this run.
#[derive(Debug, Default)]
pub struct Durations {
    begun: BTreeMap<StepName, Timestamp>,
    taken: BTreeMap<StepKind, (SignedDuration, i32)>,
}

impl Durations {
    /// What a run has shown so far.
    #[must_use]
    pub fn of(events: &[StampedEvent]) -> Durations {
        let mut durations = Durations::default();
        events.iter().for_each(|stamped| durations.observe(stamped));
        durations
    }

    /// Takes in the next event.
    pub fn observe(&mut self, stamped: &StampedEvent) {
        match &stamped.record {
            Event::Intent { step } | Event::Waiting { step, .. } => {
                self.begun.entry(step.clone()).or_insert(stamped.at);
            }
            Event::Done { step, .. } => {
                if let Some(begun) = self.begun.remove(step)
                    && let Some(kind) = StepKind::of_step(step.as_str())
                {
                    let (sum, count) = self.taken.entry(kind).or_default();
                    *sum = sum.saturating_add(stamped.at.duration_since(begun));
                    *count += 1;
                }
            }
            // What failed or was asked took as long as people did.
            Event::Failed { step, .. } | Event::Asked { step, .. } => drop(self.begun.remove(step)),
            _ => {}
        }
    }

    /// Seconds along the longest way through what is left. Steps of a kind that was not seen yet, people, and the hour count
    /// for nothing: it takes at least this.
    #[must_use]
    pub fn least_left(&self, plan: &Plan, state: &State) -> u64 {
        let mut ends: BTreeMap<&StepName, SignedDuration> = BTreeMap::new();
        for step in plan.steps() {
            let begins = plan.after(&step.name).filter_map(|before| ends.get(&before.name)).max();
            let ends_at = begins.copied().unwrap_or_default().saturating_add(self.left_of(step, state));
            ends.insert(&step.name, ends_at);
        }
        let longest = ends.into_values().max().unwrap_or_default();
        u64::try_from(longest.as_secs()).unwrap_or_default()
    }

    fn left_of(&self, step: &Step, state: &State) -> SignedDuration {
        let waits_for_people = matches!(step.kind, StepKind::Gate | StepKind::Confirm);
        if waits_for_people || state.is_done(&step.name) {
            return SignedDuration::ZERO;
        }
        self.taken.get(&step.kind).map_or(SignedDuration::ZERO, |(sum, count)| *sum / *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::run::Completion;
    use crate::steps::Output;

    #[test]
    fn what_is_left_takes_at_least_what_the_same_took_along_the_longest_way() {
        let plan = demo_plan("github");
        let merges: Vec<StepName> =
            plan.of_kind(StepKind::MergePatch).map(|step| step.name.clone()).collect();
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let stamped = |number, seconds, record| StampedEvent { number, at: at(seconds), record };
        let done = |step: &StepName| Event::Done {
            step: step.clone(),
            how: Completion::Acted,
            output: Output::Note("x".into()),
        };
        let events =
            [stamped(1, 0, Event::Intent { step: merges[0].clone() }), stamped(2, 60, done(&merges[0]))];
        assert_eq!(
            Durations::of(&events[..1]).least_left(&plan, &State::default()),
            0,
            "nothing is known yet"
        );
        let durations = Durations::of(&events);
        let whole = durations.least_left(&plan, &State::default());
        assert!(whole >= 60 && whole.is_multiple_of(60), "{whole}");
        let all: Vec<StampedEvent> = (1..).zip(&merges).map(|(n, step)| stamped(n, 0, done(step))).collect();
        assert_eq!(durations.least_left(&plan, &State::fold(&all)), 0);
    }
}
