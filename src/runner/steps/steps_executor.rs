//! The executor: a job from its first step to its outputs.

use futures::future::LocalBoxFuture;

use super::job_run::JobRun;
use super::trouble::Trouble;
use crate::matrix::{Capabilities, Object, Value, as_json};
use crate::runner::executor::{AttemptEnd, AttemptOrder, AttemptReport, EntryExecutor, FoundMachine};

/// Runs the steps of entries itself.
pub struct StepsExecutor<'a> {
    /// What this machine can do.
    pub machine: &'a Capabilities,
}

impl EntryExecutor for StepsExecutor<'_> {
    fn name(&self) -> &str {
        "steps"
    }

    fn run<'a>(&'a self, order: AttemptOrder<'a>) -> LocalBoxFuture<'a, AttemptReport> {
        Box::pin(self.report(order))
    }
}

impl StepsExecutor<'_> {
    async fn report(&self, order: AttemptOrder<'_>) -> AttemptReport {
        let matrix = as_json(&match order.recipe.contexts.value("matrix") {
            Value::Null => Value::object(Object::default()),
            matrix => matrix,
        });
        let unknown = FoundMachine { said: String::new(), kind: None };
        let mut report = AttemptReport {
            matrix,
            end: AttemptEnd::Succeeded,
            machine: unknown,
            steps: Vec::new(),
            outputs: Object::default(),
        };
        let mut run = match JobRun::begin(order, self.machine) {
            Ok(run) => run,
            Err(trouble) => return AttemptReport { end: ended(trouble), ..report },
        };
        let ran = run.whole(&mut report).await;
        report.steps = run.records;
        report.end = ran.map_or_else(ended, |()| report.end);
        report
    }
}

fn ended(trouble: Trouble) -> AttemptEnd {
    match trouble {
        Trouble::Fails(why) => AttemptEnd::Failed(why),
        Trouble::OutOfTime(why) => AttemptEnd::TimedOut(why),
        Trouble::Undecided(on) => AttemptEnd::Undecided(on),
        Trouble::Unavailable(what) => AttemptEnd::Unavailable(what),
    }
}
