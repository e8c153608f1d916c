//! The executor of this machine: what is submitted, looked at, and simply run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::batch::ClaimedJobs;
use super::checkout::JobCheckout;
use super::headroom::has_room;
use super::machine::Machine;
use super::memory::JobMemory;
use super::records::Records;
use super::room::{CommandRoom, RoomWish};
use super::survivors::Notes;
use crate::ids::{Digest, TreeId};
use crate::jobs::command::TestCommand;
use crate::jobs::environment::Environment;
use crate::jobs::isolation::Isolation;
use crate::jobs::job::{FinishedJob, Job, JobStatus};
use crate::jobs::result::TestResult;

/// Runs jobs, and remembers in the run's folder what came of them. Clones share the budget of cores, so that targets are
/// tested side by side without more load than the machine bears.
///
/// Whoever starts something holds the run's lock: what an earlier process left running is ended then.
#[derive(Debug, Clone)]
pub struct Executor {
    machine: Arc<Machine>,
    memory: Arc<JobMemory>,
}

impl Executor {
    /// An executor that keeps at most `cores` cores busy, writes one log a command under `logs`, and keeps results and
    /// what it must know after a kill under `folder`.
    #[must_use]
    pub fn new(cores: u32, logs: impl Into<PathBuf>, folder: &Path, environment: Environment) -> Executor {
        // What is in the run's folder is beside this one: the journal, the stores, the logs.
        let run = folder.parent().unwrap_or(folder).to_owned();
        let machine = Machine::new(cores, logs.into(), run, Notes::in_folder(folder), environment);
        Executor { machine: Arc::new(machine), memory: Arc::new(JobMemory::new(Records::in_folder(folder))) }
    }

    /// Another one for commands that have nothing to do with those of this one, but run on the same machine: what was found out
    /// of that is not tried anew.
    #[must_use]
    pub fn beside(&self, logs: impl Into<PathBuf>, folder: &Path) -> Executor {
        let environment = self.machine.environment.clone();
        let mut other = Executor::new(self.machine.core_count(), logs, folder, environment);
        if let Some(machine) = Arc::get_mut(&mut other.machine) {
            machine.found = Arc::clone(&self.machine.found);
        }
        other
    }

    /// As many cores as the machine has.
    #[must_use]
    pub fn machine_cores() -> u32 {
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
    }

    /// How far this machine lets a command be kept from everything else.
    pub async fn isolation(&self) -> Isolation {
        self.machine.isolation().await
    }

    /// The jobs that run these commands on this tree, here.
    #[must_use]
    pub fn jobs(&self, tree: &TreeId, commands: &[TestCommand]) -> Vec<Job> {
        let environment = self.machine.environment.digest();
        let job = |command: &TestCommand| Job {
            tree: tree.clone(),
            command: command.clone(),
            environment: environment.clone(),
        };
        commands.iter().map(job).collect()
    }

    /// What is known of each of these jobs. Starts nothing.
    #[must_use]
    pub fn look(&self, jobs: &[Job]) -> Vec<JobStatus> {
        jobs.iter().map(|job| self.memory.look(job)).collect()
    }

    /// Starts those of the jobs that neither run nor have a result that counts, one after the other in this checkout of
    /// their tree. They run whether or not anybody waits for them; [`Executor::finished`] does.
    pub async fn submit(&self, jobs: &[Job], checkout: JobCheckout, submitted: Timestamp) {
        self.end_survivors().await;
        let Some(claim) = self.memory.claim(jobs) else { return };
        let batch = ClaimedJobs { machine: Arc::clone(&self.machine), claim, checkout, submitted };
        tokio::spawn(batch.run());
    }

    /// Waits until none of these jobs runs, and gives what is known of each.
    pub async fn finished(&self, jobs: &[Job]) -> Vec<JobStatus> {
        self.memory.until_idle(jobs).await;
        self.look(jobs)
    }

    /// Notes that people know of what did not pass: the next submission runs it again.
    pub fn mark_reported(&self, jobs: &[Job]) {
        for status in self.look(jobs) {
            if let JobStatus::Finished(finished) = status
                && !finished.result.outcome.passed()
            {
                self.memory.keep(FinishedJob { reported: true, ..*finished });
            }
        }
    }

    /// Ends what a killed process of this run left running, before anything is started and before its checkouts are
    /// removed. Only the first call does anything.
    pub async fn end_survivors(&self) {
        self.machine.take_over().await;
    }

    /// Runs commands one after the other in a checkout, all of them even if one fails, and remembers nothing: they are
    /// wanted for what they do to it. Dropping the future ends what runs.
    pub async fn run(&self, checkout: &Path, commands: &[TestCommand], label: &str) -> Vec<TestResult> {
        self.end_survivors().await;
        let mut results = Vec::with_capacity(commands.len());
        for command in commands {
            results.push(self.machine.run(checkout, command, label).await);
        }
        results
    }

    /// Opens a room for commands that build on each other.
    ///
    /// # Errors
    /// It must be isolated and this machine does not allow it, or the disk refuses.
    pub async fn open_room(&self, wish: &RoomWish<'_>) -> std::io::Result<CommandRoom> {
        self.end_survivors().await;
        CommandRoom::open(Arc::clone(&self.machine), wish).await
    }

    /// Waits for this many cores of the budget that commands share; they are given back with the value.
    pub async fn cores(&self, wanted: u32) -> impl Sized + '_ {
        self.machine.cores(wanted).await
    }

    /// Whether memory and disk of this machine are left for another command beside those that run.
    #[must_use]
    pub fn has_room() -> bool {
        has_room()
    }

    /// The digest of what every command starts from.
    #[must_use]
    pub fn environment(&self) -> Digest {
        self.machine.environment.digest()
    }

    /// The same, with this much time for a group to stop by itself.
    #[cfg(test)]
    pub(in crate::jobs) fn with_grace(mut self, grace: std::time::Duration) -> Executor {
        Arc::get_mut(&mut self.machine).unwrap().grace = grace;
        self
    }
}
