//! What proves each target, for others to read: as JSON, and as test-result statements of in-toto
//! (<https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>, version 0.1).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::ids::{BranchName, RepoName};
use crate::jobs::TestEvidence;
use crate::kinds::StepKind;
use crate::plan::{Plan, Target};
use crate::run::State;
use crate::runner::EntryOutcome;
use crate::steps::{EntryFinding, MatrixEvidence, Standing};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// What proves one target.
#[derive(Debug, Serialize)]
pub struct ProvenTarget<'a> {
    /// The repository.
    pub repo: &'a RepoName,
    /// The branch.
    pub branch: &'a BranchName,
    /// What the suites of the catalog said of its tree.
    pub suites: &'a TestEvidence,
    /// What the project's own CI said of it, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<&'a MatrixEvidence>,
    /// Why people let it count although not all of it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<WaivedProof<'a>>,
}

/// A waiver of what was said of a tree.
#[derive(Debug, Serialize)]
pub struct WaivedProof<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// The targets that were proven so far, in the order of the plan.
#[must_use]
pub fn proven_targets<'a>(plan: &'a Plan, state: &'a State) -> Vec<ProvenTarget<'a>> {
    plan.targets.iter().filter_map(|target| proven(plan, state, target)).collect()
}

fn proven<'a>(plan: &Plan, state: &'a State, target: &'a Target) -> Option<ProvenTarget<'a>> {
    let (facts, subject) = (&state.facts, target.subject());
    let suites = facts.evidence(StepKind::Prove, &subject).ok()?;
    let step = plan.find(StepKind::Prove, &subject);
    let waived = step.and_then(|step| facts.waiver_of(&step.name, &suites.tree));
    Some(ProvenTarget {
        repo: &target.repo,
        branch: &target.branch,
        suites,
        matrix: facts.matrix_evidence(StepKind::Prove, &subject),
        waived: waived.map(|(reason, by)| WaivedProof { by, reason }),
    })
}

impl ProvenTarget<'_> {
    /// As an in-toto statement. A waiver turns no failure into a pass: `lockgate` adds it beside the result.
    #[must_use]
    pub fn statement(&self) -> Value {
        let named = |result: Verdict| -> Vec<String> {
            let suites = self.suites.results.iter().map(|suite| {
                let verdict = if suite.outcome.passed() { Verdict::Passed } else { Verdict::Failed };
                (verdict, format!("suite {}", suite.name))
            });
            let entries = self.matrix.iter().flat_map(|matrix| &matrix.attempted);
            let entries = entries.map(|entry| (verdict(entry), format!("{} {}", file(entry), entry.name)));
            suites.chain(entries).filter(|(found, _)| *found == result).map(|(_, name)| name).collect()
        };
        let (passed, warned, failed) =
            (named(Verdict::Passed), named(Verdict::Warned), named(Verdict::Failed));
        let result = match () {
            () if !failed.is_empty() || passed.is_empty() => "FAILED",
            () if !warned.is_empty() => "WARNED",
            () => "PASSED",
        };
        let mut digest = json!({ "gitTree": self.suites.tree });
        if let Some(matrix) = self.matrix {
            digest["gitCommit"] = json!(matrix.commit);
        }
        json!({
            "_type": STATEMENT,
            "subject": [{ "name": format!("{} {}", self.repo, self.branch), "digest": digest }],
            "predicateType": TEST_RESULT,
            "predicate": {
                "result": result,
                "configuration": self.configuration(),
                "passedTests": passed,
                "warnedTests": warned,
                "failedTests": failed,
                "annotations": { "waived": self.waived, "notAttempted": self.matrix.map(|matrix| &matrix.missing) },
            },
        })
    }

    /// What results depend on beside the tree: the workflow files, and each environment.
    fn configuration(&self) -> Vec<Value> {
        let entries = || self.matrix.iter().flat_map(|matrix| &matrix.attempted);
        let files: BTreeSet<&str> = entries().map(|entry| entry.workflow.as_str()).collect();
        let environments: BTreeSet<&str> = entries().map(|entry| entry.environment.as_str()).collect();
        let suites = (!self.suites.results.is_empty())
            .then(|| json!({ "name": "suites of the catalog", "uri": "catalog.toml" }));
        let files = files.into_iter().map(|file| json!({ "name": "workflow", "uri": file }));
        let environments = environments
            .into_iter()
            .map(|digest| json!({ "name": "environment", "digest": { "sha256": digest } }));
        suites.into_iter().chain(files).chain(environments).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Warned,
    Failed,
    /// It was no test after all.
    None,
}

fn verdict(entry: &EntryFinding) -> Verdict {
    let doubtful = entry.tests.as_ref().is_some_and(|tests| tests.failed > 0);
    match (&entry.standing, entry.outcome) {
        (_, EntryOutcome::NothingRan | EntryOutcome::Unavailable) => Verdict::None,
        (Standing::Proves, _) if doubtful => Verdict::Warned,
        (Standing::Proves, _) => Verdict::Passed,
        (_, EntryOutcome::Flaky) | (Standing::LetGo(_), _) => Verdict::Warned,
        (Standing::Holds, _) => Verdict::Failed,
    }
}

fn file(entry: &EntryFinding) -> &str {
    entry.workflow.rsplit('/').next().unwrap_or(&entry.workflow)
}
