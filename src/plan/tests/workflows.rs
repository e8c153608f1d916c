//! Recipes that promise less than safety needs, and are refused.

use super::*;

/// A workflow of the user's, made from the built-in one by moving a line.
fn with_workflow(change: impl Fn(&mut Workflow)) -> Vec<Fault> {
    let mut inputs = demo_inputs("wamr");
    change(&mut inputs.workflow);
    let snapshot = snapshot_for(&inputs);
    check(&build(inputs, snapshot).unwrap())
}

fn drop_step(workflow: &mut Workflow, name: &str) {
    for phase in &mut workflow.phases {
        phase.steps.retain(|step| step != name);
    }
}

#[test]
fn workflow_without_the_gate_is_refused() {
    let faults = with_workflow(|workflow| drop_step(workflow, "gate:release-day"));
    assert!(faults.contains(&Fault::NoGate("release-day")));
    assert!(faults.iter().any(|fault| matches!(fault, Fault::PublicBeforeGate(step)
        if step.as_str() == "publish-branch/brightwater/sluice/main")));
}

#[test]
fn workflow_that_proves_nothing_is_refused() {
    let faults = with_workflow(|workflow| drop_step(workflow, "prove"));
    assert!(faults.iter().any(|fault| matches!(fault, Fault::Unproven(_))), "{faults:?}");
}

#[test]
fn mail_that_nobody_would_have_read_is_refused_and_a_gate_of_its_own_is_enough() {
    let first = |workflow: &mut Workflow, steps: &[&str]| {
        drop_step(workflow, "advance-mail");
        let steps = steps.iter().map(|step| (*step).to_owned());
        workflow.phases[0].steps.extend(steps);
    };
    let faults = with_workflow(|workflow| first(workflow, &["advance-mail"]));
    assert_eq!(faults, [Fault::UnreadMail("advance-mail".parse().unwrap())]);
    let faults = with_workflow(|workflow| {
        let gate = workflow.gate["ready"].clone();
        workflow.gate.insert("announce".into(), gate);
        first(workflow, &["gate:announce", "advance-mail"]);
    });
    assert_eq!(faults, []);
}

#[test]
fn workflow_that_discloses_before_the_releases_is_refused() {
    let faults = with_workflow(|workflow| {
        drop_step(workflow, "publish-advisory");
        for phase in &mut workflow.phases {
            if let Some(gate) = phase.steps.iter().position(|step| step == "gate:release-day") {
                phase.steps.insert(gate + 1, "publish-advisory".into());
            }
        }
    });
    assert!(faults.iter().any(|fault| matches!(fault, Fault::DisclosedEarly { .. })), "{faults:?}");
}
