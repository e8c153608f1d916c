//! What came of a run, as people read it and as programs do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::run::Executed;
use super::text::wrapped;
use crate::matrix::{CiEntry, EntryVerdict, WrittenEntry};
use crate::runner::{EntryAttempt, EntryEvidence, EntryOutcome};
use crate::wording::counted;

/// An entry with what came of it.
#[derive(Serialize)]
struct RanEntry<'a> {
    #[serde(flatten)]
    entry: WrittenEntry,
    #[serde(flatten)]
    evidence: Option<&'a EntryEvidence>,
    /// Every entry has an outcome: most of a matrix as a rule this one.
    #[serde(rename = "outcome", skip_serializing_if = "Option::is_none")]
    not_attempted: Option<&'static str>,
}

/// One line of JSON for each entry of the plan.
pub(super) fn lines(executed: &Executed) -> Vec<String> {
    let entries = executed.run.entries().into_iter();
    let line = |(entry, evidence): (&CiEntry, Option<&EntryEvidence>)| {
        let not_attempted = evidence.is_none().then_some("not-attempted");
        serde_json::json!(RanEntry { entry: WrittenEntry::of(entry), evidence, not_attempted }).to_string()
    };
    entries.map(line).collect()
}

/// What was attempted and what came of it.
pub(super) fn text(executed: &Executed) -> String {
    let entries = executed.run.entries();
    let attempted: Vec<(&CiEntry, &EntryEvidence)> =
        entries.iter().filter_map(|(entry, found)| Some((*entry, (*found)?))).collect();
    let mut text = format!("\nrun: {}\n", head(entries.len(), &attempted));
    for outcome in [
        EntryOutcome::BrokenByChange,
        EntryOutcome::Failed,
        EntryOutcome::FailsOnBase,
        EntryOutcome::Flaky,
        EntryOutcome::NothingRan,
        EntryOutcome::Unavailable,
    ] {
        let of_it: Vec<_> = attempted.iter().filter(|(_, found)| found.outcome == outcome).collect();
        if !of_it.is_empty() {
            text += &format!("\n{}:\n", outcome.word());
            of_it.iter().for_each(|(entry, found)| text += &one(entry, found));
        }
    }
    text + &waiting(&entries) + &foot(executed, &attempted)
}

fn head(all: usize, attempted: &[(&CiEntry, &EntryEvidence)]) -> String {
    let mut by_outcome: BTreeMap<EntryOutcome, usize> = BTreeMap::new();
    attempted.iter().for_each(|(_, found)| *by_outcome.entry(found.outcome).or_default() += 1);
    let mut counts: Vec<String> =
        by_outcome.iter().map(|(outcome, count)| format!("{count} {}", outcome.word())).collect();
    counts.push(format!("{} not attempted", all - attempted.len()));
    let how: BTreeSet<String> = attempted.iter().filter_map(|(_, found)| place_of(found)).collect();
    let how: String = how.into_iter().map(|place| format!("\n  {place}")).collect();
    format!("{} of {}\n  {}{how}", attempted.len(), counted(all, "entry"), counts.join(", "))
}

/// Where an entry was run, and how far it was kept from the rest of that machine.
fn place_of(found: &EntryEvidence) -> Option<String> {
    let first = found.attempts.first()?;
    let worker = found.worker.as_ref().map(|worker| format!("{worker}, ")).unwrap_or_default();
    Some(format!("on {worker}{}, {}", first.machine, first.isolation))
}

fn one(entry: &CiEntry, found: &EntryEvidence) -> String {
    let allowed = if found.may_fail { ", which the workflow allows" } else { "" };
    let mut text = wrapped(&format!("  {}: {}{allowed}", entry.name, found.why), "    ");
    let Some(first) = found.attempts.first() else { return text };
    if found.outcome.is_failure() {
        first.tail.iter().rev().take(8).rev().for_each(|line| text += &format!("    | {line}\n"));
    }
    let logs = found.attempts.iter().chain(&found.base).map(|attempt: &EntryAttempt| attempt.log.display());
    logs.for_each(|log| text += &format!("    log: {log}\n"));
    text
}

/// Entries that could run here and did not, since what they need failed or was not asked for.
fn waiting(entries: &[(&CiEntry, Option<&EntryEvidence>)]) -> String {
    let stopped = entries.iter().filter(|(entry, found)| {
        found.is_none() && entry.verdict() == EntryVerdict::NeedsSkipped && entry.reason().ends_with("failed")
    });
    let lines: Vec<String> =
        stopped.map(|(entry, _)| wrapped(&format!("  {}: {}", entry.name, entry.reason()), "    ")).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("\nnot attempted, since what they need failed:\n{}", lines.concat())
    }
}

fn foot(executed: &Executed, attempted: &[(&CiEntry, &EntryEvidence)]) -> String {
    let mut text = String::new();
    if attempted.is_empty() {
        text += "\nnothing was run: no entry of this matrix can run on this machine as it is; the reasons are above\n";
    }
    if !executed.compared && attempted.iter().any(|(_, found)| found.outcome == EntryOutcome::Failed) {
        text += &wrapped(
            "\nwith --base REV what fails is run on the base, too: then it is known whether the change broke it",
            "",
        );
    }
    text + &format!("\nlogs and evidence: {}\n", executed.kept.display())
}
