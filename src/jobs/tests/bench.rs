//! A checkout, an executor, and what suites leave.

use std::path::Path;
use std::time::Duration;

use crate::jobs::result::JobOutcome;
use crate::jobs::{
    CommandLine, Environment, Executor, JobCheckout, JobStatus, TestCommand, TestResult, TimeLimit,
};

pub(super) struct Bench {
    pub(super) checkout: tempfile::TempDir,
    pub(super) logs: tempfile::TempDir,
    pub(super) executor: Executor,
}

pub(super) fn bench() -> Bench {
    bench_at_home("/nonexistent")
}

/// The same for a user with this home.
pub(super) fn bench_at_home(home: &str) -> Bench {
    let logs = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    let environment = Environment::allowed([
        ("PATH", path.as_str()),
        ("HOME", home),
        ("GH_TOKEN", "ghp_never"),
        ("GITHUB_TOKEN", "ghp_never"),
        ("CI", "true"),
    ]);
    let executor = Executor::new(2, logs.path(), &logs.path().join("jobs"), environment);
    let executor = executor.with_grace(Duration::from_millis(50));
    Bench { checkout: tempfile::tempdir().unwrap(), logs, executor }
}

pub(super) fn shell(name: &str, line: &str) -> TestCommand {
    let mut command: TestCommand = toml::from_str("name = 'x'\nrun = 'y'\ntimeout = '1m'").unwrap();
    command.name = name.into();
    command.run = CommandLine::Shell(line.into());
    command
}

pub(super) fn limit(millis: u64) -> TimeLimit {
    Duration::from_millis(millis).try_into().unwrap()
}

pub(super) fn place(folder: &Path) -> JobCheckout {
    JobCheckout::new(folder.to_owned(), Vec::new(), "prove/x".to_owned(), ())
}

impl Bench {
    /// What a process that comes after this one has: the folders, and nothing in its memory.
    pub(super) fn next_process(&self) -> Executor {
        let environment = Environment::allowed([("PATH", std::env::var("PATH").unwrap().as_str())]);
        Executor::new(2, self.logs.path(), &self.logs.path().join("jobs"), environment)
    }

    pub(super) fn place(&self) -> JobCheckout {
        place(self.checkout.path())
    }

    /// The lines of a file that suites write to.
    pub(super) fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.checkout.path().join(file)).unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect()
    }

    pub(super) async fn run(&self, command: TestCommand) -> TestResult {
        let results = self.executor.run(self.checkout.path(), &[command], "brightwater/sluice main").await;
        results.into_iter().next().unwrap()
    }

    /// Waits until no process sleeps for this long any more. In namespaces of its own a suite does not know the number by
    /// which we know a process. A killed one has no arguments.
    pub(super) async fn gone(&self, seconds: &str) -> bool {
        for _ in 0..500 {
            if !sleeps(seconds) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    pub(super) async fn written(&self, file: &str) {
        let path = self.checkout.path().join(file);
        while std::fs::read_to_string(&path).unwrap_or_default().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A time to sleep that nobody else on this machine sleeps for: these seconds, and a part of one that is our process's number.
pub(super) fn seconds(whole: u32) -> String {
    format!("{whole}.{}", std::process::id())
}

/// Whether a process sleeps for so long.
pub(super) fn sleeps(seconds: &str) -> bool {
    let wanted = format!("sleep\0{seconds}\0");
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("cmdline"));
    processes.flat_map(std::fs::read).any(|words| words == wanted.as_bytes())
}

pub(super) fn tree() -> crate::ids::TreeId {
    "a".repeat(40).parse().unwrap()
}

pub(super) fn time(minute: u32) -> jiff::Timestamp {
    format!("2026-03-02T09:{minute:02}:00Z").parse().unwrap()
}

pub(super) fn outcome(status: &JobStatus) -> JobOutcome {
    match status {
        JobStatus::Finished(finished) => finished.result.outcome.clone(),
        other => panic!("not finished: {other:?}"),
    }
}
