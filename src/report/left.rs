//! What is left for people to do once everything is public, each with its command or its page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::advisory::ReportedAdvisory;
use super::waiver::Waiver;
use crate::by_hand;
use crate::ids::{BranchName, RepoName, StepName};
use crate::kinds::{DecisionKind, StepKind};
use crate::plan::{Plan, Step};
use crate::run::State;
use crate::steps::{OpenedPull, Output, TidiedBranches, merged_pulls};
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
    left.extend(outdated_mails(state));
    left.extend(later(plan));
    left.extend(outdated_pulls(plan, state));
    left.extend(branches(plan, state));
    left.extend(entries.iter().filter(|path| path.ends_with(".md")).map(|path| LeftToDo {
        what: format!("hand in `{path}` to RustSec's database"),
        how: Some("https://github.com/rustsec/advisory-db/pulls".to_owned()),
    }));
    left
}

/// The mails that were out when the release was amended, and say what was planned before.
fn outdated_mails(state: &State) -> impl Iterator<Item = LeftToDo> {
    let is_mail = |step: &&StepName| matches!(state.facts.outputs.get(step), Some(Output::Mail(_)));
    state.standing.iter().filter(is_mail).map(|step| LeftToDo {
        what: format!(
            "correct `{step}`, which was sent before the release was amended and says what was planned then"
        ),
        how: None,
    })
}

/// The branches that get the fixes after this release.
fn later(plan: &Plan) -> impl Iterator<Item = LeftToDo> {
    plan.inputs.release.lines.iter().filter_map(|line| {
        let when = line.later.as_ref()?;
        let what = format!("bring the fixes to `{}` of {}, which lacks them: {when}", line.branch, line.repo);
        Some(LeftToDo { what, how: None })
    })
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

/// The pull requests that were opened for what an amendment made otherwise, where none of now is from the same branch.
fn outdated_pulls(plan: &Plan, state: &State) -> Vec<LeftToDo> {
    let is_used = |before: &OpenedPull| {
        let mut pulls = state.facts.outputs.values().filter_map(|output| match output {
            Output::Pull(pull) => Some(pull),
            _ => None,
        });
        pulls.any(|pull| pull.repo == before.repo && pull.branch == before.branch)
    };
    let is_public = |before: &&OpenedPull| plan.inputs.catalog.repo(&before.repo).is_some();
    let outdated = state.facts.pulls_before.iter().filter(is_public).filter(|before| !is_used(before));
    let told = outdated.map(|pull| LeftToDo {
        what: format!("close {}, which the release does not need any more, unless it is closed", pull.url),
        how: Some(by_hand::close(&pull.repo, pull.number) + " --delete-branch"),
    });
    told.collect()
}

/// The branches of merged pull requests, those of a repository together. Where they were deleted, what is left of them.
fn branches(plan: &Plan, state: &State) -> Vec<LeftToDo> {
    let mut by_repo: BTreeMap<&RepoName, Vec<&BranchName>> = BTreeMap::new();
    let mut left = Vec::new();
    for target in &plan.targets {
        let subject = target.subject();
        match state.facts.output(StepKind::DeleteBranches, &subject) {
            Some(Output::Tidied(tidied)) => left.extend(moved(tidied)),
            _ => {
                for pull in merged_pulls(&state.facts, &subject) {
                    let home = plan.inputs.home_of(&pull.repo);
                    by_repo.entry(home).or_default().push(&pull.branch);
                }
            }
        }
    }
    left.extend(by_repo.into_iter().map(|(repo, branches)| LeftToDo {
        what: format!("delete {} in {repo}, unless GitHub has", counted(branches.len(), "merged branch")),
        how: Some(by_hand::delete_branches(repo, &branches)),
    }));
    left
}

/// Branches that were to be deleted, and stand somewhere else than where they were merged.
fn moved(tidied: &TidiedBranches) -> Vec<LeftToDo> {
    let told = tidied.left.iter().map(|(branch, head)| LeftToDo {
        what: format!(
            "look at the branch `{branch}` in {}: it is merged, and somebody moved it to {} afterwards",
            tidied.repo,
            head.short()
        ),
        how: None,
    });
    told.collect()
}
