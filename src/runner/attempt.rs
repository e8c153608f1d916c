//! One attempt as it is kept.

use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::executor::{AttemptOrder, AttemptReport, EntryExecutor, StepRecord};
use super::judgement::{AttemptOutcome, judge};
use super::junit::{TestCases, found_below};
use super::missed_network::missed_network;
use crate::git::Store;
use crate::ids::{CommitId, Digest, TreeId};
use crate::jobs::{Isolation, without_a_test};
use crate::matrix::Object;

/// One attempt at one entry, on one tree, with all that makes it evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntryAttempt {
    /// What it came to.
    pub outcome: AttemptOutcome,
    /// Why, unless it passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The commit that was checked out.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The machine, as it was found inside the sandbox.
    pub machine: String,
    /// How far it was kept from the rest of the machine.
    pub isolation: Isolation,
    /// All that it printed.
    pub log: PathBuf,
    /// The digest of that.
    pub log_digest: Digest,
    /// What the JUnit files say that it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCases>,
    /// The matrix that was run, for a second judgement; who keeps evidence has it beside it.
    #[serde(skip)]
    pub matrix: serde_json::Value,
    /// The last lines of the log, without colours.
    #[serde(skip)]
    pub tail: Vec<String>,
    /// The steps in their order.
    pub steps: Vec<StepRecord>,
    /// The outputs of the job, for the jobs that need it.
    #[serde(skip)]
    pub outputs: Object,
}

/// Makes an attempt.
///
/// # Errors
/// When the log cannot be written or read: then there is no evidence.
pub async fn attempt(executor: &dyn EntryExecutor, order: AttemptOrder<'_>) -> std::io::Result<EntryAttempt> {
    let (started, since) = (Timestamp::now(), Instant::now());
    let report = executor.run(order).await;
    let (mut outcome, mut why) = judge(order.entry, &report);
    let tests = found_tests(&order);
    if outcome == AttemptOutcome::Passed
        && tests.as_ref().is_none_or(|tests| tests.tests <= tests.skipped)
        && let Some(said) = without_a_test(order.room.log())
    {
        (outcome, why) = (AttemptOutcome::NothingRan, format!("it ran no test: it says `{said}`"));
    }
    let missed = || missed_network(order.room.log());
    if let Some(said) = (outcome.is_failure() && !order.network).then(missed).flatten() {
        why += &format!("; it looked for the network: `{said}`");
    }
    let AttemptReport { matrix, machine, steps, outputs, .. } = report;
    order.room.note(&format!("\n[lockgate: {outcome:?}{}{why}]", if why.is_empty() { "" } else { ": " }))?;
    Ok(EntryAttempt {
        outcome,
        why,
        commit: order.tree.commit.clone(),
        tree: order.tree.tree.clone(),
        started,
        duration_ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        machine: machine.said,
        isolation: order.room.isolation(order.network),
        log: order.room.log().to_owned(),
        log_digest: order.room.log_digest()?,
        tests,
        matrix,
        tail: order.room.tail(),
        steps,
        outputs,
    })
}

/// What JUnit files say that are not of the tree itself.
fn found_tests(order: &AttemptOrder<'_>) -> Option<TestCases> {
    let known = || {
        let store = Store::open(&order.tree.repository).ok()?;
        let paths = store.paths(&order.tree.tree).ok()?;
        Some(paths.into_iter().filter(|path| path.ends_with(".xml")).collect())
    };
    found_below(&order.workspace.tree(), known)
}
