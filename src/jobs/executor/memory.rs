//! Which jobs run, and what came of those that ran: in this process, and on disk for the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::records::Records;
use crate::jobs::job::{FinishedJob, Job, JobId, JobStatus};

/// What is known of jobs.
#[derive(Debug)]
pub(super) struct JobMemory {
    records: Records,
    under_way: watch::Sender<BTreeSet<JobId>>,
    /// What could not be kept on disk counts for this process all the same.
    unkept: Mutex<BTreeMap<JobId, FinishedJob>>,
}

impl JobMemory {
    pub(super) fn new(records: Records) -> JobMemory {
        JobMemory { records, under_way: watch::Sender::default(), unkept: Mutex::default() }
    }

    pub(super) fn look(&self, job: &Job) -> JobStatus {
        let id = job.id();
        if self.under_way.borrow().contains(&id) {
            return JobStatus::Running;
        }
        self.result(&id).map_or(JobStatus::Absent, |finished| JobStatus::Finished(Box::new(finished)))
    }

    fn result(&self, id: &JobId) -> Option<FinishedJob> {
        let unkept = self.unkept().get(id).cloned();
        unkept.or_else(|| self.records.read(id))
    }

    pub(super) fn keep(&self, finished: FinishedJob) {
        match self.records.keep(&finished) {
            Ok(()) => drop(self.unkept().remove(&finished.job.id())),
            Err(error) => {
                // Only a crash would cost something: the suite would be run once more.
                tracing::warn!(%error, suite = finished.job.command.name, "failed to keep a test result");
                self.unkept().insert(finished.job.id(), finished);
            }
        }
    }

    /// Claims those of the jobs that do not run. `None` if each of these has a result that counts.
    pub(super) fn claim(self: &Arc<JobMemory>, jobs: &[Job]) -> Option<Claim> {
        let (mut jobs, mut open) = (jobs.to_vec(), Vec::new());
        self.under_way.send_if_modified(|busy| {
            jobs.retain(|job| !busy.contains(&job.id()));
            let counts = |job: &Job| self.result(&job.id()).is_some_and(|finished| finished.counts());
            open = jobs.iter().filter(|job| !counts(job)).cloned().collect();
            if !open.is_empty() {
                busy.extend(jobs.iter().map(Job::id));
            }
            !open.is_empty()
        });
        (!open.is_empty()).then(|| Claim { memory: Arc::clone(self), jobs, open })
    }

    /// Waits until none of the jobs runs.
    pub(super) async fn until_idle(&self, jobs: &[Job]) {
        let ids: BTreeSet<JobId> = jobs.iter().map(Job::id).collect();
        let mut under_way = self.under_way.subscribe();
        // It fails only without a sender, which lives as long as this value.
        let _ = under_way.wait_for(|busy| busy.is_disjoint(&ids)).await;
    }

    fn unkept(&self) -> MutexGuard<'_, BTreeMap<JobId, FinishedJob>> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jobs that nobody else runs while this value lives.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) memory: Arc<JobMemory>,
    /// All of them, in order.
    pub(super) jobs: Vec<Job>,
    /// Those without a result that counts.
    pub(super) open: Vec<Job>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let ids: BTreeSet<JobId> = self.jobs.iter().map(Job::id).collect();
        self.memory.under_way.send_modify(|busy| busy.retain(|id| !ids.contains(id)));
    }
}
