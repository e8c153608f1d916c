//! One command after the other on this machine, within a budget of cores.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::log;
use super::permission::{Permission, try_it, try_landlock};
use super::process::Process;
use super::programs::find_programs;
use super::sandbox::{Sandbox, Seen};
use super::survivors::Notes;
use crate::jobs::command::TestCommand;
use crate::jobs::environment::Environment;
use crate::jobs::isolation::{Isolation, IsolationWish};
use crate::jobs::result::{JobOutcome, TestResult};

/// How long a group may take to stop by itself after its time limit.
const GRACE: Duration = Duration::from_secs(5);

/// This machine, as far as commands may use it.
#[derive(Debug)]
pub(super) struct Machine {
    budget: Semaphore,
    cores: u32,
    pub(super) logs: PathBuf,
    pub(super) environment: Environment,
    pub(super) notes: Notes,
    /// The folder of the run, which no command may see.
    pub(super) run: PathBuf,
    pub(super) found: Arc<Found>,
    taken_over: OnceCell<()>,
    pub(super) grace: Duration,
}

/// What was found out of this machine: each is tried once, however many commands are run.
#[derive(Debug, Default)]
pub(super) struct Found {
    permission: OnceCell<Permission>,
    landlock: OnceCell<Result<u8, String>>,
    /// What it said of itself in a sandbox, once it was asked.
    pub(super) said: OnceCell<String>,
}

impl Machine {
    pub(super) fn new(
        cores: u32,
        logs: PathBuf,
        run: PathBuf,
        notes: Notes,
        environment: Environment,
    ) -> Machine {
        let cores = cores.max(1);
        let budget = Semaphore::new(cores as usize);
        let (found, taken_over) = (Arc::default(), OnceCell::new());
        Machine { budget, cores, logs, environment, notes, run, found, taken_over, grace: GRACE }
    }

    /// How far a command can be kept from the rest of this machine. It is tried once.
    pub(super) async fn isolation(&self) -> Isolation {
        match self.permission().await {
            Ok(_) => self.namespaces(true).await,
            Err(denied) => denied.level(),
        }
    }

    /// Whether namespaces can be made; it is tried once.
    pub(super) async fn permission(&self) -> &Permission {
        self.found.permission.get_or_init(|| try_it(&self.run, self.environment.variables())).await
    }

    /// The version of landlock that confines commands in their namespaces, if one does; it is tried once.
    pub(super) async fn landlock(&self) -> &Result<u8, String> {
        let find = || async {
            match self.permission().await {
                Ok(makers) => try_landlock(makers, &self.run, self.environment.variables()).await,
                Err(denied) => Err(denied.why.clone()),
            }
        };
        self.found.landlock.get_or_init(find).await
    }

    /// The level of a command with namespaces.
    pub(super) async fn namespaces(&self, network: bool) -> Isolation {
        let landlock = match self.landlock().await {
            Ok(version) => format!("abi {version}"),
            Err(why) => format!("none: {why}"),
        };
        Isolation::Namespaces { network, landlock: Some(landlock) }
    }

    /// What a command is run in; nothing where the catalog wants nothing.
    async fn sandbox(
        &self,
        command: &TestCommand,
        checkout: &Path,
        program: &Path,
        environment: &mut BTreeMap<OsString, OsString>,
    ) -> io::Result<(Option<Sandbox>, Isolation)> {
        if command.isolation == IsolationWish::None {
            return Ok((None, Isolation::Waived));
        }
        match (self.permission().await, command.isolation) {
            (Ok(makers), _) => {
                environment.insert("TMPDIR".into(), "/tmp".into());
                let visible = command.visible.as_slice();
                let confined = self.landlock().await.is_ok();
                let seen = Seen { checkout, program, visible, frozen: false, confined, environment };
                let isolation = self.namespaces(command.network).await;
                Ok((Some(Sandbox::prepare(makers, &self.run, &seen)?), isolation))
            }
            (Err(denied), IsolationWish::Required) => Err(denied.when_required()),
            (Err(denied), _) => Ok((Some(Sandbox::of_directories(environment)?), denied.level())),
        }
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

    /// The budget of cores.
    pub(super) fn core_count(&self) -> u32 {
        self.cores
    }

    /// Waits for this many cores of the budget. What wants more than there is gets the whole machine.
    pub(super) async fn cores(&self, wanted: u32) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.budget.acquire_many(wanted.min(self.cores)).await.ok()
    }

    /// Runs a command in a checkout to its end. Dropping the future ends it.
    pub(super) async fn run(&self, checkout: &Path, command: &TestCommand, label: &str) -> TestResult {
        let mut environment = self.environment.of_command(command, checkout);
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
        let _cores = self.cores(command.cores.get()).await;

        let sandboxed = self.sandbox(command, checkout, &program, &mut environment).await;
        let (sandbox, isolation) = match sandboxed {
            Ok(sandboxed) => sandboxed,
            Err(error) => return unavailable(command, error.to_string()),
        };
        let started = Instant::now();
        let argv = command.run.argv();
        let launcher = sandbox.as_ref().map_or_else(Vec::new, |sandbox| sandbox.launcher(command.network));
        let process = Process {
            launcher: &launcher,
            program,
            arguments: argv.get(1..).unwrap_or_default(),
            folder: checkout,
            environment,
            limit: command.timeout.duration(),
            grace: self.grace,
            stop: None,
        };
        let outcome = process
            .run(|output| output, file, &self.notes)
            .await
            .unwrap_or_else(|error| JobOutcome::Unavailable { why: format!("`{}`: {error}", command.run) });
        TestResult {
            name: command.name.clone(),
            outcome,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            tail: log::tail(&path),
            log: Some(path),
            isolation: Some(isolation),
        }
    }
}

fn unavailable(command: &TestCommand, why: String) -> TestResult {
    let outcome = JobOutcome::Unavailable { why };
    let (name, tail) = (command.name.clone(), Vec::new());
    TestResult { name, outcome, duration_ms: 0, log: None, tail, isolation: None }
}
