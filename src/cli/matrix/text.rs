//! The plan as people read it, in 80 columns: counts by workflow and verdict, then what cannot run here and why.

use std::collections::BTreeMap;

use crate::matrix::{CiEntry, CiPlan, EntryVerdict, EventChoice, EventKind, TriedEvent, WorkflowPlan};
use crate::skip_mark::SkipMark;
use crate::wording::{counted, one_line};

const WIDTH: usize = 80;
/// How long a reason may be: two lines.
const MOST: usize = 140;

/// All of it.
pub(super) fn plan_text(plan: &CiPlan, choice: &EventChoice) -> String {
    let mut text = head(plan, choice);
    for workflow in &plan.workflows {
        text += &format!("\n{}", of_workflow(workflow));
    }
    text += &format!("\n{}", total(plan));
    for (verdict, whats) in reasons(plan) {
        text += &format!("\n{}\n", heading(verdict));
        for (what, count) in whats {
            text += &wrapped(&format!("{} {what}", padded(count)), "       ");
        }
    }
    text
}

fn head(plan: &CiPlan, choice: &EventChoice) -> String {
    let event = &plan.event;
    let short = &event.commit[..event.commit.len().min(9)];
    let repository = event.repository.as_ref().map(|(owner, name)| format!("{owner}/{name}, "));
    let mut text = wrapped(
        &format!("{}{} at {short}, event {event}", repository.unwrap_or_default(), event.branch),
        "  ",
    );
    if event.repository.is_none() {
        text += &wrapped(
            "the repository's name is not known: conditions on it stay open; say it with --name",
            "  ",
        );
    }
    if let Some(mark) = event.skip.as_ref() {
        text += &wrapped(&of_mark(mark), "  ");
    }
    let counts = tried(choice);
    if !counts.is_empty() {
        text += &wrapped(&format!("entries that start: {}", counts.join(", ")), "  ");
    }
    if choice.fullest().is_none() && plan.starting() == 0 {
        text += &wrapped(
            &format!("no CI here: none of these events starts anything for `{}`", event.branch),
            "  ",
        );
    }
    text
}

/// What a mark in the commit's message does.
fn of_mark(mark: &SkipMark) -> String {
    let does = if mark.is_certain { "start nothing" } else { "may start nothing" };
    format!("the commit's message holds `{}`: pushes and pull requests {does}", mark.text)
}

/// What each event starts. Of the activities of a pull request, the usual one, and those that start more.
fn tried(choice: &EventChoice) -> Vec<String> {
    let usual = |tried: &TriedEvent| tried.event.action.as_deref() == Some("opened");
    let opened = choice.tried.iter().find(|tried| usual(tried)).map_or(0, TriedEvent::starting);
    let is_told = |tried: &&TriedEvent| {
        tried.event.kind != EventKind::PullRequest || usual(tried) || tried.starting() > opened
    };
    let word = |tried: &TriedEvent| match tried.perhaps {
        0 => format!("{} {}", tried.event, tried.certain),
        perhaps => format!("{} {} ({perhaps} conditional)", tried.event, tried.starting()),
    };
    choice.tried.iter().filter(is_told).map(word).collect()
}

fn of_workflow(workflow: &WorkflowPlan) -> String {
    let name = workflow.path.rsplit('/').next().unwrap_or(&workflow.path);
    let counts = counts(workflow.entries.iter());
    let assumed = if workflow.paths_assumed { "; changed files taken as matching its paths" } else { "" };
    let all = workflow.entries.len();
    let first = wrapped(&format!("{name}: {}{assumed}", entries(all)), "  ");
    format!("{first}{}", indented(&counts))
}

fn total(plan: &CiPlan) -> String {
    let all: Vec<&CiEntry> = plan.entries().collect();
    let first = format!("total: {}\n", entries(all.len()));
    format!("{first}{}", indented(&counts(all.into_iter())))
}

fn entries(count: usize) -> String {
    counted(count, "entry")
}

/// `12 here, 3 tool missing`, in the order of the verdicts.
fn counts<'a>(entries: impl Iterator<Item = &'a CiEntry>) -> String {
    let mut by_verdict: BTreeMap<EntryVerdict, usize> = BTreeMap::new();
    entries.for_each(|entry| *by_verdict.entry(entry.verdict()).or_default() += 1);
    let words = by_verdict.iter().map(|(verdict, count)| format!("{count} {}", verdict.word()));
    words.collect::<Vec<_>>().join(", ")
}

/// What cannot run here: by verdict, how many entries each reason is that of, the most frequent first.
fn reasons(plan: &CiPlan) -> BTreeMap<EntryVerdict, Vec<(String, usize)>> {
    let mut found: BTreeMap<EntryVerdict, BTreeMap<String, usize>> = BTreeMap::new();
    let told = |verdict| verdict != EntryVerdict::RunHere && verdict != EntryVerdict::NotTriggered;
    for entry in plan.entries().filter(|entry| told(entry.verdict())) {
        let reason = one_line(&entry.reason(), MOST);
        *found.entry(entry.verdict()).or_default().entry(reason).or_default() += 1;
    }
    let sorted = found.into_iter().map(|(verdict, reasons)| {
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        (verdict, reasons)
    });
    sorted.collect()
}

fn heading(verdict: EntryVerdict) -> String {
    match verdict {
        EntryVerdict::RunOn => "runs on another machine:".to_owned(),
        EntryVerdict::Conditional => "conditional on what only the run shows:".to_owned(),
        other => format!("{}:", other.word()),
    }
}

fn padded(count: usize) -> String {
    format!("{count:>6}")
}

fn indented(text: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("  ");
    textwrap::fill(text, options) + "\n"
}

/// In 80 columns, further lines with something before them.
pub(super) fn wrapped(text: &str, next: &str) -> String {
    textwrap::fill(text, textwrap::Options::new(WIDTH).subsequent_indent(next)) + "\n"
}
