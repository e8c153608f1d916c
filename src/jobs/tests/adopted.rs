//! What is kept of jobs, and what a later process makes of it.

use std::time::Duration;

use super::bench::{bench, outcome, place, seconds, shell, sleeps, time, tree};
use crate::jobs::JobStatus;
use crate::jobs::result::JobOutcome;

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
    let slow = format!("echo $$ >> child; if [ -e go ]; then exit 0; fi; sleep {}", seconds(604));
    let commands = [shell("slow", &slow)];
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
    // The note is written before the sleep begins.
    let begun = std::time::Instant::now();
    while !sleeps(&seconds(604)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the suite does not sleep");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::write(bench.checkout.path().join("go"), "").unwrap();
    let after = bench.next_process();
    assert_eq!(after.look(&jobs), [JobStatus::Absent]);
    after.submit(&jobs, bench.place(), time(5)).await;
    assert!(!sleeps(&seconds(604)), "both run at the same time");
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
