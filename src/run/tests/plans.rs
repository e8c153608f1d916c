//! A small plan of real steps, and the names of some of them.

use std::path::Path;

use serde_json::json;

use crate::ids::{CommitId, RepoName, StepName};
use crate::kinds::Phase;
use crate::plan::{Plan, build};
use crate::planning::InputFiles;
use crate::snapshot::{AdvisoryState, RepoState, Snapshot};
use crate::steps::MovedHead;
use crate::workflow::PhaseRecipe;

/// What the small workflow does: something of each visibility, both gates, and a mail.
const PHASES: [(Phase, &[&str]); 6] = [
    (Phase::Respond, &["record-manager", "accept-report"]),
    (Phase::Assess, &["import-fix", "assess", "describe-advisory"]),
    (Phase::Prepare, &["backport", "stack"]),
    (Phase::Prove, &["prove", "gate:ready"]),
    (Phase::Release, &["gate:release-day", "publish-branch", "open-pull", "merge-patch"]),
    (Phase::Disclose, &["publish-advisory", "release-mail"]),
];

/// The fixture with one line, planned by the small workflow.
pub(super) fn small_plan() -> Plan {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conflict");
    let mut inputs = InputFiles::load(&fixture).unwrap().inputs().clone();
    inputs.catalog.repos[0].lines.retain(|line| line.as_str() == "release/2.x");
    inputs.workflow.phases = PHASES
        .iter()
        .map(|(name, steps)| PhaseRecipe {
            name: *name,
            steps: steps.iter().map(ToString::to_string).collect(),
        })
        .collect();
    let repos = inputs.catalog.repos.iter().map(|repo| {
        let branches = repo.branches().enumerate().map(|(number, branch)| {
            let version = (number > 0).then_some("2.0.0");
            let state = json!({"head": format!("{:040x}", number + 1), "version": version});
            (branch.clone(), serde_json::from_value(state).unwrap())
        });
        (repo.name.clone(), RepoState { branches: branches.collect(), ..RepoState::default() })
    });
    let advisories = inputs.release.advisories.iter().map(|advisory| {
        let state = AdvisoryState { state: "draft".into(), cve: None, private_fork: None };
        (advisory.id.clone(), state)
    });
    let taken = "2026-03-02T09:00:00Z".parse().unwrap();
    let snapshot = Snapshot {
        taken,
        repos: repos.collect(),
        advisories: advisories.collect(),
        committer: None,
        workers: Vec::new(),
    };
    build(inputs, snapshot).unwrap()
}

pub(super) fn name(text: &str) -> StepName {
    text.parse().unwrap()
}

/// The head of the plan's default branch, moved.
pub(super) fn moved() -> MovedHead {
    let repo: RepoName = "brightwater/gauge".parse().unwrap();
    let to: CommitId = "f".repeat(40).parse().unwrap();
    MovedHead { repo, branch: "main".parse().unwrap(), to }
}
