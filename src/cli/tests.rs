//! What people read, whole: a change of words is a change of a snapshot.
//!
//! After a change that is meant, look at the difference and accept it: `INSTA_UPDATE=always cargo test --lib cli::`.

use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::command::Commands;
use super::problem::Problem;
use super::{log, status};
use crate::control::DiskError;
use crate::failure::Effect;
use crate::git::GitError;
use crate::ids::{Digest, Login};
use crate::input::{KeyPart, Source};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step, demo_plan};
use crate::report::{History, Status};
use crate::run::{Completion, Event, JournalError, LockError, Retry, StampedEvent, State};
use crate::steps::{Blame, Decision, MovedHead, Output, Question, QuestionKind, Wait};

fn time(minutes: i64) -> Timestamp {
    "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn mara() -> Login {
    "mara".parse().unwrap()
}

fn stamped(events: impl IntoIterator<Item = Event>) -> Vec<StampedEvent> {
    (1..).zip(events).map(|(number, record)| StampedEvent { number, at: time(0), record }).collect()
}

fn done(step: &Step) -> Event {
    Event::Done { step: step.name.clone(), how: Completion::Acted, output: Output::Note("x".into()) }
}

fn failed(step: &Step, retry: Option<Retry>) -> Event {
    Event::Failed {
        step: step.name.clone(),
        message: "GitHub had a fault (status 502)".into(),
        hint: vec![Advice::then("look at its status page, then", NextAction::Resume)],
        effect: Effect::Unknown,
        blame: Blame::Outside,
        retry,
    }
}

fn asks(gate: &Step) -> Event {
    let (name, digest) = (gate.asks.clone().unwrap(), Digest::of("shown"));
    let question = Question {
        kind: QuestionKind::Approval { digest: digest.clone(), missing: 2 },
        text: "Every target has evidence. (2 more approvals needed.)".into(),
        next: vec![NextAction::Approve { gate: name, digest }.into()],
    };
    Event::Asked { step: gate.name.clone(), question }
}

fn waits_for_a_cve(step: &Step) -> Event {
    let waive = NextAction::Waive { step: step.name.clone(), reason: None };
    let wait = Wait {
        until: time(60),
        what: "GitHub to assign a CVE".into(),
        instead: vec![Advice::then("to continue without it", waive)],
        meanwhile: None,
        behind: None,
    };
    Event::Waiting { step: step.name.clone(), wait }
}

/// The demo at its first gate: the waits for CVEs go on beside it.
fn at_the_gate(plan: &Plan) -> Vec<Event> {
    let gate = plan.gate("ready").unwrap();
    let mut events: Vec<Event> = plan.after(&gate.name).map(done).collect();
    events.extend(plan.of_kind(StepKind::AwaitCve).map(waits_for_a_cve));
    events.push(asks(gate));
    events
}

fn status_of(plan: &Plan, events: Vec<Event>) -> String {
    let events = stamped(events);
    status::whole(&Status::of(plan, &State::fold(&events), &events), &Commands::at("OUT"), time(0))
}

#[test]
fn status_at_the_first_gate_of_each_workflow() {
    for workflow in ["github", "wamr", "wasmtime"] {
        let plan = demo_plan(workflow);
        insta::assert_snapshot!(format!("status_{workflow}"), status_of(&plan, at_the_gate(&plan)));
    }
}

#[test]
fn status_in_trouble_called_off_and_finished() {
    let plan = demo_plan("github");
    let merges: Vec<&Step> = plan.of_kind(StepKind::MergePatch).collect();
    let intent = |step: &Step| Event::Intent { step: step.name.clone() };
    let mut trouble: Vec<Event> = merges.iter().take(3).map(|step| intent(step)).collect();
    trouble.push(failed(merges[0], None));
    trouble.push(failed(merges[1], Some(Retry { attempt: 3, of: 4, at: time(5) })));
    insta::assert_snapshot!("status_in_trouble", status_of(&plan, trouble));
    let called_off = vec![Event::Aborted { by: mara(), reason: "the fix is wrong".into() }];
    insta::assert_snapshot!("status_called_off", status_of(&plan, called_off));
    let all = plan.steps().map(done).chain([Event::Finished]).collect();
    insta::assert_snapshot!("status_finished", status_of(&plan, all));
}

#[test]
fn log_of_every_event() {
    let plan = demo_plan("github");
    let of = |kind| plan.of_kind(kind).next().unwrap();
    let (merge, gate, cve) = (of(StepKind::MergePatch), of(StepKind::Gate), of(StepKind::AwaitCve));
    let name = || merge.name.clone();
    let decided = |decision| Event::Decided { step: name(), decision, by: mara() };
    let commit = || "1".repeat(40).parse().unwrap();
    let moved = MovedHead {
        repo: merge.subject.repo.clone().unwrap(),
        branch: merge.subject.branch.clone().unwrap(),
        to: commit(),
    };
    let events = [
        Event::Started {
            operator: "mara@desk".into(),
            plan: Digest::of("plan"),
            version: "0.1.0".into(),
            seat: None,
        },
        Event::Resumed { operator: "ines@sofa".into(), seat: None },
        Event::Intent { step: name() },
        done(merge),
        Event::Done { step: name(), how: Completion::Adopted, output: Output::Note("merged".into()) },
        failed(merge, None),
        failed(merge, Some(Retry { attempt: 2, of: 4, at: time(1) })),
        waits_for_a_cve(cve),
        asks(gate),
        Event::Approved { step: gate.name.clone(), digest: Digest::of("shown"), by: mara(), proof: None },
        decided(Decision::Confirmed),
        decided(Decision::Waived { reason: "no CVE after four weeks".into() }),
        decided(Decision::Resolved { commit: commit(), proposed: Vec::new() }),
        decided(Decision::Resolved { commit: commit(), proposed: vec!["a.c".into()] }),
        Event::Rerun { step: name() },
        Event::Reopened { moved: vec![moved.clone()], steps: vec![name()] },
        Event::Reopened { moved: vec![moved], steps: vec![name(), gate.name.clone()] },
        Event::Amended {
            reason: None,
            announced: None,
            by: mara(),
            plan: Digest::of("another"),
            files: vec!["the catalog".into(), "a mail template".into()],
            changed: vec![name()],
            keeping: Vec::new(),
            dropped: vec![gate.name.clone(), cve.name.clone()],
            standing: Vec::new(),
        },
        Event::Aborted { by: mara(), reason: "the fix is wrong".into() },
        Event::Finished,
    ];
    let mut history = History::default();
    let commands = Commands::at("OUT");
    let lines = stamped(events).into_iter().map(|event| log::line(&history.entry(&event), &commands) + "\n");
    insta::assert_snapshot!(lines.collect::<String>());
}

fn told(problem: &Problem) -> String {
    let (code, commands) = (problem.exit().code(), Commands::at("OUT"));
    format!("exit {code}: {}\n", problem.lines(&commands).join("\n"))
}

fn no_space() -> io::Error {
    io::Error::other("no space left")
}

fn journal_errors() -> Vec<JournalError> {
    let path = || PathBuf::from("OUT/journal.db");
    let json = || serde_json::from_str::<u8>("x").unwrap_err();
    vec![
        JournalError::Missing(path()),
        JournalError::Lost { folder: path(), left: vec!["store".into()] },
        JournalError::Exists(path()),
        JournalError::Newer { path: path(), reason: "form 9".into() },
        JournalError::UnknownForm {
            path: path(),
            number: 7,
            started_by: Some("0.9.0".into()),
            source: json(),
        },
        JournalError::DamagedEvent { path: path(), number: 7, reason: "no JSON".into() },
        JournalError::Plan { path: path(), started_by: None, source: json() },
        JournalError::OtherPlan { path: path(), found: Digest::of("a"), started: Digest::of("b") },
        JournalError::Gap { path: path(), number: 7 },
        JournalError::EndMissing {
            path: path(),
            found: 40,
            written: 57,
            note: PathBuf::from("OUT/journal.last"),
        },
    ]
}

/// One of each family of errors, with its exit code.
#[test]
fn problems_of_each_family() {
    let catalog = Source::from_text("catalog.toml", "a = 1\nbranch = \"mian\"\n");
    let wrong =
        catalog.error_at(&[KeyPart::Key("branch")], "there is no branch `mian`", "did you mean `main`?");
    let missing = Source::read(Path::new("nowhere/catalog.toml"), "catalog").unwrap_err();
    let problems: Vec<Problem> = [wrong.into(), missing.into()]
        .into_iter()
        .chain(journal_errors().into_iter().map(Problem::from))
        .chain([
            LockError::Held { owner: "mara@desk, process 7".into() }.into(),
            DiskError::to("write", Path::new("OUT/report.json"))(no_space()).into(),
            GitError::LooksLikeOption("--exec".into()).into(),
            "no login".parse::<Login>().unwrap_err().into(),
            Problem::unprinted("no space left"),
            Problem::internal(&no_space()),
        ])
        .collect();
    insta::assert_snapshot!(problems.iter().map(told).collect::<Vec<_>>().join("\n"));
}

/// Decisions that are refused, and what can be done instead.
#[test]
fn refusals() {
    let plan = demo_plan("wamr");
    let (who, stranger) = (mara(), "mallory".parse::<Login>().unwrap());
    let name = |kind| plan.of_kind(kind).next().unwrap().name.clone();
    let state = State::fold(&stamped(at_the_gate(&plan)));
    let decisions = crate::control::Decisions::new(&plan, &state);
    let waive = |step: &str| decisions.waive(&step.parse().unwrap(), &who, "why").unwrap_err();
    let off = State::fold(&stamped([Event::Aborted { by: mara(), reason: "the fix is wrong".into() }]));
    let refusals = [
        waive("gate/ready"),
        waive("stock/x"),
        waive(name(StepKind::Prove).as_str()),
        waive(name(StepKind::AwaitRelease).as_str()),
        waive(name(StepKind::AwaitChecks).as_str()),
        decisions.waive(&name(StepKind::AwaitCve), &who, " ").unwrap_err(),
        decisions.waive(&name(StepKind::AwaitCve), &stranger, "why").unwrap_err(),
        decisions.confirm("reproduced", None, &who).unwrap_err(),
        decisions.confirm("reproducd", None, &who).unwrap_err(),
        decisions.confirm("ready", None, &who).unwrap_err(),
        decisions.open_conflict(&name(StepKind::Stack)).unwrap_err(),
        decisions.open_gate("release-day").unwrap_err(),
        decisions.open_gate("raedy").unwrap_err(),
        crate::control::Decisions::new(&plan, &off).open_gate("ready").unwrap_err(),
    ];
    let told: Vec<String> = refusals.into_iter().map(|refusal| told(&refusal.into())).collect();
    insta::assert_snapshot!(told.join("\n"));
}
