//! The fold as a table: what each sequence of events makes of a step.

use jiff::Timestamp;
use rstest::rstest;

use super::super::event::{Completion, Event, Seat, StampedEvent};
use super::super::retry::Retry;
use super::super::state::State;
use super::super::status::{FailedAttempt, StepStatus};
use super::plans::{moved, name, small_plan};
use crate::failure::Effect;
use crate::ids::{BranchName, CommitId, Digest, Login, RepoName, TreeId};
use crate::steps::{Begun, Blame, Decision, OpenedPull, Output, PushedRef, Question, QuestionKind, Wait};

const STEP: &str = "merge-patch/brightwater/gauge/main";

pub(super) fn time(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-03-02T16:00:00Z".parse().unwrap();
    start.checked_add(jiff::SignedDuration::from_mins(minute)).unwrap()
}

/// Events, one a minute.
fn fold(events: &[Event]) -> State {
    let stamped = |(number, event): (u64, &Event)| StampedEvent {
        number,
        at: time(i64::try_from(number).unwrap()),
        record: event.clone(),
    };
    State::fold(&(1..).zip(events).map(stamped).collect::<Vec<_>>())
}

fn resumed() -> Event {
    Event::Resumed { operator: "mara@desk".into(), seat: None }
}

fn intent() -> Event {
    Event::Intent { step: name(STEP) }
}

fn done() -> Event {
    Event::Done { step: name(STEP), how: Completion::Acted, output: Output::Note("x".into()) }
}

fn waiting(what: &str) -> Event {
    Event::Waiting { step: name(STEP), wait: wait(what) }
}

fn wait(what: &str) -> Wait {
    Wait::new(time(60), what)
}

fn question() -> Question {
    Question { kind: QuestionKind::Decision, text: "how?".into(), next: Vec::new() }
}

fn asked() -> Event {
    Event::Asked { step: name(STEP), question: question() }
}

fn decided() -> Event {
    Event::Decided { step: name(STEP), decision: Decision::Waived { reason: "known".into() }, by: mara() }
}

fn mara() -> Login {
    "mara".parse().unwrap()
}

/// A failure after which the given attempt follows by itself.
fn failed(effect: Effect, next: Option<u32>) -> Event {
    Event::Failed {
        step: name(STEP),
        message: "502".into(),
        hint: Vec::new(),
        effect,
        blame: Blame::Outside,
        retry: next.map(retry),
    }
}

fn retry(attempt: u32) -> Retry {
    Retry { attempt, of: 4, at: time(30) }
}

fn failure(attempts: u32, next: Option<u32>) -> StepStatus {
    StepStatus::Failed(FailedAttempt {
        message: "502".into(),
        hint: Vec::new(),
        blame: Blame::Outside,
        attempts,
        retry: next.map(retry),
    })
}

use Effect::{None as Without, Unknown};

#[rstest]
#[case::nothing(&[], StepStatus::Open, Begun::No)]
#[case::begun(&[intent()], StepStatus::Begun, Begun::Yes)]
#[case::done(&[intent(), done()], StepStatus::Done, Begun::No)]
#[case::adopted(&[done()], StepStatus::Done, Begun::No)]
#[case::killed_while_it_acted(&[intent(), resumed()], StepStatus::Begun, Begun::Yes)]
#[case::waits(&[waiting("ci")], StepStatus::Waiting(wait("ci")), Begun::No)]
#[case::waits_after_acting(&[intent(), waiting("ci")], StepStatus::Waiting(wait("ci")), Begun::Yes)]
#[case::a_wait_is_looked_at_on_resuming(&[waiting("ci"), resumed()], StepStatus::Open, Begun::No)]
#[case::asks(&[asked()], StepStatus::Asked(question()), Begun::No)]
#[case::a_question_is_asked_again_on_resuming(&[asked(), resumed()], StepStatus::Open, Begun::No)]
#[case::answered(&[asked(), decided()], StepStatus::Open, Begun::No)]
#[case::answered_after_an_act(&[intent(), asked(), decided()], StepStatus::Begun, Begun::Yes)]
#[case::what_is_done_stays_done(&[done(), decided(), resumed()], StepStatus::Done, Begun::No)]
#[case::refused(&[intent(), failed(Without, None)], failure(1, None), Begun::No)]
#[case::lost(&[intent(), failed(Unknown, Some(2))], failure(1, Some(2)), Begun::Yes)]
#[case::a_look_that_fails_forgets_no_act(
    &[intent(), failed(Unknown, Some(2)), failed(Without, Some(3))], failure(2, Some(3)), Begun::Yes
)]
#[case::nor_one_before_a_kill(&[intent(), resumed(), failed(Without, Some(2))], failure(1, Some(2)), Begun::Yes)]
#[case::an_act_that_had_no_effect_is_forgotten(
    &[intent(), failed(Unknown, Some(2)), intent(), failed(Without, Some(3))], failure(2, Some(3)), Begun::No
)]
#[case::a_pause_survives_a_kill(&[intent(), failed(Unknown, Some(2)), resumed()], failure(1, Some(2)), Begun::Yes)]
#[case::en_03_so_does_the_count(
    &[intent(), failed(Without, Some(2)), intent(), resumed(), intent(), failed(Without, Some(3))],
    failure(2, Some(3)), Begun::No
)]
#[case::people_who_resume_give_new_attempts(
    &[intent(), failed(Without, Some(2)), intent(), failed(Without, None), resumed(), intent(), failed(Without, Some(2))],
    failure(1, Some(2)), Begun::No
)]
#[case::a_look_that_answers_ends_a_row_of_failed_looks(
    &[failed(Without, Some(2)), failed(Without, Some(3)), waiting("ci"), failed(Without, Some(2))],
    failure(1, Some(2)), Begun::No
)]
#[case::and_no_row_of_failed_acts(
    &[intent(), failed(Without, Some(2)), waiting("ci"), intent(), failed(Without, Some(3))],
    failure(2, Some(3)), Begun::No
)]
#[case::an_act_that_is_under_way_does(
    &[intent(), failed(Without, Some(2)), intent(), waiting("ci"), failed(Without, Some(2))],
    failure(1, Some(2)), Begun::Yes
)]
#[case::red_checks_run_again(&[intent(), Event::Rerun { step: name(STEP) }, waiting("ci")],
    StepStatus::Waiting(wait("ci")), Begun::No)]
#[case::reopened(&[intent(), done(), reopened()], StepStatus::Open, Begun::No)]
fn events_give_a_status(#[case] events: &[Event], #[case] status: StepStatus, #[case] begun: Begun) {
    let state = fold(events);
    assert_eq!(*state.status(&name(STEP)), status);
    assert_eq!(state.begun(&name(STEP)), begun);
    assert_eq!(state.facts.held.contains(&name(STEP)), status.needs_people());
}

fn reopened() -> Event {
    Event::Reopened { moved: vec![moved()], steps: vec![name(STEP)] }
}

#[test]
fn reopening_forgets_what_was_made_and_keeps_who_decided_and_approved() {
    let approved = Event::Approved { step: name(STEP), digest: Digest::of("old"), by: mara(), proof: None };
    let state = fold(&[approved, decided(), intent(), done(), reopened()]);
    let head = moved();
    assert_eq!(state.facts.moved[&(head.repo, head.branch)], head.to);
    assert!(!state.facts.outputs.contains_key(&name(STEP)) && !state.done_at.contains_key(&name(STEP)));
    // An approval lapses by its digest, which is of what was shown; nobody's name is taken off the record.
    assert_eq!(state.facts.approvals[&name(STEP)], [(mara(), Digest::of("old"))]);
    assert_eq!(state.facts.decided_by[&name(STEP)], mara());
}

/// Evidence is for a tree, and so is what people say of it.
#[test]
fn a_waiver_counts_for_the_tree_that_was_asked_about_and_no_other() {
    let tree = |letter: &str| -> TreeId { letter.repeat(40).parse().unwrap() };
    let asks = |letter: &str| Event::Asked {
        step: name(STEP),
        question: Question { kind: QuestionKind::Tree { tree: tree(letter) }, ..question() },
    };
    let waiver = |events: &[Event], letter: &str| {
        let reason =
            fold(events).facts.waiver_of(&name(STEP), &tree(letter)).map(|(reason, _)| reason.to_owned());
        reason.is_some_and(|reason| reason == "known")
    };
    let waived = [intent(), asks("a"), decided(), done()];
    assert!(waiver(&waived, "a") && !waiver(&waived, "b"));
    // The head moved, the other tree is asked about, and nobody answered.
    let moved = [waived.as_slice(), &[reopened(), intent(), asks("b"), resumed(), asks("b")]].concat();
    assert!(waiver(&moved, "a") && !waiver(&moved, "b"));
    let again = [moved.as_slice(), &[decided()]].concat();
    assert!(waiver(&again, "b") && !waiver(&again, "a"));
    // What was decided without a tree in question is of none.
    assert!(!waiver(&[asked(), decided()], "a"));
    assert!(!waiver(&[waived.as_slice(), &[asked(), decided()]].concat(), "a"));
}

#[test]
fn en_11_what_a_moved_head_reopens_is_carried_proven_and_approved_again_and_nothing_else() {
    let plan = small_plan();
    let steps: Vec<String> = State::to_reopen(&plan, &[moved()]).iter().map(ToString::to_string).collect();
    let on_main = |kind: &str| format!("{kind}/brightwater/gauge/main");
    let of_advisory = |kind: &str| format!("{kind}/brightwater/gauge/main/GHSA-3g8f-wv5j-m2cx");
    let expected = [
        of_advisory("assess"),
        of_advisory("backport"),
        on_main("stack"),
        on_main("prove"),
        "gate/ready".to_owned(),
        "gate/release-day".to_owned(),
    ];
    assert_eq!(sorted(steps), sorted(expected.to_vec()));
}

/// The description of the advisory is between the assessment and the backport, and stays done.
#[test]
fn what_is_reopened_waits_for_all_before_it_and_not_only_for_what_is_next() {
    let plan = small_plan();
    let done = plan.steps().take_while(|step| step.name != name("gate/release-day")).map(|step| {
        let output = Output::Note("x".into());
        Event::Done { step: step.name.clone(), how: Completion::Acted, output }
    });
    let mut events: Vec<Event> = done.collect();
    events.push(Event::Reopened { moved: vec![moved()], steps: State::to_reopen(&plan, &[moved()]) });
    let state = fold(&events);
    let ready: Vec<&str> = state.ready(&plan, time(0)).iter().map(|step| step.name.as_str()).collect();
    assert_eq!(ready, ["assess/brightwater/gauge/main/GHSA-3g8f-wv5j-m2cx"]);
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[test]
fn a_step_is_taken_when_all_before_it_is_done_and_its_time_has_come() {
    let plan = small_plan();
    let ready = |state: &State, minute| -> Vec<String> {
        state.ready(&plan, time(minute)).iter().map(|step| step.name.to_string()).collect()
    };
    let first = name("record-manager");
    assert_eq!(ready(&State::default(), 0), ["record-manager"]);
    let wait = Event::Waiting { step: first.clone(), wait: wait("ci") };
    let waiting = fold(std::slice::from_ref(&wait));
    assert_eq!(waiting.next_look(time(0)), Some(time(60)));
    assert_eq!((ready(&waiting, 59).len(), ready(&waiting, 60).len()), (0, 1));
    let output = Output::Note("x".into());
    let done = fold(&[wait, Event::Done { step: first, how: Completion::Acted, output }]);
    assert_eq!(done.next_look(time(0)), None);
    assert_eq!(ready(&done, 0), ["accept-report/GHSA-3g8f-wv5j-m2cx"]);
}

#[test]
fn the_same_wait_is_a_fact_once_and_again_after_a_failure() {
    assert!(fold(&[waiting("ci")]).waits_for(&name(STEP), "ci"));
    assert!(!fold(&[waiting("ci")]).waits_for(&name(STEP), "the registry"));
    assert!(!fold(&[waiting("ci"), failed(Without, Some(2))]).waits_for(&name(STEP), "ci"));
    assert!(!fold(&[waiting("ci"), intent()]).waits_for(&name(STEP), "ci"));
    let since = |events: &[Event]| fold(events).facts.waiting_since.get(&name(STEP)).copied();
    assert_eq!(since(&[waiting("ci"), waiting("cd")]), Some(time(1)));
    assert_eq!(since(&[waiting("ci"), failed(Without, Some(2)), waiting("ci")]), Some(time(1)));
    assert_eq!(since(&[waiting("ci"), resumed(), waiting("ci")]), Some(time(3)));
}

#[test]
fn a_look_meanwhile_comes_earlier_and_ends_no_wait() {
    let meanwhile = |look| Wait { meanwhile: Some(time(look)), ..wait("the hour") };
    let waits = |look| fold(&[Event::Waiting { step: name(STEP), wait: meanwhile(look) }]);
    assert_eq!((waits(20).next_look(time(0)), waits(20).next_end(time(0))), (Some(time(20)), Some(time(60))));
    assert_eq!(waits(90).next_look(time(0)), Some(time(60)));
}

/// The hour of a wait was that of the plan before.
#[test]
fn an_amendment_leaves_no_wait_as_it_was_said_before_it() {
    let other = "gate/release-day";
    let amended = Event::Amended {
        by: mara(),
        plan: Digest::of("plan"),
        files: Vec::new(),
        reason: None,
        announced: None,
        changed: vec![name(other)],
        keeping: Vec::new(),
        dropped: Vec::new(),
        standing: Vec::new(),
    };
    let state = fold(&[waiting("the hour"), amended]);
    assert_eq!((state.next_look(time(0)), state.status(&name(STEP))), (None, &StepStatus::Open));
    assert!(!state.waits_for(&name(STEP), "the hour"), "it is told again");
}

#[test]
fn an_amendment_keeps_the_resolutions_that_still_fit_and_no_other_answer() {
    let amended = |keeping| Event::Amended {
        by: mara(),
        plan: Digest::of("plan"),
        files: Vec::new(),
        reason: None,
        announced: None,
        changed: vec![name(STEP)],
        keeping,
        dropped: Vec::new(),
        standing: vec![name("advance-mail")],
    };
    let decided_after = |keeping| {
        let state = fold(&[intent(), asked(), decided(), amended(keeping)]);
        assert_eq!(state.status(&name(STEP)), &StepStatus::Open);
        assert!(state.standing.contains(&name("advance-mail")), "what is out is remembered");
        state.facts.decisions.contains_key(&name(STEP)) && state.facts.decided_by.contains_key(&name(STEP))
    };
    assert!(decided_after(vec![name(STEP)]));
    assert!(!decided_after(Vec::new()));
}

/// What it pushed and opened is still there when it is to be made otherwise.
#[test]
fn an_amendment_forgets_what_steps_left_and_not_that_it_is_ours() {
    let (push, open) = ("publish-branch/brightwater/gauge/main", "open-pull/brightwater/gauge/main");
    let commit: CommitId = "c".repeat(40).parse().unwrap();
    let (repo, branch): (RepoName, BranchName) =
        ("brightwater/gauge".parse().unwrap(), "security/tide/main".parse().unwrap());
    let pull = OpenedPull {
        repo: repo.clone(),
        number: 3,
        url: "https://github.example/3".into(),
        branch: branch.clone(),
        head: commit.clone(),
    };
    let left = |step, output| Event::Done { step: name(step), how: Completion::Acted, output };
    let amended = Event::Amended {
        by: mara(),
        plan: Digest::of("plan"),
        files: Vec::new(),
        reason: None,
        announced: None,
        changed: vec![name(push)],
        keeping: Vec::new(),
        dropped: vec![name(open)],
        standing: Vec::new(),
    };
    let pushed = Output::Ref(PushedRef { repo: repo.clone(), branch, commit: commit.clone() });
    let state = fold(&[left(push, pushed), left(open, Output::Pull(pull.clone())), amended]);
    assert!(!state.facts.outputs.contains_key(&name(push)) && !state.facts.outputs.contains_key(&name(open)));
    assert!(state.facts.pushed_before.contains(&commit));
    assert_eq!(state.facts.pulls_before, [pull]);
    assert!(state.facts.opened_before(&repo, 3) && !state.facts.opened_before(&repo, 4));
}

#[test]
fn a_decision_is_about_the_attempt_before_it() {
    let acted = |events: &[Event]| fold(events).facts.acted_since_decision.contains(&name(STEP));
    assert!(!acted(&[intent(), asked(), decided()]));
    assert!(acted(&[intent(), asked(), decided(), intent()]));
    assert!(!acted(&[intent(), asked(), decided(), intent(), asked(), decided()]));
}

#[test]
fn a_run_that_continues_from_another_file_may_be_a_copy() {
    let seat = |host: &str, file| Some(Seat { host: host.into(), file: Some(file) });
    let resumed = |seat| Event::Resumed { operator: "mara@desk".into(), seat };
    let copied = |seats: Vec<Option<Seat>>| {
        let events: Vec<StampedEvent> = (1..)
            .zip(seats)
            .map(|(number, seat)| StampedEvent { number, at: Timestamp::UNIX_EPOCH, record: resumed(seat) })
            .collect();
        State::fold(&events).facts.copied
    };
    assert!(!copied(vec![seat("desk", 7), seat("desk", 7)]));
    assert!(copied(vec![seat("desk", 7), seat("desk", 8)]), "a copy on the same machine");
    assert!(copied(vec![seat("desk", 7), seat("sofa", 7)]), "a copy on another machine");
    assert!(copied(vec![seat("desk", 7), None, seat("desk", 8), seat("desk", 8)]));
    assert!(!copied(vec![None, seat("desk", 8)]), "begun by an earlier version");
    let unknown = || Some(Seat { host: "desk".into(), file: None });
    assert!(copied(vec![seat("desk", 7), unknown(), seat("desk", 7)]), "an older state was put back");
    assert!(!copied(vec![unknown(), seat("desk", 7), seat("desk", 7)]), "an earlier version noted no end");
}
