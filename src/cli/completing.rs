//! What a shell can complete beside commands and options: the names that the release in question has.

use std::ffi::OsString;
use std::path::PathBuf;

use clap_complete::engine::CompletionCandidate;

use crate::control::{Home, Opened};
use crate::kinds::StepKind;
use crate::steps::QuestionKind;

/// The gates; those that ask, where some do.
pub(super) fn gates() -> Vec<CompletionCandidate> {
    of_release(|opened| {
        let gates = || opened.plan.of_kind(StepKind::Gate).filter_map(|step| step.asks.clone());
        let asking: Vec<String> = opened
            .plan
            .of_kind(StepKind::Gate)
            .filter(|step| opened.state.questions().any(|(asking, _)| *asking == step.name))
            .filter_map(|step| step.asks.clone())
            .collect();
        if asking.is_empty() { gates().collect() } else { asking }
    })
}

/// The steps that hold the release up: they ask, wait or have failed.
pub(super) fn held_steps() -> Vec<CompletionCandidate> {
    of_release(|opened| {
        let status = super::status::of(opened);
        let asked = status.asked.into_iter().map(|one| one.step);
        let failed = status.failed.into_iter().map(|one| one.step);
        let waiting = status.waiting.into_iter().map(|one| one.step);
        asked.chain(failed).chain(waiting).map(|step| step.to_string()).collect()
    })
}

/// The steps whose answer can be taken back.
pub(super) fn answered_steps() -> Vec<CompletionCandidate> {
    of_release(|opened| {
        let facts = &opened.state.facts;
        let decided = facts.decided_by.iter();
        let approved =
            facts.approvals.iter().flat_map(|(gate, all)| all.iter().map(move |(by, _)| (gate, by)));
        let can = decided.chain(approved).filter(|(step, by)| opened.decisions().can_withdraw(step, by));
        can.map(|(step, _)| step.to_string()).collect()
    })
}

/// The steps whose conflict people can resolve.
pub(super) fn conflicts() -> Vec<CompletionCandidate> {
    of_release(|opened| {
        let of_conflicts = opened
            .state
            .questions()
            .filter(|(_, question)| matches!(question.kind, QuestionKind::Conflict { .. }));
        of_conflicts.map(|(step, _)| step.to_string()).collect()
    })
}

/// Everybody who has a part in the release.
pub(super) fn people() -> Vec<CompletionCandidate> {
    of_release(|opened| opened.plan.inputs.people().into_iter().map(ToString::to_string).collect())
}

/// These names of the release that the line is about; none, where there is none.
fn of_release(names: impl Fn(&Opened) -> Vec<String>) -> Vec<CompletionCandidate> {
    let opened = Home::find(&directory(std::env::args_os())).open();
    opened
        .map(|opened| names(&opened).into_iter().map(CompletionCandidate::new).collect())
        .unwrap_or_default()
}

/// The directory that a line names, of which the shell gives the words behind `--`.
fn directory(words: impl IntoIterator<Item = OsString>) -> PathBuf {
    let mut words = words.into_iter().skip_while(|word| word != "--").skip(1);
    while let Some(word) = words.next() {
        let joined = word.to_str().and_then(|word| word.strip_prefix("--dir="));
        if let Some(directory) = joined {
            return PathBuf::from(directory);
        }
        if word == "--dir" {
            return words.next().map_or_else(|| PathBuf::from("."), PathBuf::from);
        }
    }
    PathBuf::from(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_the_one_that_the_line_names() {
        let of = |line: &str| directory(line.split(' ').map(OsString::from));
        assert_eq!(of("lockgate -- lockgate approve re --dir OUT --as"), PathBuf::from("OUT"));
        assert_eq!(of("lockgate -- lockgate approve --dir=my/release "), PathBuf::from("my/release"));
        assert_eq!(of("lockgate -- lockgate approve re"), PathBuf::from("."));
        assert_eq!(of("lockgate --dir elsewhere -- lockgate waive x --dir"), PathBuf::from("."));
    }
}
