//! Entries of the matrix, given to workers.

use futures::future::LocalBoxFuture;

use super::progress::RunBar;
use crate::cli::problem::Problem;
use crate::matrix::{CiEntry, CiEvent, CiPlan, JobFacts};
use crate::runner::{
    ALL_AT_ONCE, CrewWork, Durations, EntryProver, Errand, MatrixOrder, MatrixRun, Timed, run_matrix,
};
use crate::workers::{Coordinator, CrewSettings};

/// What is given away, and what is seen of it.
pub(super) struct Spread<'a> {
    /// The entries that are asked for.
    pub(super) chosen: &'a dyn Fn(&CiEntry) -> bool,
    /// Whether they are asked for by name.
    pub(super) insists: bool,
    /// The event that starts them, and how long they took before.
    pub(super) event: &'a CiEvent,
    pub(super) durations: &'a Durations,
    /// What is seen while they run.
    pub(super) bar: RunBar,
}

impl Spread<'_> {
    /// Gives them away and waits for what comes of them.
    pub(super) async fn over(
        &self,
        settings: &CrewSettings,
        errand: Errand<'_>,
    ) -> Result<MatrixRun, Problem> {
        let say = |line: &str| self.bar.tell(line);
        let coordinator = Coordinator::join(settings, errand, &say).await?;
        coordinator.introduction().iter().for_each(|line| say(line));
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        coordinator.run(self, interrupted).await?.ok_or_else(stopped)
    }
}

impl CrewWork for Spread<'_> {
    fn with<'p>(
        &'p self,
        prover: &'p dyn EntryProver,
        plan: &'p dyn Fn(&JobFacts) -> CiPlan,
    ) -> LocalBoxFuture<'p, MatrixRun> {
        Box::pin(async move {
            let (durations, event) = (self.durations, self.event);
            let timed = Timed { prover, durations, event };
            let order = MatrixOrder {
                plan,
                chosen: self.chosen,
                insists: &|_| self.insists,
                producers_only: false,
                side_by_side: ALL_AT_ONCE,
                has_room: &|| true,
                took: &|entry| durations.of(event, entry),
                prover: &timed,
            };
            run_matrix(&order, &self.bar).await
        })
    }
}

fn stopped() -> Problem {
    Problem::decision(
        "stopped: the workers were told to drop what they had, and nothing is left at the server",
        "give the same command again; entries are run again from their beginning",
    )
}
