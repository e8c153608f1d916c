//! Jobs that are submitted, looked at and waited for.

use super::bench::{bench, outcome, place, shell, time, tree};
use crate::jobs::result::JobOutcome;
use crate::jobs::{JobCheckout, JobStatus, TestCommand, TestEvidence};

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
    let visible = bench.checkout.path().to_str().unwrap().to_owned();
    let suite =
        |name| TestCommand { visible: vec![visible.clone().try_into().unwrap()], ..shell(name, &line) };
    let jobs = bench.executor.jobs(&tree(), &[suite("one"), suite("two")]);
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
