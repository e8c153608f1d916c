//! Stories of suites that pass, fail, hang and hide.

use super::result::JobOutcome;
use std::time::Duration;

use super::*;

struct Bench {
    checkout: tempfile::TempDir,
    logs: tempfile::TempDir,
    executor: Executor,
}

fn bench() -> Bench {
    let logs = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    let environment = Environment::allowed([
        ("PATH", path.as_str()),
        ("GH_TOKEN", "ghp_never"),
        ("GITHUB_TOKEN", "ghp_never"),
        ("CI", "true"),
    ]);
    let executor = Executor::new(2, logs.path(), &logs.path().join("jobs"), environment);
    let executor = executor.with_grace(Duration::from_millis(50));
    Bench { checkout: tempfile::tempdir().unwrap(), logs, executor }
}

fn shell(name: &str, line: &str) -> TestCommand {
    let mut command: TestCommand = toml::from_str("name = 'x'\nrun = 'y'\ntimeout = '1m'").unwrap();
    command.name = name.into();
    command.run = CommandLine::Shell(line.into());
    command
}

fn limit(millis: u64) -> TimeLimit {
    Duration::from_millis(millis).try_into().unwrap()
}

fn place(folder: &std::path::Path) -> JobCheckout {
    JobCheckout::new(folder.to_owned(), Vec::new(), "prove/x".to_owned(), ())
}

impl Bench {
    /// What a process that comes after this one has: the folders, and nothing in its memory.
    fn next_process(&self) -> Executor {
        let environment = Environment::allowed([("PATH", std::env::var("PATH").unwrap().as_str())]);
        Executor::new(2, self.logs.path(), &self.logs.path().join("jobs"), environment)
    }

    fn place(&self) -> JobCheckout {
        place(self.checkout.path())
    }

    /// The lines of a file that suites write to.
    fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.checkout.path().join(file)).unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect()
    }

    async fn run(&self, command: TestCommand) -> TestResult {
        let results = self.executor.run(self.checkout.path(), &[command], "brightwater/sluice main").await;
        results.into_iter().next().unwrap()
    }

    /// Waits until the process whose id this file holds is gone.
    async fn gone(&self, file: &str) -> bool {
        let id = std::fs::read_to_string(self.checkout.path().join(file)).unwrap();
        let process = std::path::PathBuf::from(format!("/proc/{}/stat", id.trim()));
        for _ in 0..500 {
            let state = std::fs::read_to_string(&process).unwrap_or_default();
            // A killed orphan is a zombie until the system's first process takes notice of it.
            if state.is_empty() || state.contains(") Z ") {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    async fn written(&self, file: &str) {
        let path = self.checkout.path().join(file);
        while std::fs::read_to_string(&path).unwrap_or_default().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn suite_runs_in_the_checkout_and_leaves_its_log_in_order() {
    let bench = bench();
    let result = bench.run(shell("unit", "echo one; echo two >&2; echo three; pwd > here")).await;
    assert_eq!(result.outcome, JobOutcome::Passed);
    assert_eq!(result.tail, ["one", "two", "three"]);
    assert!(bench.checkout.path().join("here").exists());
    assert!(result.log.unwrap().starts_with(bench.logs.path()));
}

#[tokio::test]
async fn failing_suite_keeps_its_exit_code_and_the_next_one_still_runs() {
    let bench = bench();
    let commands =
        [shell("unit", "echo bad; false; echo unreachable"), shell("spec", "exit 7"), shell("doc", "true")];
    let results = bench.executor.run(bench.checkout.path(), &commands, "x").await;
    assert_eq!(results[0].outcome, JobOutcome::Failed { code: 1 });
    assert_eq!(results[0].tail, ["bad"]);
    assert_eq!(results[1].outcome, JobOutcome::Failed { code: 7 });
    assert_eq!(results[2].outcome, JobOutcome::Passed);
}

#[tokio::test]
async fn no_token_of_ours_reaches_a_suite() {
    let bench = bench();
    let mut command = shell("env", "env");
    command.env.insert("SUITE_MODE".into(), "quick".into());
    let result = bench.run(command).await;
    let text = std::fs::read_to_string(result.log.unwrap()).unwrap();
    assert!(!text.contains("ghp_never") && !text.contains("TOKEN") && !text.contains("\nCI="), "{text}");
    assert!(text.contains("SUITE_MODE=quick"), "{text}");
    assert!(text.contains(&format!("CARGO_TARGET_DIR={}/target", bench.checkout.path().display())), "{text}");
}

#[tokio::test]
async fn signal_of_others_is_told_from_a_failure() {
    let result = bench().run(shell("crash", "kill -s SEGV $$")).await;
    assert_eq!(result.outcome, JobOutcome::Killed { signal: 11 });
}

#[tokio::test]
async fn time_limit_ends_the_whole_group_even_if_it_ignores_the_first_signal() {
    let bench = bench();
    let mut command = shell("slow", "trap '' TERM; sleep 600 & echo $! > child; wait; sleep 600");
    command.timeout = limit(300);
    let result = bench.run(command).await;
    assert_eq!(result.outcome, JobOutcome::TimedOut);
    assert!(bench.gone("child").await, "the grandchild outlived its group");
}

#[tokio::test]
async fn what_a_suite_leaves_running_is_ended_with_it() {
    let bench = bench();
    let result = bench.run(shell("daemon", "sleep 600 & echo $! > child")).await;
    assert_eq!(result.outcome, JobOutcome::Passed);
    assert!(bench.gone("child").await, "the daemon outlived its suite");
}

#[tokio::test]
async fn dropping_the_run_ends_the_group() {
    let bench = bench();
    tokio::select! {
        result = bench.run(shell("slow", "sleep 600 & echo $! > child; wait")) => panic!("ended early: {result}"),
        () = bench.written("child") => {}
    }
    assert!(bench.gone("child").await, "the suite outlived its run");
}

#[tokio::test]
async fn missing_program_is_not_a_failure_and_names_the_remedy() {
    let bench = bench();
    let mut command = shell("wasm", "true");
    command.needs = vec!["sh".into(), "lockgate-no-such-tool".into()];
    let result = bench.run(command).await;
    assert_eq!(
        result.to_string(),
        "`wasm` could not run: `lockgate-no-such-tool` not on PATH; install it, or run this suite on a machine \
         that has it (0.0 s)"
    );
    let mut command = shell("local", "");
    command.run = CommandLine::Argv(vec!["./missing".into()]);
    let result = bench.run(command).await;
    assert!(result.to_string().contains("`./missing` is not an executable file of the checkout"), "{result}");
}

#[tokio::test]
async fn suites_that_want_every_core_do_not_overlap() {
    let bench = bench();
    let mut command = shell("exclusive", "mkdir busy; sleep 0.05; rmdir busy");
    command.cores = std::num::NonZeroU32::new(64).unwrap();
    let commands = [command];
    let run = |label| bench.executor.run(bench.checkout.path(), &commands, label);
    let (first, second) = tokio::join!(run("one"), run("two"));
    assert!(first[0].outcome.passed() && second[0].outcome.passed(), "{} {}", first[0], second[0]);
}

#[tokio::test]
async fn standard_input_is_empty() {
    let result = bench().run(shell("ask", "if read -r answer; then exit 3; fi")).await;
    assert_eq!(result.outcome, JobOutcome::Passed);
}

fn tree() -> crate::ids::TreeId {
    "a".repeat(40).parse().unwrap()
}

fn time(minute: u32) -> jiff::Timestamp {
    format!("2026-03-02T09:{minute:02}:00Z").parse().unwrap()
}

fn outcome(status: &JobStatus) -> JobOutcome {
    match status {
        JobStatus::Finished(finished) => finished.result.outcome.clone(),
        other => panic!("not finished: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_submitted_runs_once_and_is_looked_at_until_it_has_ended() {
    let bench = bench();
    let commands =
        [shell("wait", "while ! [ -e go ]; do sleep 0.01; done; echo ran >> log"), shell("next", "true")];
    let jobs = bench.executor.jobs(&tree(), &commands);
    assert_eq!(bench.executor.look(&jobs), [JobStatus::Absent, JobStatus::Absent]);
    for _ in 0..3 {
        bench.executor.submit(&jobs, bench.place(), time(0)).await;
    }
    assert_eq!(bench.executor.look(&jobs), [JobStatus::Running, JobStatus::Running]);
    std::fs::write(bench.checkout.path().join("go"), "").unwrap();
    let statuses = bench.executor.finished(&jobs).await;
    assert_eq!([outcome(&statuses[0]), outcome(&statuses[1])], [JobOutcome::Passed, JobOutcome::Passed]);
    assert_eq!(bench.lines("log"), ["ran"]);
    let evidence = TestEvidence::of(&tree(), time(9), &statuses).unwrap();
    assert!(evidence.green() && evidence.started == time(0));
}

/// Two branches may come to the same tree.
#[tokio::test]
async fn equal_jobs_of_two_targets_run_once_and_both_have_the_result() {
    let (bench, elsewhere) = (bench(), tempfile::tempdir().unwrap());
    let (notes, other) = (bench.checkout.path().join("log"), elsewhere.path());
    let line = format!("echo ran >> {}; sleep 0.1", notes.display());
    let jobs = bench.executor.jobs(&tree(), &[shell("one", &line), shell("two", &line)]);
    let prove = async |folder: &std::path::Path| {
        bench.executor.submit(&jobs, place(folder), time(0)).await;
        bench.executor.finished(&jobs).await
    };
    let (first, second) = tokio::join!(prove(bench.checkout.path()), prove(other));
    assert_eq!(first, second);
    assert!(first.iter().all(|status| outcome(status).passed()));
    assert_eq!(bench.lines("log"), ["ran", "ran"], "one line for each of two suites");
}

#[tokio::test]
async fn a_checkout_stays_until_the_last_of_its_jobs_has_ended() {
    let bench = bench();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let checkout = JobCheckout::new(path.clone(), Vec::new(), "prove/x".to_owned(), folder);
    let jobs = bench.executor.jobs(&tree(), &[shell("one", "sleep 0.05; pwd"), shell("two", "pwd")]);
    bench.executor.submit(&jobs, checkout, time(0)).await;
    assert!(path.exists());
    let statuses = bench.executor.finished(&jobs).await;
    assert!(statuses.iter().all(|status| outcome(status).passed()), "{statuses:?}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_later_process_adopts_what_has_finished_however_it_ended() {
    let bench = bench();
    let commands = [shell("one", "echo one >> log"), shell("two", "echo two >> log; exit 3")];
    let before = bench.next_process();
    let jobs = before.jobs(&tree(), &commands);
    before.submit(&jobs, bench.place(), time(0)).await;
    let statuses = before.finished(&jobs).await;
    let after = bench.next_process();
    assert_eq!(after.look(&jobs), statuses);
    after.submit(&jobs, bench.place(), time(5)).await;
    assert_eq!(after.finished(&jobs).await, statuses);
    assert_eq!(bench.lines("log"), ["one", "two"]);
    // Of another tree nothing is known.
    let other = after.jobs(&"b".repeat(40).parse().unwrap(), &commands);
    assert_eq!(after.look(&other), [JobStatus::Absent, JobStatus::Absent]);
}

#[tokio::test]
async fn what_people_were_told_of_is_run_again_and_what_passed_is_not() {
    let bench = bench();
    let commands = [shell("one", "echo one >> log"), shell("two", "echo two >> log; [ -e fixed ]")];
    let jobs = bench.executor.jobs(&tree(), &commands);
    bench.executor.submit(&jobs, bench.place(), time(0)).await;
    let statuses = bench.executor.finished(&jobs).await;
    assert!(statuses.iter().all(|status| status.settled().is_some()));
    bench.executor.mark_reported(&jobs);
    let told = bench.next_process().look(&jobs);
    assert!(told[0].settled().is_some() && told[1].settled().is_none());
    assert_eq!(outcome(&told[1]), JobOutcome::Failed { code: 1 }, "a waiver is about this");
    std::fs::write(bench.checkout.path().join("fixed"), "").unwrap();
    bench.executor.submit(&jobs, bench.place(), time(5)).await;
    assert_eq!(outcome(&bench.executor.finished(&jobs).await[1]), JobOutcome::Passed);
    assert_eq!(bench.lines("log"), ["one", "two", "two"]);
}

#[tokio::test]
async fn a_suite_that_builds_on_an_adopted_one_is_not_failed_by_that() {
    let bench = bench();
    let commands = [shell("build", "echo x > built"), shell("unit", "cat built")];
    let jobs = bench.executor.jobs(&tree(), &commands);
    bench.executor.submit(&jobs[..1], bench.place(), time(0)).await;
    bench.executor.finished(&jobs).await;
    // The next attempt has a checkout of its own.
    let fresh = tempfile::tempdir().unwrap();
    bench.executor.submit(&jobs, place(fresh.path()), time(5)).await;
    let statuses = bench.executor.finished(&jobs).await;
    assert_eq!([outcome(&statuses[0]), outcome(&statuses[1])], [JobOutcome::Passed, JobOutcome::Passed]);
    assert!(fresh.path().join("built").exists());
}

#[tokio::test]
async fn a_suite_that_outlived_its_process_is_ended_before_it_is_run_again() {
    let bench = bench();
    // What a kill leaves: the suite and its note, and nobody who waits for it.
    let commands = [shell("slow", "echo $$ >> child; if [ -e go ]; then exit 0; fi; sleep 600")];
    let killed = bench.next_process();
    let jobs = killed.jobs(&tree(), &commands);
    let (submitted, place, child) = (jobs.clone(), bench.place(), bench.checkout.path().join("child"));
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            killed.submit(&submitted, place, time(0)).await;
            while std::fs::read_to_string(&child).unwrap_or_default().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        // A runtime of one thread does nothing any more: no task goes on, and nothing is cleaned up.
        std::mem::forget(runtime);
    });
    process.join().unwrap();
    let survivor = std::path::PathBuf::from(format!("/proc/{}/stat", bench.lines("child")[0]));
    assert!(survivor.exists());
    std::fs::write(bench.checkout.path().join("go"), "").unwrap();
    let after = bench.next_process();
    assert_eq!(after.look(&jobs), [JobStatus::Absent]);
    after.submit(&jobs, bench.place(), time(5)).await;
    let state = std::fs::read_to_string(&survivor).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "both run at the same time: {state}");
    assert_eq!(outcome(&after.finished(&jobs).await[0]), JobOutcome::Passed);
    assert_eq!(bench.lines("child").len(), 2);
}

#[tokio::test]
async fn a_result_that_was_tampered_with_counts_as_none() {
    let bench = bench();
    let jobs = bench.executor.jobs(&tree(), &[shell("one", "exit 3")]);
    bench.executor.submit(&jobs, bench.place(), time(0)).await;
    bench.executor.finished(&jobs).await;
    let results = bench.logs.path().join("jobs/results");
    let path = std::fs::read_dir(&results).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&path).unwrap();
    // The result of another job under this one's name.
    std::fs::write(&path, text.replace(&"a".repeat(40), &"b".repeat(40))).unwrap();
    assert_eq!(bench.executor.look(&jobs), [JobStatus::Absent]);
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert_eq!(bench.executor.look(&jobs), [JobStatus::Absent]);
}

#[tokio::test]
async fn a_result_that_cannot_be_kept_counts_for_this_process() {
    let bench = bench();
    std::fs::create_dir(bench.logs.path().join("jobs")).unwrap();
    std::fs::write(bench.logs.path().join("jobs/results"), "no folder").unwrap();
    let jobs = bench.executor.jobs(&tree(), &[shell("one", "true")]);
    bench.executor.submit(&jobs, bench.place(), time(0)).await;
    assert_eq!(outcome(&bench.executor.finished(&jobs).await[0]), JobOutcome::Passed);
    assert_eq!(bench.next_process().look(&jobs), [JobStatus::Absent]);
}
