//! The jobs of one checkout, one after the other.

use std::sync::Arc;

use jiff::Timestamp;

use super::checkout::JobCheckout;
use super::machine::Machine;
use super::memory::Claim;
use crate::jobs::job::{FinishedJob, Job};
use crate::jobs::result::{JobOutcome, TestResult};
use crate::jobs::tests_run::without_a_test;

/// Jobs that are claimed, and where they are run.
pub(super) struct ClaimedJobs {
    pub(super) machine: Arc<Machine>,
    // Before the claim: whoever waits for the jobs finds the checkout gone.
    pub(super) checkout: JobCheckout,
    pub(super) claim: Claim,
    pub(super) submitted: Timestamp,
}

impl ClaimedJobs {
    /// Runs what is open, all of it even if one fails. A suite may build on what the ones before it have left: where one
    /// fails after an earlier one's result was adopted, all are run in order, and only that counts.
    pub(super) async fn run(self) {
        for job in &self.claim.open {
            let finished = self.run_job(job).await;
            if !finished.result.outcome.passed() && self.follows_an_adopted_one(job) {
                return self.run_all().await;
            }
            self.claim.memory.keep(finished);
        }
    }

    async fn run_all(&self) {
        for job in &self.claim.jobs {
            let finished = self.run_job(job).await;
            self.claim.memory.keep(finished);
        }
    }

    fn follows_an_adopted_one(&self, job: &Job) -> bool {
        let mut earlier = self.claim.jobs.iter().take_while(|other| *other != job);
        earlier.any(|other| !self.claim.open.contains(other))
    }

    async fn run_job(&self, job: &Job) -> FinishedJob {
        let JobCheckout { folder, absent, label, .. } = &self.checkout;
        let result = proving(self.machine.run(folder, &job.command, label).await).await;
        let (job, absent) = (job.clone(), absent.clone());
        FinishedJob { job, submitted: self.submitted, result, absent, reported: false }
    }
}

/// A suite that passed without running any test proves nothing.
async fn proving(mut result: TestResult) -> TestResult {
    if let (JobOutcome::Passed, Some(log)) = (&result.outcome, result.log.clone()) {
        // A log that cannot be read says nothing against it.
        if let Ok(Some(said)) = tokio::task::spawn_blocking(move || without_a_test(&log)).await {
            result.outcome = JobOutcome::NoTest { said };
        }
    }
    result
}
