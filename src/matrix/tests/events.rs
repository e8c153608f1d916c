//! Triggers and the choice of the event: numbers 25 to 31, 37.

use super::super::event_choice::choose_event;
use super::{Tree, event, verdicts};
use crate::matrix::event::{CiEvent, EventKind};
use crate::skip_mark::skip_mark;

const JOB: &str = "jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: true }] } }";

/// Whether a push to a branch starts a workflow with this `on`.
fn push_starts(on: &str, branch: &str) -> bool {
    let text: &'static str = format!("on: {on}\n{JOB}\n").leak();
    let pushed = CiEvent { branch: branch.to_owned(), ..event(EventKind::Push, None) };
    verdicts(&Tree::ci(text).under(&pushed)) == ["a: run-here"]
}

fn request_starts(on: &str, action: &str) -> bool {
    let text: &'static str = format!("on: {on}\n{JOB}\n").leak();
    verdicts(&Tree::ci(text).under(&event(EventKind::PullRequest, Some(action)))) == ["a: run-here"]
}

#[test]
fn t27_t28_t29_branches_are_globs_and_tags_are_no_branches() {
    assert!(push_starts("{ push: { branches: ['release/**'] } }", "release/2.x"));
    assert!(!push_starts("{ push: { branches: ['release/**'] } }", "release"));
    assert!(push_starts("{ push: { branches: ['[0-9].[0-9]+'] } }", "3.14"));
    assert!(
        push_starts("{ push: { branches: main } }", "main")
            && !push_starts("{ push: { branches: main } }", "x")
    );
    assert!(!push_starts("{ push: { tags: ['v*'] } }", "main"));
    assert!(push_starts("{ push: { tags: ['v*'], branches: [main] } }", "main"));
    assert!(push_starts("{ push: { paths: ['**/Cargo.toml'] } }", "anything/at-all"));
    assert!(!push_starts("{ push: { branches-ignore: [main, 'release/**'] } }", "main"));
    assert!(!push_starts("{ push: { branches: ['*', '!wip'] } }", "wip"));
}

#[test]
fn t30_t31_t37_activities_and_all_forms_of_on() {
    assert!(request_starts("pull_request", "opened") && request_starts("[push, pull_request]", "opened"));
    assert!(request_starts("{ pull_request: }", "synchronize") && !request_starts("pull_request", "labeled"));
    assert!(!request_starts("{ pull_request: { types: [labeled] } }", "opened"));
    assert!(request_starts("{ pull_request: { types: labeled } }", "labeled"));
    assert!(!request_starts("push", "opened"));
}

#[test]
fn a_filter_of_paths_is_taken_as_matching_and_said() {
    let tree = Tree::ci("on: { push: { paths: ['src/**'] } }\njobs: { a: { runs-on: ubuntu-latest } }\n");
    let plan = super::plan_event(&tree.library(), &event(EventKind::Push, None), None, &|_| true);
    assert!(plan.workflows[0].paths_assumed);
}

fn fullest(tree: &Tree) -> Option<String> {
    choose_event(&tree.library(), &event(EventKind::Push, None), None, &|_| true)
        .fullest()
        .map(ToString::to_string)
}

#[test]
fn t25_t26_the_fullest_event_is_chosen_and_no_ci_is_said() {
    let release_only = Tree::of([
        ("push.yml", "on: { push: { branches: ['v*'] } }\njobs: { a: { runs-on: x } }\n"),
        ("request.yml", "on: pull_request\njobs: { a: { runs-on: x }, b: { runs-on: x } }\n"),
    ]);
    assert_eq!(fullest(&release_only).as_deref(), Some("pull_request/opened"));
    let queue = Tree::ci(
        "on: [merge_group, pull_request]\njobs:\n  a: { runs-on: x }\n  b: { if: github.actor == 'x', runs-on: x }\n",
    );
    assert_eq!(fullest(&queue).as_deref(), Some("merge_group"));
    let waits = Tree::ci("on: { pull_request: { types: [synchronize] } }\njobs: { a: { runs-on: x } }\n");
    assert_eq!(fullest(&waits).as_deref(), Some("pull_request/synchronize"));
    let elsewhere = Tree::ci("on: { push: { branches: [next] } }\njobs: { a: { runs-on: x } }\n");
    assert_eq!(fullest(&elsewhere), None);
}

#[test]
fn t30_a_workflow_that_is_called_and_started_is_counted_for_the_start_alone() {
    let tree = Tree::of([
        (
            "both.yml",
            "on: { workflow_call: , pull_request: { types: [labeled] } }\njobs: { a: { runs-on: ubuntu-latest } }\n",
        ),
        ("ci.yml", "on: push\njobs: { call: { uses: ./.github/workflows/both.yml } }\n"),
    ]);
    assert_eq!(verdicts(&tree.push()), ["a: not-triggered", "call/a: run-here"]);
}

#[test]
fn a_mark_in_the_message_stops_pushes_and_pull_requests_and_nothing_else() {
    let tree = Tree::ci(
        "on: [push, pull_request, merge_group, workflow_dispatch]\njobs: { a: { runs-on: ubuntu-latest } }\n",
    );
    let marked = |message: &str, kind, action| {
        let marked = CiEvent { skip: skip_mark(message), ..event(kind, action) };
        verdicts(&tree.under(&marked)).join(", ")
    };
    let certain = "notes [skip ci]";
    assert_eq!(marked(certain, EventKind::Push, None), "a: not-triggered");
    assert_eq!(marked(certain, EventKind::PullRequest, Some("opened")), "a: not-triggered");
    assert_eq!(marked(certain, EventKind::MergeGroup, None), "a: run-here");
    assert_eq!(marked(certain, EventKind::WorkflowDispatch, None), "a: run-here");
    assert_eq!(marked("notes [Skip CI]", EventKind::Push, None), "a: conditional");
    let like = CiEvent { skip: skip_mark(certain), ..event(EventKind::Push, None) };
    let choice = choose_event(&tree.library(), &like, None, &|_| true);
    assert_eq!(choice.fullest().map(ToString::to_string).as_deref(), Some("merge_group"));
}

#[test]
fn a_start_by_hand_has_the_defaults_of_its_inputs() {
    let tree = Tree::ci(
        "on: { workflow_dispatch: { inputs: { full: { type: boolean, default: true }, os: { type: choice, options: [linux, mac] } } } }
jobs:
  a: { if: inputs.full && inputs.os == 'linux', runs-on: ubuntu-latest }
  b: { if: github.event.inputs.full == true, runs-on: ubuntu-latest }
",
    );
    let lines = tree.under(&event(EventKind::WorkflowDispatch, None));
    assert_eq!(verdicts(&lines), ["a: run-here", "b: if-false"]);
}
