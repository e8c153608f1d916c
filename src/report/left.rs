//! What is left for people to do once everything is public, each with its command or its page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::advisory::ReportedAdvisory;
use super::waiver::Waiver;
use crate::ids::{BranchName, RepoName};
use crate::kinds::{DecisionKind, StepKind};
use crate::plan::{Plan, Step};
use crate::run::State;
use crate::steps::Output;
use crate::wording::counted;

/// Something that is left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftToDo {
    /// What, as a request.
    pub what: String,
    /// The command as it is typed, or the page where it is done; nothing, where there is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
}

/// What is left once every advisory is public; nothing before.
pub(super) fn left_to_do(
    plan: &Plan,
    state: &State,
    advisories: &[ReportedAdvisory],
    waivers: &[Waiver],
    entries: &[String],
) -> Vec<LeftToDo> {
    let mut disclosing = plan.of_kind(StepKind::PublishAdvisory);
    if state.aborted.is_some() || !disclosing.all(|step| state.is_done(&step.name)) {
        return Vec::new();
    }
    let mut left: Vec<LeftToDo> =
        waivers.iter().filter_map(|waiver| of_a_waiver(plan, state, waiver)).collect();
    left.extend(advisories.iter().filter(|advisory| advisory.cve_owed).map(|advisory| LeftToDo {
        what: format!("wait for the CVE of {}, then resume: it is written in", advisory.id),
        how: advisory.url.clone(),
    }));
    left.extend(branches(plan, state));
    left.extend(entries.iter().filter(|path| path.ends_with(".md")).map(|path| LeftToDo {
        what: format!("hand in `{path}` to RustSec's database"),
        how: Some("https://github.com/rustsec/advisory-db/pulls".to_owned()),
    }));
    left
}

/// Where people said that the release continues, and somebody has to see to the rest.
fn of_a_waiver(plan: &Plan, state: &State, waiver: &Waiver) -> Option<LeftToDo> {
    let step = plan.step(&waiver.step)?;
    let means = step.kind.decision(DecisionKind::Waive)?.means;
    let is_left = matches!(
        step.kind,
        StepKind::Acknowledge
            | StepKind::Confirm
            | StepKind::PrepareMerge
            | StepKind::AwaitRelease
            | StepKind::AwaitRegistry
            | StepKind::PublishRelease
            | StepKind::VerifyAdvisory
            | StepKind::VerifyTarget
    );
    is_left.then(|| LeftToDo {
        what: format!("see to what {} waived, {}: {means}", waiver.by, step.name),
        how: page(plan, state, step),
    })
}

/// The page that a step is about: that of its release, its pull request or its advisory.
fn page(plan: &Plan, state: &State, step: &Step) -> Option<String> {
    let same = plan.steps().filter(|other| {
        other.subject.repo.is_some()
            && other.subject.repo == step.subject.repo
            && other.subject.branch == step.subject.branch
            || other.subject.advisory.is_some() && other.subject.advisory == step.subject.advisory
    });
    let pages = same.filter_map(|other| match state.facts.outputs.get(&other.name)? {
        Output::Released(released) => Some((0, released.url.clone())),
        Output::Pull(pull) => Some((1, pull.url.clone())),
        Output::Advisory(advisory) => Some((2, advisory.url.clone())),
        _ => None,
    });
    pages.min().map(|(_, url)| url)
}

/// The branches of merged pull requests, those of a repository together.
fn branches(plan: &Plan, state: &State) -> Vec<LeftToDo> {
    let mut by_repo: BTreeMap<&RepoName, Vec<&BranchName>> = BTreeMap::new();
    let merges = [
        (StepKind::OpenPull, StepKind::MergePatch),
        (StepKind::OpenBump, StepKind::MergeBump),
        (StepKind::OpenDevelopment, StepKind::MergeDevelopment),
    ];
    for (opens, merges) in merges {
        for step in plan.of_kind(opens) {
            let merged = state.facts.output(merges, &step.subject);
            if let (Some(Output::Pull(pull)), Some(Output::Merged(_))) =
                (state.facts.outputs.get(&step.name), merged)
            {
                let home = plan.inputs.catalog.repo(&pull.repo).map_or(&pull.repo, |repo| repo.home());
                by_repo.entry(home).or_default().push(&pull.branch);
            }
        }
    }
    let git = plan.inputs.catalog.endpoints.git.trim_end_matches('/');
    let told = by_repo.into_iter().map(|(repo, branches)| {
        let names: Vec<&str> = branches.iter().map(|branch| branch.as_str()).collect();
        LeftToDo {
            what: format!("delete {} in {repo}, unless GitHub has", counted(names.len(), "merged branch")),
            how: Some(format!("git push {git}/{repo}.git --delete {}", names.join(" "))),
        }
    });
    told.collect()
}
