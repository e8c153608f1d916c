//! What of a worker's evidence counts. A worker says what it saw; what that comes to is judged here, by the same rules as
//! at home, and against the machine that it registered.

use std::path::{Path, PathBuf};

use crate::ids::{CommitId, Digest, TreeId};
use crate::matrix::{Architecture, CiEntry, OperatingSystem};
use crate::runner::{
    AttemptOutcome, EntryAttempt, EntryEvidence, EntryOutcome, ExecutorChoice, FoundMachine, judge_again,
};
use crate::workers::subject::kind_of_machine;
use crate::workers::wire::{attempts, attempts_mut};

/// What an evidence is held against.
pub(super) struct Expected<'a> {
    pub(super) entry: &'a CiEntry,
    /// What was to be tested: commit and tree.
    pub(super) tested: (&'a CommitId, &'a TreeId),
    /// What it was to be compared with.
    pub(super) base: Option<(&'a CommitId, &'a TreeId)>,
    /// What the worker is called, and what it says that its machine is.
    pub(super) worker: &'a str,
    /// What was to run it.
    pub(super) executor: ExecutorChoice,
    pub(super) registered: (OperatingSystem, Architecture),
    /// Where its logs have arrived.
    pub(super) logs: &'a Path,
}

impl Expected<'_> {
    /// The evidence as it counts.
    pub(super) fn judged(&self, mut evidence: EntryEvidence) -> EntryEvidence {
        evidence.worker = Some(self.worker.to_owned());
        let claimed = evidence.outcome;
        for attempt in attempts_mut(&mut evidence) {
            attempt.log = self.log_of(attempt);
            let (outcome, why) = self.against(attempt).unwrap_or_else(|| judge_again(self.entry, attempt));
            (attempt.outcome, attempt.why) = (outcome, why);
        }
        if let Some(why) = self.of_other_trees(&evidence).or_else(|| self.by_something_else(&evidence)) {
            return EntryEvidence { worker: evidence.worker, ..EntryEvidence::unavailable(why) };
        }
        if evidence.attempts.is_empty() {
            // It says why; that there is something to judge it cannot say.
            evidence.outcome = EntryOutcome::Unavailable;
            return evidence;
        }
        evidence.outcome = EntryOutcome::of(&evidence.attempts, evidence.base.as_ref());
        let telling = evidence.attempts.iter().chain(&evidence.base).find(|attempt| !attempt.why.is_empty());
        let why = telling.map(|attempt| attempt.why.clone()).unwrap_or_default();
        evidence.why = if evidence.outcome == EntryOutcome::Passed { String::new() } else { why };
        // A worker whose disk or sandbox has failed it says so beside what it attempted.
        if claimed == EntryOutcome::Unavailable {
            evidence.outcome = EntryOutcome::Unavailable;
        }
        evidence
    }

    /// The name of its file is all that counts of where a worker has kept a log.
    fn log_of(&self, attempt: &EntryAttempt) -> PathBuf {
        let name = attempt.log.file_name().and_then(|name| name.to_str()).and_then(plain_file_name);
        self.logs.join(name.unwrap_or("nameless"))
    }

    /// What speaks against an attempt, whatever it came to.
    fn against(&self, attempt: &EntryAttempt) -> Option<(AttemptOutcome, String)> {
        let worker = self.worker;
        if FoundMachine::of(&attempt.machine).kind != Some(self.registered) && says_what_ran(attempt) {
            let (system, architecture) = self.registered;
            let registered = kind_of_machine(system, architecture);
            let why = format!(
                "{worker} registered as {registered}, and its machine says that it is `{}`",
                attempt.machine
            );
            return Some((AttemptOutcome::WrongMachine, why));
        }
        let arrived = std::fs::read(&attempt.log).map(Digest::of);
        if arrived.ok().as_ref() != Some(&attempt.log_digest) {
            let why = format!("the log that {worker} vouches for is not the one that has arrived");
            return Some((AttemptOutcome::Unavailable, why));
        }
        None
    }

    /// A worker of an older version knows no other executor than its own.
    fn by_something_else(&self, evidence: &EntryEvidence) -> Option<String> {
        let wrong = attempts(evidence).next().is_some() && !self.executor.is_meant(&evidence.executor);
        wrong.then(|| format!("{} ran it by `{}`, which was not asked for", self.worker, evidence.executor))
    }

    /// Evidence is for a tree, and for no other.
    fn of_other_trees(&self, evidence: &EntryEvidence) -> Option<String> {
        let same = |attempt: &EntryAttempt, expected: Option<(&CommitId, &TreeId)>| {
            expected == Some((&attempt.commit, &attempt.tree))
        };
        let tested = evidence.attempts.iter().all(|attempt| same(attempt, Some(self.tested)));
        let base = evidence.warm_up.iter().chain(&evidence.base).all(|attempt| same(attempt, self.base));
        let wrong = !tested || !base || attempts(evidence).count() > 4;
        wrong.then(|| format!("{} tested something else than it was given", self.worker))
    }
}

/// Whether the machine was asked at all: what ended before that says nothing of it.
fn says_what_ran(attempt: &EntryAttempt) -> bool {
    !matches!(attempt.outcome, AttemptOutcome::Unavailable | AttemptOutcome::Undecided)
}

/// A name that cannot lead anywhere.
pub(super) fn plain_file_name(name: &str) -> Option<&str> {
    let good = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (!name.is_empty() && name.len() <= 120 && !name.starts_with('.') && name.chars().all(good))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::placing::tests::planned;
    use super::*;
    use crate::matrix::CiPlan;

    const LINUX: (OperatingSystem, Architecture) = (OperatingSystem::Linux, Architecture::X64);

    fn plan() -> CiPlan {
        planned(
            "on: push\njobs: { test: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n",
            LINUX,
            &[],
        )
    }

    fn commit(letter: char) -> CommitId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn tree(letter: char) -> TreeId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    /// What a worker sends that has run the entry well; changed.
    fn evidence(logs: &Path, change: impl Fn(&mut serde_json::Value)) -> EntryEvidence {
        std::fs::write(logs.join("first.1.log"), "all is well").unwrap();
        let mut attempt = serde_json::json!({
            "outcome": "passed",
            "commit": commit('a'), "tree": tree('b'),
            "started": "2026-03-02T09:00:00Z", "duration_ms": 10,
            "machine": "Linux x86_64",
            "isolation": { "level": "namespaces", "network": false },
            "log": "/srv/worker/logs/first.1.log", "log_digest": Digest::of("all is well"),
            "steps": [{ "name": "x", "deed": "script", "outcome": "success" }],
        });
        change(&mut attempt);
        let whole = serde_json::json!({
            "outcome": "passed", "executor": "steps", "environment": Digest::of(""), "attempts": [attempt],
        });
        let mut evidence: EntryEvidence = serde_json::from_value(whole).unwrap();
        evidence.attempts[0].matrix = serde_json::json!({});
        evidence
    }

    /// What it comes to, and why.
    fn judged(change: impl Fn(&mut serde_json::Value)) -> (EntryOutcome, String) {
        judged_by(ExecutorChoice::Steps, change)
    }

    fn judged_by(
        executor: ExecutorChoice,
        change: impl Fn(&mut serde_json::Value),
    ) -> (EntryOutcome, String) {
        let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
        let expected = Expected {
            entry: plan.entries().next().unwrap(),
            tested: (&commit('a'), &tree('b')),
            base: None,
            worker: "deb",
            executor,
            registered: LINUX,
            logs: folder.path(),
        };
        let evidence = expected.judged(evidence(folder.path(), change));
        assert_eq!(evidence.worker.as_deref(), Some("deb"));
        (evidence.outcome, evidence.why)
    }

    #[test]
    fn a_pass_is_one_of_this_tree_with_this_log_on_the_machine_that_was_registered() {
        assert_eq!(judged(|_| ()), (EntryOutcome::Passed, String::new()));
        let refused: [(&str, serde_json::Value, &str); 5] = [
            ("machine", "Darwin arm64".into(), "deb registered as linux-x64"),
            ("tree", serde_json::json!(tree('c')), "something else than it was given"),
            ("commit", serde_json::json!(commit('c')), "something else than it was given"),
            ("log_digest", serde_json::json!(Digest::of("other")), "not the one that has arrived"),
            ("log", "/etc/passwd".into(), "not the one that has arrived"),
        ];
        for (field, value, why) in refused {
            let (outcome, said) = judged(|attempt| attempt[field] = value.clone());
            assert!(
                outcome == EntryOutcome::Unavailable && said.contains(why),
                "{field}: {outcome:?}, {said}"
            );
        }
        let (outcome, said) = judged_by(ExecutorChoice::Act, |_| ());
        assert_eq!(outcome, EntryOutcome::Unavailable);
        assert_eq!(said, "deb ran it by `steps`, which was not asked for");
        let idle = judged(|attempt| attempt["steps"] = serde_json::json!([])).0;
        assert_eq!(idle, EntryOutcome::NothingRan, "it says that it passed, and nothing ran");
    }

    #[test]
    fn a_name_of_a_log_leads_nowhere_else() {
        assert_eq!(plain_file_name("second.2.log"), Some("second.2.log"));
        for wrong in ["", ".", "..", "../x", "a/b", ".ssh", "a\0b", &"x".repeat(200)] {
            assert_eq!(plain_file_name(wrong), None, "{wrong}");
        }
    }
}
