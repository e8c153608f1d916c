//! Generated files: thousands of jobs, of which each needs all of those in the layer before. The paths through them are
//! more than can be walked.

use std::fmt::Write;

use super::super::reading::{WorkflowFile, refusal};
use super::{Tree, verdicts};

/// Layers of three; `first` is what the jobs of the first layer need.
fn layers(jobs: usize, first: &str, more: &str) -> String {
    let mut text = String::from("on: push\njobs:\n");
    for at in 0..jobs {
        let layer = at / 3 * 3;
        let before: Vec<String> = (layer.saturating_sub(3)..layer).map(|at| format!("job-{at}")).collect();
        let needs = if layer == 0 { first.to_owned() } else { before.join(", ") };
        writeln!(
            text,
            "  job-{at}: {{ needs: [{needs}], runs-on: ubuntu-latest{more}, steps: [{{ run: x }}] }}"
        )
        .unwrap();
    }
    text
}

fn refused(text: &str) -> Option<String> {
    refusal(&WorkflowFile::read("ci.yml", text).unwrap()).map(|refused| refused.message)
}

#[test]
fn needs_of_thousands_of_jobs_are_followed_once_each() {
    assert_eq!(refused(&layers(3000, "", "")), None);
    // The last layer is needed by the first.
    let circle = refused(&layers(600, "JOB-599", ""));
    assert_eq!(circle.as_deref(), Some("the needs of the job `job-0` form a cycle"));
    let gone = refused(&layers(600, "job-600", ""));
    assert_eq!(gone.as_deref(), Some("the job `job-0` needs `job-600`, which does not exist"));
}

#[test]
fn a_circle_is_named_by_its_first_job() {
    let text = "on: push
jobs:
  free: { runs-on: x, steps: [{ run: x }] }
  two: { needs: [free, three], runs-on: x, steps: [{ run: x }] }
  three: { needs: TWO, runs-on: x, steps: [{ run: x }] }
";
    assert_eq!(refused(text).as_deref(), Some("the needs of the job `two` form a cycle"));
}

#[test]
fn hundreds_of_jobs_are_planned_each_with_all_that_comes_before_it() {
    let condition = ", if: \"needs.JOB-0.result == 'success'\"";
    let text = layers(150, "", condition).replacen(condition, "", 3);
    let lines = Tree::ci(text.leak()).push();
    assert_eq!(lines.len(), 150);
    assert!(verdicts(&lines).iter().all(|line| line.ends_with(": run-here")), "{:?}", lines[4]);
}
