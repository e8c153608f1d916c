//! The plan on one page: what goes where, what cannot be undone, which people, and how far it is from the gate to the mail.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ids::StepName;
use crate::kinds::{Phase, StepKind, Undo, counted_kinds};
use crate::plan::{Plan, Step};
use crate::wording::counted;
use crate::workflow::RELEASE_DAY;

/// What follows what goes where.
pub(super) fn render(plan: &Plan, out: &mut String) {
    way(plan, out);
    lasting(plan, out);
    people(plan, out);
    from_the_gate(plan, out);
}

/// How many steps each phase has, and the gates between them.
fn way(plan: &Plan, out: &mut String) {
    let told = |phase: Phase| {
        let steps: Vec<&Step> = plan.steps().filter(|step| step.phase == phase).collect();
        let gates: Vec<&str> =
            steps.iter().filter(|step| is_gate(step)).filter_map(|step| step.asks.as_deref()).collect();
        let gates = match gates.as_slice() {
            [] => String::new(),
            some => format!(" (gate `{}`)", some.join("` and `")),
        };
        (!steps.is_empty()).then(|| format!("{} {}{gates}", phase.as_str(), steps.len()))
    };
    let told: Vec<String> = Phase::ALL.into_iter().filter_map(told).collect();
    let _ = write!(out, "\nSteps by phase\n  {}\n", told.join(", "));
}

fn is_gate(step: &Step) -> bool {
    step.kind == StepKind::Gate
}

/// The kinds of step that leave something for good, each once, in their order.
fn lasting(plan: &Plan, out: &mut String) {
    out.push_str("\nCannot be undone\n");
    let steps = plan.steps().filter(|step| !plan.is_needless_request(step));
    for (kind, count) in counted_kinds(steps.map(|step| step.kind)) {
        if let Undo::Impossible(left) = kind.undo() {
            let _ = writeln!(out, "  {kind} ({}): {left}", counted(count, "step"));
        }
    }
}

/// Who leads, who approves, and what people are asked on the way.
fn people(plan: &Plan, out: &mut String) {
    let inputs = &plan.inputs;
    let approvers: Vec<&str> = inputs.approvers().iter().map(|login| login.as_str()).collect();
    let _ =
        writeln!(out, "\nPeople\n  {} leads; {} may approve", inputs.release.manager, approvers.join(", "));
    for gate in plan.of_kind(StepKind::Gate) {
        let name = gate.asks.as_deref().unwrap_or_default();
        let early = early(plan, name);
        let _ = writeln!(out, "  gate {name}: {}{early}", inputs.approvals_in_words(name));
    }
    let mut confirmed: BTreeMap<&str, usize> = BTreeMap::new();
    for step in plan.of_kind(StepKind::Confirm) {
        *confirmed.entry(step.asks.as_deref().unwrap_or_default()).or_default() += 1;
    }
    for (name, times) in confirmed {
        let times = if times > 1 { format!(", {times} times") } else { String::new() };
        let _ = writeln!(out, "  confirm {name}{times}");
    }
}

/// What everybody sees once a gate is passed, although the disclosure time has not come.
fn early(plan: &Plan, gate: &str) -> String {
    let is_let_out = |step: &&Step| {
        let last = plan.gates_before(&step.name).last().and_then(|gate| gate.asks.clone());
        plan.is_before_the_hour(step) && last.as_deref() == Some(gate)
    };
    let kinds = counted_kinds(plan.steps().filter(is_let_out).map(|step| step.kind));
    let told: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if told.is_empty() {
        String::new()
    } else {
        format!("; public then, before the hour: {}", told.join(", "))
    }
}

/// What has to happen one after the other from the end of the embargo to the last mail or advisory.
fn from_the_gate(plan: &Plan, out: &mut String) {
    let Some(gate) = plan.gate(RELEASE_DAY) else { return };
    let longest = longest_way(plan, &gate.name);
    if longest.is_empty() {
        return;
    }
    let kinds = counted_kinds(longest.iter().map(|step| step.kind));
    let told: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let steps = counted(longest.len(), "step");
    let told = format!("  {steps} one after the other: {}", told.join(", "));
    let options = textwrap::Options::new(80).subsequent_indent("    ");
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    let told = textwrap::fill(&told, options);
    let _ = writeln!(
        out,
        "\nFrom the gate `{RELEASE_DAY}` to the last mail\n{told}\n  how long they take is up to the checks and releases of your CI"
    );
}

/// What ends a release for those who wait for it.
fn is_an_end(step: &Step) -> bool {
    matches!(step.kind, StepKind::ReleaseMail | StepKind::PublishAdvisory)
}

/// The longest way from a step to one that ends the release, without the step itself.
fn longest_way<'p>(plan: &'p Plan, from: &StepName) -> Vec<&'p Step> {
    // Of each step after it: how many steps it takes to there, and which one is before it on that way.
    let mut ways: BTreeMap<&StepName, (usize, &Step)> = BTreeMap::new();
    for step in plan.steps() {
        let length = |before: &Step| match ways.get(&before.name) {
            Some((length, _)) => Some(*length),
            None => (before.name == *from).then_some(0),
        };
        let before = plan.after(&step.name).filter_map(|before| Some((length(before)?, before)));
        if let Some((length, before)) = before.max_by_key(|(length, _)| *length) {
            ways.insert(&step.name, (length + 1, before));
        }
    }
    let ends = plan.steps().filter(|step| is_an_end(step) && ways.contains_key(&step.name));
    let last = ends.max_by_key(|step| ways[&step.name].0);
    let mut way: Vec<&Step> =
        std::iter::successors(last, |step| ways.get(&step.name).map(|(_, before)| *before))
            .filter(|step| step.name != *from)
            .collect();
    way.reverse();
    way
}
