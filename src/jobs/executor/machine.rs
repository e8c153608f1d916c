//! One command after the other on this machine, within a budget of cores.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, Semaphore};

use super::log;
use super::process::Process;
use super::programs::find_programs;
use super::survivors::Notes;
use crate::jobs::command::TestCommand;
use crate::jobs::environment::Environment;
use crate::jobs::result::{JobOutcome, TestResult};

/// How long a group may take to stop by itself after its time limit.
const GRACE: Duration = Duration::from_secs(5);

/// This machine, as far as commands may use it.
#[derive(Debug)]
pub(super) struct Machine {
    budget: Semaphore,
    cores: u32,
    logs: PathBuf,
    pub(super) environment: Environment,
    notes: Notes,
    taken_over: OnceCell<()>,
    pub(super) grace: Duration,
}

impl Machine {
    pub(super) fn new(cores: u32, logs: PathBuf, notes: Notes, environment: Environment) -> Machine {
        let cores = cores.max(1);
        let budget = Semaphore::new(cores as usize);
        Machine { budget, cores, logs, environment, notes, taken_over: OnceCell::new(), grace: GRACE }
    }

    /// Ends what an earlier process left running; once, and before anything is started.
    pub(super) async fn take_over(&self) {
        let end = || async {
            let notes = self.notes.clone();
            // The task can only fail by a panic, which leaves the survivors to their time limits.
            let _ = tokio::task::spawn_blocking(move || notes.end_survivors()).await;
        };
        self.taken_over.get_or_init(end).await;
    }

    /// Runs a command in a checkout to its end. Dropping the future ends it.
    pub(super) async fn run(&self, checkout: &Path, command: &TestCommand, label: &str) -> TestResult {
        let environment = self.environment.of_command(command, checkout);
        let program = match find_programs(command, &environment, checkout) {
            Ok(program) => program,
            Err(why) => return unavailable(command, why),
        };
        let (path, file) = match log::create(&self.logs, label, &command.name) {
            Ok(created) => created,
            Err(error) => {
                return unavailable(command, format!("no log under `{}`: {error}", self.logs.display()));
            }
        };
        // A command that wants more than there is gets the whole machine. The semaphore is never closed.
        let share = command.cores.get().min(self.cores);
        let _cores = self.budget.acquire_many(share).await.ok();

        let started = Instant::now();
        let argv = command.run.argv();
        let process = Process {
            program,
            arguments: argv.get(1..).unwrap_or_default(),
            folder: checkout,
            environment,
            limit: command.timeout.duration(),
            grace: self.grace,
        };
        let outcome = process
            .run(file, &self.notes)
            .await
            .unwrap_or_else(|error| JobOutcome::Unavailable { why: format!("`{}`: {error}", command.run) });
        TestResult {
            name: command.name.clone(),
            outcome,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            tail: log::tail(&path),
            log: Some(path),
        }
    }
}

fn unavailable(command: &TestCommand, why: String) -> TestResult {
    let outcome = JobOutcome::Unavailable { why };
    TestResult { name: command.name.clone(), outcome, duration_ms: 0, log: None, tail: Vec::new() }
}
