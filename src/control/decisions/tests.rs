//! Every decision about every kind of step wherever the step may be: what is accepted has its effect as soon as the run is
//! resumed, and what is not says what can be done instead.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Decisions, Refusal};
use crate::failure::Effect;
use crate::ids::{Digest, Login};
use crate::kinds::{DecisionKind, StepKind, When};
use crate::next_action::{Advice, NextAction, ResolveFrom};
use crate::plan::{Plan, Step, demo_plan, demo_plan_with_every_kind};
use crate::run::{Completion, Event, Retry, StampedEvent, State, StepStatus};
use crate::steps::{
    Blame, ConflictStart, Decision, Facts, Incoming, Output, Question, QuestionKind, Wait, gate_shown,
};
use crate::workflow::Workflow;

/// Where a step may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepPlace {
    NotReached,
    Begun,
    Waiting,
    /// It asks what the kind's decisions answer.
    Asked,
    /// It asks what only a look at the world answers.
    AskedElse,
    /// It was asked by a version that worded commands.
    AskedInWords,
    Failed,
    Retried,
    Done,
    Skipped,
    /// It was asked and answered, and not looked at since.
    Answered,
    /// It asked, and the run was resumed since.
    LookedAtAgain,
    CalledOff,
    Finished,
}

const PLACES: [StepPlace; 14] = [
    StepPlace::NotReached,
    StepPlace::Begun,
    StepPlace::Waiting,
    StepPlace::Asked,
    StepPlace::AskedElse,
    StepPlace::AskedInWords,
    StepPlace::Failed,
    StepPlace::Retried,
    StepPlace::Done,
    StepPlace::Skipped,
    StepPlace::Answered,
    StepPlace::LookedAtAgain,
    StepPlace::CalledOff,
    StepPlace::Finished,
];

const DECISIONS: [DecisionKind; 5] = [
    DecisionKind::Approve,
    DecisionKind::Confirm,
    DecisionKind::SendAgain,
    DecisionKind::Waive,
    DecisionKind::Resolve,
];

fn time(minutes: i64) -> Timestamp {
    "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minutes)
}

fn mara() -> Login {
    "mara".parse().unwrap()
}

fn note() -> Output {
    Output::Note("x".into())
}

fn done(step: &Step, output: Output) -> Event {
    Event::Done { step: step.name.clone(), how: Completion::Acted, output }
}

fn action(plan: &Plan, step: &Step, decision: DecisionKind) -> NextAction {
    let name = step.name.clone();
    match decision {
        DecisionKind::Approve => {
            NextAction::Approve { gate: step.asks.clone().unwrap(), digest: shown(plan, step) }
        }
        DecisionKind::Confirm => NextAction::Confirm { step: name },
        DecisionKind::SendAgain => NextAction::SendAgain { step: name },
        DecisionKind::Waive => NextAction::Waive { step: name, reason: None },
        DecisionKind::Resolve => NextAction::Resolve { step: name, from: ResolveFrom::Markers },
    }
}

fn shown(plan: &Plan, gate: &Step) -> Digest {
    Digest::of(gate_shown(plan, &Facts::default(), gate.asks.as_deref().unwrap()))
}

/// The question of a step that offers all the answers which its kind understands.
fn question(plan: &Plan, step: &Step) -> Question {
    let understood: Vec<DecisionKind> =
        step.kind.decisions().iter().map(|allowed| allowed.decision).collect();
    let resolvable = understood.iter().find(|decision| **decision == DecisionKind::Resolve);
    let kind = match resolvable.or(understood.first()) {
        Some(DecisionKind::Approve) => QuestionKind::Approval { digest: shown(plan, step), missing: 2 },
        Some(DecisionKind::Confirm) => QuestionKind::Confirmation,
        Some(DecisionKind::Resolve) => {
            let begin =
                ConflictStart { onto: "1".repeat(40).parse().unwrap(), brings: Incoming::Pick(Vec::new()) };
            QuestionKind::Conflict { paths: vec!["a.c".into()], begin: Some(begin) }
        }
        _ => QuestionKind::Decision,
    };
    let next = understood.into_iter().map(|decision| action(plan, step, decision).into());
    Question { kind, text: "how?".into(), next: next.chain([NextAction::Resume.into()]).collect() }
}

fn asked(step: &Step, question: Question) -> Event {
    Event::Asked { step: step.name.clone(), question }
}

fn failed(step: &Step, retry: Option<Retry>) -> Event {
    Event::Failed {
        step: step.name.clone(),
        message: "502".into(),
        hint: vec!["look at its page".into()],
        effect: Effect::Unknown,
        blame: Blame::Outside,
        retry,
    }
}

/// The events that lead a step to a place, after all that comes before it is done.
fn way_to(plan: &Plan, step: &Step, place: StepPlace) -> Vec<Event> {
    let name = || step.name.clone();
    let ask = || asked(step, question(plan, step));
    let else_asked =
        |next: Vec<Advice>| asked(step, Question { kind: QuestionKind::Decision, text: "how?".into(), next });
    match place {
        StepPlace::NotReached => Vec::new(),
        StepPlace::Begun => vec![Event::Intent { step: name() }],
        StepPlace::Waiting => vec![Event::Waiting { step: name(), wait: Wait::new(time(60), "checks") }],
        StepPlace::Asked => vec![ask()],
        StepPlace::AskedElse => vec![else_asked(vec![NextAction::Resume.into()])],
        StepPlace::AskedInWords => vec![else_asked(vec!["waive it".into()])],
        StepPlace::Failed => vec![failed(step, None)],
        StepPlace::Retried => vec![failed(step, Some(Retry { attempt: 2, of: 4, at: time(30) }))],
        StepPlace::Done => vec![done(step, note())],
        StepPlace::Skipped => vec![done(step, Output::Skipped("the branch is left out".into()))],
        StepPlace::Answered => {
            let waived = Decision::Waived { reason: "known".into() };
            vec![ask(), Event::Decided { step: name(), decision: waived, by: mara() }]
        }
        StepPlace::LookedAtAgain => vec![ask(), Event::Resumed { operator: "mara@desk".into(), seat: None }],
        StepPlace::CalledOff => vec![ask(), Event::Aborted { by: mara(), reason: "no".into() }],
        StepPlace::Finished => vec![done(step, note()), Event::Finished],
    }
}

fn state(plan: &Plan, step: &Step, place: StepPlace) -> State {
    let before =
        plan.steps().take_while(|before| before.name != step.name).map(|before| done(before, note()));
    let before: Vec<Event> = if place == StepPlace::NotReached { Vec::new() } else { before.collect() };
    let events = before.into_iter().chain(way_to(plan, step, place));
    let stamped: Vec<StampedEvent> =
        (1..).zip(events).map(|(number, record)| StampedEvent { number, at: time(0), record }).collect();
    State::fold(&stamped)
}

fn decide(decisions: &Decisions<'_>, step: &Step, decision: DecisionKind) -> Result<Event, Refusal> {
    let who = mara();
    match decision {
        DecisionKind::Approve => {
            let gate = decisions.open_gate(step.name.as_str())?;
            decisions.approve(&gate, &who, None, None).map(|approval| approval.event)
        }
        DecisionKind::Confirm => {
            decisions.confirm(step.name.as_str(), None, &who).map(|accepted| accepted.event)
        }
        DecisionKind::SendAgain => {
            decisions.send_again(step.name.as_str(), &who).map(|accepted| accepted.event)
        }
        DecisionKind::Waive => {
            decisions.waive(&step.name, &who, "it is known").map(|accepted| accepted.event)
        }
        DecisionKind::Resolve => {
            let conflict = decisions.open_conflict(&step.name)?;
            let commit = "1".repeat(40).parse().unwrap();
            decisions.resolve(&conflict, &who, commit, Vec::new()).map(|accepted| accepted.event)
        }
    }
}

/// A step of each kind, out of plans of all shipped workflows.
fn one_of_each_kind() -> Vec<(Plan, Step)> {
    let mut left: BTreeSet<StepKind> = StepKind::ALL.iter().copied().collect();
    let mut found = Vec::new();
    // What only some catalogs ask for comes last.
    for plan in Workflow::built_in().map(demo_plan).chain([demo_plan_with_every_kind()]) {
        // One that something comes before, where there is one: else it cannot be anything but reached.
        let mut steps: Vec<Step> = plan.steps().cloned().collect();
        steps.sort_by_key(|step| plan.after(&step.name).next().is_none());
        for step in steps {
            if left.remove(&step.kind) {
                found.push((plan.clone(), step));
            }
        }
    }
    assert!(left.is_empty(), "no shipped workflow has {left:?}");
    found
}

/// What the manual says of decisions, apart from the code that keeps it.
fn is_accepted(kind: StepKind, place: StepPlace, decision: DecisionKind) -> bool {
    let held = [
        StepPlace::Waiting,
        StepPlace::Asked,
        StepPlace::AskedElse,
        StepPlace::AskedInWords,
        StepPlace::Failed,
        StepPlace::Retried,
    ];
    match kind.decision(decision).map(|allowed| allowed.when) {
        None => false,
        Some(When::Offered) => place == StepPlace::Asked,
        Some(When::Ahead) => {
            matches!(place, StepPlace::Asked | StepPlace::NotReached | StepPlace::LookedAtAgain)
        }
        Some(When::Shown) => {
            matches!(place, StepPlace::Asked | StepPlace::Failed | StepPlace::Retried)
        }
        Some(When::Held) => held.contains(&place),
    }
}

/// The engine acts on what is recorded: it looks at the step as soon as it is resumed, or fewer approvals are missing.
fn has_its_effect(plan: &Plan, step: &Step, before: &State, event: Event) {
    let mut after = before.clone();
    let record = event.clone();
    after.apply(&StampedEvent { number: 1000, at: time(1), record });
    let is_looked_at = |state: &State| state.ready(plan, time(2)).iter().any(|ready| ready.name == step.name);
    match (&event, after.status(&step.name)) {
        (Event::Approved { .. }, StepStatus::Asked(question)) => {
            assert!(matches!(question.kind, QuestionKind::Approval { missing: 1, .. }), "{}", step.name);
        }
        // It is looked at when its turn comes.
        (Event::Decided { decision, .. }, StepStatus::Open)
            if *before.status(&step.name) == StepStatus::Open =>
        {
            assert_eq!(after.facts.decisions.get(&step.name), Some(decision));
        }
        (Event::Decided { decision, .. }, _) => {
            assert!(!is_looked_at(before) && is_looked_at(&after), "{} is not looked at", step.name);
            assert_eq!(after.facts.decisions.get(&step.name), Some(decision));
        }
        (event, status) => panic!("{}: {event:?} leads to {status:?}", step.name),
    }
}

/// What is advised can be done.
fn is_possible(plan: &Plan, state: &State, step: &Step, advised: &NextAction) -> bool {
    let decisions = Decisions::new(plan, state);
    let accepts = |decision| decide(&decisions, step, decision).is_ok();
    match advised {
        NextAction::Approve { .. } => accepts(DecisionKind::Approve),
        NextAction::Confirm { .. } => accepts(DecisionKind::Confirm),
        NextAction::ConfirmAll { steps } => steps
            .iter()
            .all(|name| decide(&decisions, plan.step(name).unwrap(), DecisionKind::Confirm).is_ok()),
        NextAction::SendAgain { .. } => accepts(DecisionKind::SendAgain),
        NextAction::Waive { .. } => accepts(DecisionKind::Waive),
        NextAction::Resolve { .. } | NextAction::HandIn { .. } => accepts(DecisionKind::Resolve),
        NextAction::Withdraw { step, by } => decisions.can_withdraw(step, by),
        NextAction::Amend { .. } | NextAction::DiscloseNow => state.aborted.is_none() && !state.finished,
        NextAction::Resume | NextAction::Continue => state.aborted.is_none() && !state.finished,
        NextAction::Abort => state.aborted.is_none() && !state.finished,
        NextAction::ShowEffects => state.aborted.is_some(),
        NextAction::ShowStatus | NextAction::ShowHistory => true,
        NextAction::Start => state.aborted.is_some(),
    }
}

fn says_what_to_do_instead(plan: &Plan, state: &State, step: &Step, refusal: &Refusal) {
    let instead = refusal.instead();
    let actions: Vec<&NextAction> = instead.iter().filter_map(|advice| advice.action.as_ref()).collect();
    match refusal {
        // The names of the plan's gates, in words.
        Refusal::UnknownGate { .. } => assert!(!instead.is_empty(), "{refusal}"),
        _ => assert!(!actions.is_empty(), "{refusal}: {instead:?}"),
    }
    for action in actions {
        assert!(is_possible(plan, state, step, action), "{refusal}: {action:?} is advised and refused");
    }
}

#[test]
fn every_decision_has_its_effect_or_is_refused_with_what_to_do_instead() {
    for (plan, step) in one_of_each_kind() {
        for place in PLACES {
            let state = state(&plan, &step, place);
            let decisions = Decisions::new(&plan, &state);
            for decision in DECISIONS {
                let decided = decide(&decisions, &step, decision);
                let told = format!("{decision:?} {} when {place:?}: {decided:?}", step.name);
                assert_eq!(decided.is_ok(), is_accepted(step.kind, place, decision), "{told}");
                match decided {
                    Ok(event) => has_its_effect(&plan, &step, &state, event),
                    Err(refusal) => {
                        // Only what is looked at again may be accepted without anything else done before.
                        let is_passing =
                            place == StepPlace::LookedAtAgain && step.kind.decision(decision).is_some();
                        assert_eq!(refusal.is_passing(), is_passing, "{told}");
                        says_what_to_do_instead(&plan, &state, &step, &refusal);
                    }
                }
            }
        }
    }
}

fn step_of(plan: &Plan, kind: StepKind) -> Step {
    plan.of_kind(kind).next().unwrap().clone()
}

#[test]
fn a_release_is_called_off_once_and_not_after_its_end() {
    let plan = demo_plan("github");
    let step = step_of(&plan, StepKind::FinalReport);
    let abort = |place, reason| {
        let state = state(&plan, &step, place);
        Decisions::new(&plan, &state).abort(&mara(), reason)
    };
    let called_off = Event::Aborted { by: mara(), reason: "the fix is wrong".into() };
    assert_eq!(abort(StepPlace::Waiting, " the fix is wrong "), Ok(called_off));
    assert_eq!(abort(StepPlace::Waiting, " "), Err(Refusal::NoReason));
    assert_eq!(abort(StepPlace::CalledOff, "again"), Err(Refusal::CalledOff { reason: "no".into() }));
    assert_eq!(abort(StepPlace::Finished, "late"), Err(Refusal::Finished));
}

#[test]
fn strangers_decide_nothing_and_a_member_who_is_no_approver_approves_nothing() {
    let plan = demo_plan("wamr");
    let gate = step_of(&plan, StepKind::Gate);
    let confirm = step_of(&plan, StepKind::Acknowledge);
    let stranger: Login = "mallory".parse().unwrap();
    let (at_gate, at_question) =
        (state(&plan, &gate, StepPlace::Asked), state(&plan, &confirm, StepPlace::Asked));
    let decisions = Decisions::new(&plan, &at_gate);
    let open = decisions.open_gate(gate.asks.as_deref().unwrap()).unwrap();
    assert!(matches!(decisions.approve(&open, &stranger, None, None), Err(Refusal::NotAllowed(_))));
    let decisions = Decisions::new(&plan, &at_question);
    assert!(matches!(decisions.confirm(confirm.name.as_str(), None, &stranger), Err(Refusal::NotAllowed(_))));
    assert!(matches!(decisions.waive(&confirm.name, &stranger, "why"), Err(Refusal::NotAllowed(_))));
    assert!(matches!(decisions.abort(&stranger, "why"), Err(Refusal::NotAllowed(_))));
}

#[test]
fn nobody_approves_twice_or_by_a_digest_that_is_not_shown() {
    let mut plan = demo_plan("wamr");
    plan.inputs.workflow.gate.values_mut().for_each(|gate| gate.approvals = 2);
    let gate = step_of(&plan, StepKind::Gate);
    let mut state = state(&plan, &gate, StepPlace::Asked);
    let open = Decisions::new(&plan, &state).open_gate("ready").unwrap();
    let approve = |state: &State, read| Decisions::new(&plan, state).approve(&open, &mara(), read, None);
    for wrong in ["0123456789", &open.digest.as_str()[..5]] {
        assert!(matches!(approve(&state, Some(wrong)), Err(Refusal::OtherDigest { .. })), "{wrong}");
    }
    let approval = approve(&state, Some(&open.digest.as_str()[..6])).unwrap();
    assert_eq!(approval.still_missing, 1);
    state.apply(&StampedEvent { number: 1000, at: time(1), record: approval.event });
    assert_eq!(approve(&state, None), Err(Refusal::ApprovedAlready { by: mara() }));
}
