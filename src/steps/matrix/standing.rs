//! What of a matrix holds a target up: the rule of the catalog over what entries came to.

use std::collections::BTreeMap;

use super::project::{ProjectMatrix, why_not};
use crate::catalog::MatrixRule;
use crate::ids::CommitId;
use crate::matrix::{CiEntry, EntryVerdict, Value, as_json};
use crate::runner::{Crew, EntryAttempt, EntryEvidence, EntryOutcome, MatrixRun};
use crate::steps::matrix_evidence::{EntryFinding, KeptLog, MatrixEvidence, MissingEntries, Standing};

const MAY_BE_MISSING: &str = "`may-be-missing` of the catalog lets it go";
const NOT_REQUIRED: &str = "not among `required` of the catalog";
const WORKFLOW: &str = "the workflow lets it fail";

/// The evidence of a run.
pub(super) fn evidence(
    run: &MatrixRun,
    matrix: &ProjectMatrix<'_>,
    rule: &MatrixRule,
    commit: &CommitId,
    crew: Option<&dyn Crew>,
) -> MatrixEvidence {
    let (mut attempted, mut missing) = (Vec::new(), BTreeMap::<(Standing, String), Vec<String>>::new());
    for (entry, found) in run.entries() {
        match found {
            Some(found) => attempted.push(finding(rule, entry, found)),
            None => {
                let key = (of_missing(rule, entry), why_not(entry, matrix.chooses(entry), crew));
                missing.entry(key).or_default().push(entry.name.clone());
            }
        }
    }
    let missing = missing.into_iter().map(|((standing, why), names)| MissingEntries { why, standing, names });
    MatrixEvidence {
        event: matrix.starts.then(|| matrix.event.to_string()),
        commit: commit.clone(),
        attempted,
        missing: missing.collect(),
    }
}

fn finding(rule: &MatrixRule, entry: &CiEntry, found: &EntryEvidence) -> EntryFinding {
    let (first, last) = (found.attempts.first(), found.attempts.last());
    let logs = found.attempts.iter().chain(&found.base);
    let log =
        |attempt: &EntryAttempt| KeptLog { path: attempt.log.clone(), digest: attempt.log_digest.clone() };
    let passed = found.outcome == EntryOutcome::Passed;
    EntryFinding {
        workflow: entry.workflow.clone(),
        job: entry.job.clone(),
        name: entry.name.clone(),
        matrix: as_json(&Value::object(entry.matrix.clone())),
        outcome: found.outcome,
        why: found.why.clone(),
        standing: standing(rule, entry, found),
        executor: found.executor.clone(),
        worker: found.worker.clone(),
        environment: found.environment.clone(),
        machine: first.map(|first| first.machine.clone()).unwrap_or_default(),
        isolation: first.map(|first| first.isolation.clone()),
        duration_ms: found.attempts.iter().map(|attempt| attempt.duration_ms).sum(),
        logs: logs.map(log).collect(),
        tail: first.filter(|_| !passed).map(|first| first.tail.clone()).unwrap_or_default(),
        tests: last.and_then(|last| last.tests.clone()),
    }
}

/// What an entry means for which something was found. One that nothing could be tried of, since the disk refused, is not let
/// go by default.
fn standing(rule: &MatrixRule, entry: &CiEntry, found: &EntryEvidence) -> Standing {
    let (name, job) = (entry.name.as_str(), entry.job.as_str());
    if found.attempts.is_empty() && !rule.lets_go(name, job) {
        return Standing::Holds;
    }
    of_outcome(rule, (name, job), found.outcome, found.may_fail)
}

/// What an entry that was attempted means. What the change broke is never let go by a rule.
fn of_outcome(
    rule: &MatrixRule,
    (name, job): (&str, &str),
    outcome: EntryOutcome,
    workflow_allows: bool,
) -> Standing {
    let go = |by: &str| Standing::LetGo(by.to_owned());
    let does_not_work =
        matches!(outcome, EntryOutcome::FailsOnBase | EntryOutcome::NothingRan | EntryOutcome::Unavailable);
    let could_run = !matches!(outcome, EntryOutcome::NothingRan | EntryOutcome::Unavailable);
    match outcome {
        EntryOutcome::Passed => Standing::Proves,
        EntryOutcome::BrokenByChange => Standing::Holds,
        _ if does_not_work && rule.lets_go(name, job) => go(MAY_BE_MISSING),
        _ if !rule.requires(name, job, could_run) => go(if could_run { NOT_REQUIRED } else { "" }),
        _ if workflow_allows && outcome.is_failure() => go(WORKFLOW),
        _ => Standing::Holds,
    }
}

/// What an entry means that was not attempted. What no event starts holds nothing up.
fn of_missing(rule: &MatrixRule, entry: &CiEntry) -> Standing {
    let (name, job) = (&entry.name, &entry.job);
    // That a job before it failed is held against that job.
    let starts = entry.may_start() || entry.verdict() == EntryVerdict::Invalid;
    match starts && rule.requires(name, job, false) {
        true if rule.lets_go(name, job) => Standing::LetGo(MAY_BE_MISSING.to_owned()),
        true => Standing::Holds,
        false => Standing::LetGo(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(rule: &str, outcome: EntryOutcome, workflow_allows: bool) -> Standing {
        of_outcome(&toml::from_str(rule).unwrap(), ("test (1)", "test"), outcome, workflow_allows)
    }

    fn go(by: &str) -> Standing {
        Standing::LetGo(by.to_owned())
    }

    #[test]
    fn without_a_word_of_the_catalog_all_that_could_run_must_pass() {
        let of = |outcome| standing("", outcome, false);
        assert_eq!(of(EntryOutcome::Passed), Standing::Proves);
        for outcome in [EntryOutcome::Flaky, EntryOutcome::Failed, EntryOutcome::FailsOnBase] {
            assert_eq!(of(outcome), Standing::Holds, "{outcome:?}");
        }
        for outcome in [EntryOutcome::NothingRan, EntryOutcome::Unavailable] {
            assert_eq!(of(outcome), go(""), "{outcome:?}");
        }
    }

    #[test]
    fn what_the_change_broke_is_let_go_by_nobody() {
        for rule in ["required = ['lint']", "may-be-missing = ['test*']"] {
            assert_eq!(standing(rule, EntryOutcome::BrokenByChange, true), Standing::Holds, "{rule}");
        }
    }

    #[test]
    fn catalog_and_workflow_let_go_what_they_name() {
        let missing = "may-be-missing = ['test*']";
        assert_eq!(standing(missing, EntryOutcome::FailsOnBase, false), go(MAY_BE_MISSING));
        assert_eq!(standing(missing, EntryOutcome::Failed, false), Standing::Holds);
        assert_eq!(standing("required = ['lint']", EntryOutcome::Failed, false), go(NOT_REQUIRED));
        assert_eq!(standing("required = ['test*']", EntryOutcome::NothingRan, false), Standing::Holds);
        assert_eq!(standing("", EntryOutcome::Failed, true), go(WORKFLOW));
        assert_eq!(standing("", EntryOutcome::Flaky, true), Standing::Holds, "a flaky one needs a reason");
    }
}
