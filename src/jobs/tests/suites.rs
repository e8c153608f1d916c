//! Suites that pass, fail, hang and hide.

use super::bench::{bench, limit, seconds, shell};
use crate::jobs::CommandLine;
use crate::jobs::result::JobOutcome;

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
    let time = seconds(601);
    let line = format!("trap '' TERM; sleep {time} & echo $! > child; wait; sleep {time}");
    let mut command = shell("slow", &line);
    command.timeout = limit(300);
    let result = bench.run(command).await;
    assert_eq!(result.outcome, JobOutcome::TimedOut);
    assert!(bench.gone(&time).await, "the grandchild outlived its group");
}

#[tokio::test]
async fn what_a_suite_leaves_running_is_ended_with_it() {
    let bench = bench();
    let time = seconds(602);
    let result = bench.run(shell("daemon", &format!("sleep {time} & echo $! > child"))).await;
    assert_eq!(result.outcome, JobOutcome::Passed);
    assert!(bench.gone(&time).await, "the daemon outlived its suite");
}

#[tokio::test]
async fn dropping_the_run_ends_the_group() {
    let bench = bench();
    let time = seconds(603);
    let slow = shell("slow", &format!("sleep {time} & echo $! > child; wait"));
    tokio::select! {
        result = bench.run(slow) => panic!("ended early: {result}"),
        () = bench.written("child") => {}
    }
    assert!(bench.gone(&time).await, "the suite outlived its run");
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
