//! A gate on one screen: what it is about, how much, what needs a look first, what cannot be undone. All of it is in the text
//! whose digest is approved.

use std::fmt::Write as _;

use super::texts::{ComingText, TextKind, coming_texts};
use crate::kinds::{StepKind, Undo, Visibility, counted_kinds};
use crate::plan::{Plan, Step};
use crate::steps::facts::Facts;
use crate::steps::matrix_evidence::MatrixEvidence;
use crate::steps::output::Output;
use crate::wording::counted;
use crate::workflow::RELEASE_DAY;

/// As many remarks as a screen bears.
const MOST_REMARKS: usize = 8;

/// The gate on one screen.
#[must_use]
pub fn summary(plan: &Plan, facts: &Facts, gate: &Step) -> String {
    let name = gate.asks.as_deref().unwrap_or_default();
    let mut text = format!("gate {name} of {}\n", plan.inputs.release.id);
    let _ = writeln!(text, "  {}", amounts(plan));
    remarks(plan, facts, &mut text);
    matrices(plan, facts, &mut text);
    let texts = coming_texts(plan, facts).unwrap_or_default();
    let _ = writeln!(text, "  public from {} on: {}", plan.inputs.release.disclosure, counts(&texts));
    let _ = writeln!(text, "  cannot be undone: {}", lasting(plan, facts));
    if name != RELEASE_DAY {
        mails_ahead(plan, facts, gate, &texts, &mut text);
    }
    text
}

fn amounts(plan: &Plan) -> String {
    let patched = plan.targets.iter().filter(|target| target.is_patched()).count();
    let released = plan.targets.iter().filter(|target| target.release.is_some()).count();
    let advisories = plan.inputs.release.advisories.len();
    format!(
        "{} on {}, {}",
        counted(advisories, "advisory"),
        counted(patched, "branch"),
        counted(released, "release")
    )
}

/// What was no plain clean pick, failed and was waived, or was left unread: whoever approves begins there.
fn remarks(plan: &Plan, facts: &Facts, text: &mut String) {
    let mut remarks: Vec<String> = Vec::new();
    for step in plan.steps() {
        let reasons = match facts.outputs.get(&step.name) {
            Some(Output::Patch(patch)) if step.kind == StepKind::Stack => &patch.review,
            Some(Output::Bump(bump)) => &bump.review,
            _ => continue,
        };
        remarks.extend(reasons.iter().map(|reason| format!("{}: {reason}", step.subject)));
    }
    if remarks.is_empty() {
        text.push_str("  every pick was plain and clean\n");
    }
    for remark in remarks.iter().take(MOST_REMARKS) {
        let _ = writeln!(text, "  NEEDS REVIEW: {remark}");
    }
    if let Some(more) = remarks.len().checked_sub(MOST_REMARKS + 1) {
        let _ = writeln!(text, "  and {} that needs review", counted(more + 1, "further place"));
    }
}

/// What the projects' own CI said, in a line, and what of it did not pass. What was not attempted stands in the whole text.
fn matrices(plan: &Plan, facts: &Facts, text: &mut String) {
    let asked: Vec<(&Step, &MatrixEvidence)> = plan
        .of_kind(StepKind::Prove)
        .filter_map(|step| Some((step, facts.matrix_evidence(StepKind::Prove, &step.subject)?)))
        .collect();
    if asked.is_empty() {
        return;
    }
    let all: usize = asked.iter().map(|(_, matrix)| matrix.count()).sum();
    let attempted: usize = asked.iter().map(|(_, matrix)| matrix.attempted.len()).sum();
    let passed: usize = asked.iter().map(|(_, matrix)| matrix.passed().count()).sum();
    let (failed, left) = (attempted - passed, all - attempted);
    let (all, on) = (counted(all, "CI entry"), counted(asked.len(), "branch"));
    let _ = writeln!(text, "  {passed} of {all} on {on} passed, {failed} did not, {left} not attempted");
    let not_passed = asked.iter().flat_map(|(step, matrix)| {
        matrix.not_passed().map(move |entry| format!("{}: {entry}", step.subject))
    });
    for remark in not_passed.take(MOST_REMARKS) {
        let _ = writeln!(text, "  NEEDS REVIEW: {remark}");
    }
}

fn counts(texts: &[ComingText]) -> String {
    let kinds = [TextKind::Mail, TextKind::Advisory, TextKind::Pull, TextKind::Record];
    let count = |kind: TextKind| texts.iter().filter(|text| text.kind == kind).count();
    let counted = kinds.into_iter().map(|kind| counted(count(kind), kind.noun()));
    counted.collect::<Vec<_>>().join(", ")
}

/// The kinds of step ahead that cannot be undone, with how many there are of each.
fn lasting(plan: &Plan, facts: &Facts) -> String {
    let is_ahead = |step: &&Step| {
        let lasts = matches!(step.kind.undo(), Undo::Impossible(_));
        lasts && step.kind.visibility() != Visibility::Local && !facts.outputs.contains_key(&step.name)
    };
    let told = counted_kinds(plan.steps().filter(is_ahead).map(|step| step.kind)).into_iter();
    let told =
        told.map(|(kind, count)| if count == 1 { kind.to_string() } else { format!("{kind} ({count})") });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "nothing more".to_owned() } else { told.join(", ") }
}

/// The mails that go out next, whole: they are the first that cannot be taken back.
fn mails_ahead(plan: &Plan, facts: &Facts, gate: &Step, texts: &[ComingText], text: &mut String) {
    let after = plan.steps().skip_while(|step| step.name != gate.name);
    for step in
        after.filter(|step| step.kind == StepKind::AdvanceMail && !facts.outputs.contains_key(&step.name))
    {
        let Some(mail) = texts.iter().find(|text| text.of == step.name.as_str()) else { continue };
        let _ = writeln!(text, "\n  {} goes out next:\n", step.name);
        for line in mail.text.lines() {
            let _ = writeln!(text, "  | {line}");
        }
    }
}
