//! Runs test commands within a budget of cores.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::command::TestCommand;
use super::environment::Environment;
use super::evidence::{Evidence, Host};
use super::log;
use super::process::Process;
use super::result::{Outcome, TestResult};
use crate::ids::TreeId;

/// How long a group may take to stop by itself after its time limit.
const GRACE: Duration = Duration::from_secs(5);

/// Runs test commands. Clones share the budget, so that targets are tested side by side without more load than
/// the machine bears.
#[derive(Debug, Clone)]
pub struct Runner {
    budget: Arc<Semaphore>,
    cores: u32,
    logs: PathBuf,
    environment: Environment,
    pub(super) grace: Duration,
}

impl Runner {
    /// A runner that keeps at most `cores` cores busy and writes one log a command under `logs`.
    #[must_use]
    pub fn new(cores: u32, logs: impl Into<PathBuf>, environment: Environment) -> Runner {
        let cores = cores.max(1);
        let budget = Arc::new(Semaphore::new(cores as usize));
        Runner { budget, cores, logs: logs.into(), environment, grace: GRACE }
    }

    /// As many cores as the machine has.
    #[must_use]
    pub fn machine_cores() -> u32 {
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
    }

    /// Runs the commands one after the other in this checkout, all of them even if one fails: the manager wants
    /// the whole picture. `label` says in the logs' folder whose suite it is. Dropping the future kills what runs.
    pub async fn run(&self, checkout: &Path, commands: &[TestCommand], label: &str) -> Vec<TestResult> {
        let mut results = Vec::with_capacity(commands.len());
        for command in commands {
            results.push(self.run_one(checkout, command, label).await);
        }
        results
    }

    /// Runs the commands and ties what comes of them to the tree that is checked out.
    pub async fn prove(
        &self,
        tree: TreeId,
        started: jiff::Timestamp,
        checkout: &Path,
        commands: &[TestCommand],
        label: &str,
    ) -> Evidence {
        let results = self.run(checkout, commands, label).await;
        Evidence { tree, started, host: Host::this_machine(), results, absent: Vec::new() }
    }

    async fn run_one(&self, checkout: &Path, command: &TestCommand, label: &str) -> TestResult {
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
            .run(file)
            .await
            .unwrap_or_else(|error| Outcome::Unavailable { why: format!("`{}`: {error}", command.run) });
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
    let outcome = Outcome::Unavailable { why };
    TestResult { name: command.name.clone(), outcome, duration_ms: 0, log: None, tail: Vec::new() }
}

/// The program that is run, after every needed one was found on the PATH that the command will see.
fn find_programs(
    command: &TestCommand,
    environment: &BTreeMap<OsString, OsString>,
    checkout: &Path,
) -> Result<PathBuf, String> {
    let path = environment.get(&OsString::from("PATH"));
    let find = |program: &str| which::which_in(program, path, checkout).ok();
    let missing: Vec<String> = command
        .needs
        .iter()
        .filter(|program| find(program).is_none())
        .map(|program| format!("`{program}`"))
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "{} not on PATH; install it, or run this suite on a machine that has it",
            missing.join(", ")
        ));
    }
    let argv = command.run.argv();
    let program = argv.first().copied().unwrap_or_default();
    find(program).ok_or_else(|| {
        if program.contains('/') {
            format!("`{program}` is not an executable file of the checkout")
        } else {
            format!("`{program}` not on PATH; install it, or run this suite on a machine that has it")
        }
    })
}
