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
fn en_13_workflow_that_discloses_before_the_releases_is_refused() {
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

/// What a recipe may leave out, and what a release is then like.
const FREE: [(&str, &str); 23] = [
    ("record-manager", "the release file names who leads"),
    ("acknowledge", "people answer the reporter"),
    ("invite", "people invite"),
    ("assess", "the fix is carried to every branch"),
    ("confirm:reproduced", "nobody is asked"),
    ("confirm:platforms", "nobody is asked"),
    ("confirm:third-parties", "nobody is asked"),
    ("await-cve", "it does not wait for the CVE"),
    ("fix-disclosure", "the hour is that of the release file"),
    ("advance-mail", "no mail is sent ahead"),
    ("open-private-pull", "nobody reviews in the private fork"),
    ("prepare-bump", "the bump is made on the day"),
    ("await-registry", "the registry is not looked at"),
    ("correct-latest", "GitHub's own label stays"),
    ("close-private-pulls", "they stay open in the private fork"),
    ("delete-fork", "the fork stays"),
    ("release-mail", "people announce it"),
    ("write-entries", "the databases read GitHub"),
    ("final-report", "`lockgate report` writes it"),
    ("late-cve", "people write it in"),
    // Put where they belong if they are not listed.
    ("assess-versions", "right behind `assess`"),
    ("prepare-merge", "behind the bump"),
    ("prepare-development", "behind the bump"),
];

#[test]
fn recipe_without_a_step_is_refused_unless_the_release_is_as_safe_without_it() {
    for workflow in Workflow::built_in() {
        let whole = demo_inputs(workflow);
        let applied = listed_kinds_of(&whole);
        for entry in whole.workflow.phases.iter().flat_map(|phase| phase.steps.clone()) {
            let mut inputs = demo_inputs(workflow);
            drop_step(&mut inputs.workflow, &entry);
            let snapshot = snapshot_for(&inputs);
            let faults = check(&build(inputs, snapshot).unwrap());
            let is_free = FREE.iter().any(|(name, _)| *name == entry) || !applied.contains(&entry);
            assert_eq!(faults.is_empty(), is_free, "{workflow} without {entry}: {faults:?}");
        }
    }
}

/// The entries that make steps in the demo.
fn listed_kinds_of(inputs: &Inputs) -> BTreeSet<String> {
    let plan = build(inputs.clone(), snapshot_for(inputs)).unwrap();
    let entry = |step: &Step| match &step.asks {
        Some(name) => format!("{}:{name}", step.kind),
        None => step.kind.to_string(),
    };
    plan.steps().map(entry).collect()
}

#[test]
fn step_that_lacks_another_is_told_with_what_to_add() {
    let faults = with_workflow(|workflow| drop_step(workflow, "compare-tree"));
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = "the workflow lists `merge-patch` and no `compare-tree` behind it (compare the merged tree with the proven \
                    one): add it there";
    assert!(told.iter().any(|fault| fault == expected), "{told:?}");
}
