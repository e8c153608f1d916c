//! What each change of the files changes in a run of the demo, by how far the run is.

use super::fate::{AmendedStep, Fate};
use super::proposal::judged;
use crate::ids::StepName;
use crate::kinds::{Basis, Phase, StepKind};
use crate::plan::{Inputs, Plan, StepChange, build, demo_plan};
use crate::run::{Completion, Event, StampedEvent, State};
use crate::steps::Output;

fn changed(plan: &Plan, change: impl FnOnce(&mut Inputs)) -> Plan {
    let mut inputs = plan.inputs.clone();
    change(&mut inputs);
    build(inputs, plan.snapshot.clone()).unwrap()
}

/// The state once every step of these phases is done.
fn after(plan: &Plan, phases: &[Phase]) -> State {
    let done = plan.steps().filter(|step| phases.contains(&step.phase)).map(|step| Event::Done {
        step: step.name.clone(),
        how: Completion::Acted,
        output: Output::Note("made".into()),
    });
    let at = plan.snapshot.taken;
    let events: Vec<StampedEvent> =
        (1..).zip(done).map(|(number, record)| StampedEvent { number, at, record }).collect();
    State::fold(&events)
}

fn before_the_day(plan: &Plan) -> State {
    let phases = [Phase::Respond, Phase::Assess, Phase::Finalise, Phase::Prepare, Phase::Prove];
    after(plan, &phases)
}

fn of_kind(steps: &[AmendedStep], kind: StepKind) -> Vec<(StepChange, Fate)> {
    let found = steps.iter().filter(|one| one.step.kind == kind);
    found.map(|one| (one.change.clone(), one.fate.clone())).collect()
}

fn kinds(steps: &[AmendedStep]) -> Vec<StepKind> {
    let mut kinds: Vec<StepKind> = steps.iter().map(|one| one.step.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn endpoint_or_a_servers_address_changes_no_step() {
    let plan = demo_plan("github");
    let other = changed(&plan, |inputs| {
        inputs.catalog.mail.smtp = Some("smtps://mail.example".into());
        inputs.catalog.endpoints.api = "https://github.example/api".into();
    });
    assert_eq!(judged(&plan, &before_the_day(&plan), &other).unwrap(), Vec::new());
}

#[test]
fn another_approver_changes_the_gates_and_reopens_none() {
    let plan = demo_plan("github");
    let other = changed(&plan, |inputs| inputs.release.approvers = vec!["ines".parse().unwrap()]);
    let steps = judged(&plan, &before_the_day(&plan), &other).unwrap();
    assert_eq!(kinds(&steps), [StepKind::Gate]);
    let fates: Vec<bool> = steps.iter().map(|one| matches!(one.fate, Fate::Stays { .. })).collect();
    assert_eq!(fates, [true, false], "`ready` was passed, the release day is ahead");
}

#[test]
fn postponing_leaves_the_mail_that_is_out_and_says_what_is_left_to_do() {
    let plan = demo_plan("github");
    let other = changed(&plan, |inputs| {
        let week = jiff::SignedDuration::from_hours(24 * 7);
        inputs.release.disclosure += week;
    });
    let steps = judged(&plan, &before_the_day(&plan), &other).unwrap();
    let hour = StepChange::Changed(vec![Basis::Hour]);
    assert_eq!(of_kind(&steps, StepKind::FixDisclosure), [(hour, Fate::Again)]);
    let [(StepChange::Changed(of), Fate::Stays { left })] = &of_kind(&steps, StepKind::AdvanceMail)[..]
    else {
        panic!("{steps:?}")
    };
    assert_eq!(
        (of.as_slice(), *left),
        (&[Basis::Mail][..], "a mail cannot be called back; send a correction")
    );
    assert!(of_kind(&steps, StepKind::Backport).is_empty(), "a fix is the same on another day");

    let earlier = judged(&plan, &after(&plan, &[Phase::Respond]), &other).unwrap();
    assert!(earlier.iter().all(|one| one.fate == Fate::Ahead), "nothing was announced yet");
}

#[test]
fn dropped_line_leaves_what_was_pushed_for_it_with_how_to_undo_it() {
    let plan = demo_plan("github");
    let line = plan.inputs.catalog.repos[0].lines[0].clone();
    let other = changed(&plan, |inputs| drop(inputs.catalog.repos[0].lines.remove(0)));
    let steps = judged(&plan, &before_the_day(&plan), &other).unwrap();
    let of_line = |one: &&AmendedStep| one.step.subject.branch.as_ref() == Some(&line);
    assert!(steps.iter().filter(of_line).all(|one| one.change == StepChange::Removed));
    let left = Fate::Left { what: "made".into(), undo: "delete the branch on the private side" };
    assert!(of_kind(&steps, StepKind::PushPrivate).contains(&(StepChange::Removed, left)));
    let describes = of_kind(&steps, StepKind::DescribeAdvisory);
    assert!(describes.contains(&(StepChange::Changed(vec![Basis::Ranges]), Fate::Again)), "{describes:?}");

    // And the other way round: what comes in is new, and what holds the release waits for it.
    let back = judged(&other, &before_the_day(&other), &plan).unwrap();
    assert!(
        back.iter().filter(of_line).all(|one| (&one.change, &one.fate) == (&StepChange::Added, &Fate::Ahead))
    );
}

#[test]
fn another_fix_is_carried_again_wherever_it_goes_and_nothing_else_is() {
    let plan = demo_plan("github");
    let id = plan.inputs.release.advisories[1].id.clone();
    let other = changed(&plan, |inputs| {
        let fix = &inputs.release.advisories[1].fixes[0];
        let text = inputs.patches.values().next().unwrap().clone();
        match fix.patches.first() {
            Some(name) => drop(inputs.patches.insert(name.clone(), text)),
            None => inputs.release.advisories[1].fixes[0].pull = Some(77),
        }
    });
    let steps = judged(&plan, &before_the_day(&plan), &other).unwrap();
    for one in &steps {
        let of_others = one.step.subject.advisory.as_ref().is_some_and(|other| *other != id);
        assert!(!of_others, "{}", one.step.name);
    }
    for kind in
        [StepKind::ImportFix, StepKind::Backport, StepKind::PushPrivate, StepKind::Stack, StepKind::Prove]
    {
        assert!(of_kind(&steps, kind).iter().all(|(_, fate)| *fate == Fate::Again), "{kind}");
    }
    assert_eq!(of_kind(&steps, StepKind::AssessVersions).len(), 1);
}

#[test]
fn what_is_done_in_public_is_neither_changed_nor_dropped() {
    let plan = demo_plan("github");
    let all = Phase::ALL;
    let refused = |phases: &[Phase], change: fn(&mut Inputs)| {
        let refusal = judged(&plan, &after(&plan, phases), &changed(&plan, change)).unwrap_err();
        assert!(!refusal.instead().is_empty());
        refusal.to_string()
    };
    let until_release = &all[..6];
    let dropped = refused(until_release, |inputs| drop(inputs.catalog.repos[0].lines.remove(0)));
    assert!(
        dropped.contains("`merge-patch/brightwater/sluice/release/1.x` is done and cannot be taken back"),
        "{dropped}"
    );
    assert!(dropped.contains("the plan would not have it any more"), "{dropped}");
    let hour = refused(until_release, |inputs| {
        inputs.release.disclosure += jiff::SignedDuration::from_hours(1);
    });
    assert!(hour.contains("the embargo has ended, and fixes are public"), "{hour}");
    let text = refused(&all, |inputs| inputs.release.advisories[0].description = "Another.".into());
    assert!(
        text.contains("`publish-advisory/GHSA-4wx7-c2fg-q8rm` is done")
            && text.contains("the advisory's text"),
        "{text}"
    );

    // Until it is published, its text may change.
    let again = changed(&plan, |inputs| inputs.release.advisories[0].description = "More of it.".into());
    let steps = judged(&plan, &after(&plan, until_release), &again).unwrap();
    let kinds = kinds(&steps);
    assert!(kinds.contains(&StepKind::DescribeAdvisory) && !kinds.contains(&StepKind::Stack), "{kinds:?}");
}

#[test]
fn step_that_may_have_acted_is_not_dropped() {
    let plan = demo_plan("github");
    let other = changed(&plan, |inputs| drop(inputs.catalog.repos[0].lines.remove(0)));
    let push: StepName = plan
        .of_kind(StepKind::PushPrivate)
        .find(|step| step.subject.to_string().contains("1.x"))
        .unwrap()
        .name
        .clone();
    let begun =
        StampedEvent { number: 1, at: plan.snapshot.taken, record: Event::Intent { step: push.clone() } };
    let refusal = judged(&plan, &State::fold(&[begun]), &other).unwrap_err();
    assert!(refusal.to_string().contains(&format!("`{push}` was begun and has not ended")), "{refusal}");
}
