//! The steps that look or act now, each in a task of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use tokio::task::{Id, JoinSet};

use super::decision::StepResult;
use crate::ids::StepName;
use crate::plan::Step;
use crate::steps::StepError;

/// The tasks under way, and the step of each. Dropping it ends them.
#[derive(Default)]
pub(super) struct InFlight {
    tasks: JoinSet<StepResult>,
    steps: BTreeMap<Id, Step>,
    /// Those that people decided about after the look began.
    outdated: BTreeSet<StepName>,
}

impl InFlight {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn has(&self, step: &StepName) -> bool {
        self.steps.values().any(|busy| busy.name == *step)
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.values()
    }

    /// What a look at this step sees is not worth anything any more, if there is one under way.
    pub(super) fn outdate(&mut self, step: &StepName) {
        if self.has(step) {
            self.outdated.insert(step.clone());
        }
    }

    /// Whether the step was outdated since its look began. It is asked once, when the look ends.
    pub(super) fn was_outdated(&mut self, step: &StepName) -> bool {
        self.outdated.remove(step)
    }

    pub(super) fn start(&mut self, step: &Step, work: impl Future<Output = StepResult> + Send + 'static) {
        let task = self.tasks.spawn(work);
        self.steps.insert(task.id(), step.clone());
    }

    /// Waits for one of them; `None` when there is none. A step that panics has failed by our fault, and holds no
    /// other (EN-09). Safe to drop and call again.
    pub(super) async fn next(&mut self) -> Option<(Step, StepResult)> {
        let (id, result) = match self.tasks.join_next_with_id().await? {
            Ok((id, result)) => (id, result),
            // Whether it had looked only or was acting, the journal knows.
            Err(broken) => (broken.id(), StepResult::Acted(Err(StepError::from(broken)))),
        };
        Some((self.steps.remove(&id)?, result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Phase, StepKind};
    use crate::plan::Subject;
    use crate::steps::{Blame, Observed};

    fn step(kind: StepKind) -> Step {
        Step::named(kind, Subject::default(), Phase::Respond, None).unwrap()
    }

    #[tokio::test]
    #[allow(clippy::panic, reason = "the panic is what is tested")]
    async fn en_09_a_step_that_panics_has_failed_and_holds_no_other() {
        let mut in_flight = InFlight::default();
        let (broken, whole) = (step(StepKind::FixDisclosure), step(StepKind::RecordManager));
        in_flight.start(&broken, async { panic!("on purpose") });
        in_flight.start(&whole, async { StepResult::Looked(Ok(Observed::Todo)) });
        assert!(in_flight.has(&broken.name) && in_flight.len() == 2);
        let mut results = BTreeMap::new();
        while let Some((step, result)) = in_flight.next().await {
            results.insert(step.name, result);
        }
        assert!(in_flight.is_empty());
        let StepResult::Acted(Err(error)) = &results[&broken.name] else { panic!("it did not fail") };
        assert_eq!(error.blame, Blame::Internal);
        assert!(matches!(results[&whole.name], StepResult::Looked(Ok(Observed::Todo))));
    }
}
