//! `assess`: find out whether the branch is affected, with evidence, and which released versions carry it.
//!
//! Only hard evidence says "not affected", and even then a person decides: where the release file names the branches
//! of the fix, it has been decided there; where it does not, people are asked before a line is left out.

use super::error::StepError;
use super::facts::Decision;
use super::lines;
use super::local::{bring_branch, fetch_branch, in_store};
use super::output::{Output, Verdict};
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::git::{self, AssessRequest, Assessment, Picker};
use crate::ids::{CommitId, GhsaId, Login};
use crate::plan::{StepKind, Subject, Target};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let assessment = assessed(site).await?;
    let mut evidence: Vec<String> = assessment.evidence.iter().map(ToString::to_string).collect();
    let mut verdict = assessment.verdict.as_str();
    if assessment.verdict == git::Verdict::NotAffected && is_open_to_question(site)? {
        let by = site.facts.decided_by.get(&site.step.name).map_or("somebody", Login::as_str);
        match site.facts.decisions.get(&site.step.name) {
            None => return Ok(Made::Ask(question(site, &evidence))),
            Some(Decision::Waived { reason }) => evidence.push(format!("{by} left the branch out: {reason}")),
            Some(_) => {
                evidence.push(format!("{by} says that it is affected all the same"));
                verdict = git::Verdict::Affected.as_str();
            }
        }
    }
    let versions = lines::released_versions(site, site.target()?).await?;
    Ok(Made::Done(Output::Verdict(Verdict {
        verdict: verdict.to_owned(),
        evidence,
        versions: versions.iter().map(ToString::to_string).collect(),
    })))
}

async fn assessed(site: &Site) -> Result<Assessment, StepError> {
    let target = site.target()?;
    let head = site.facts.base(target).clone();
    bring_branch(site, &target.repo, &target.branch, &head).await?;
    let introduced = site.advisory()?.fix_in(&target.repo).map_or(Vec::new(), |fix| fix.introduced.clone());
    if !introduced.is_empty() {
        fetch_branch(site, &target.repo, &site.repo()?.default_branch).await?;
    }
    let request = AssessRequest { fix: fix_commits(site)?, introduced, head };
    in_store(site, &target.repo, move |store| Ok(Picker::new(store)?.assess(&request)?)).await
}

/// Whether the release file leaves it open which branches are affected. The default branch always takes the fix.
fn is_open_to_question(site: &Site) -> Result<bool, StepError> {
    let target = site.target()?;
    let named = site.advisory()?.fix_in(&target.repo).is_some_and(|fix| !fix.branches.is_empty());
    Ok(!named && target.branch != site.repo()?.default_branch)
}

/// Whether people left a branch out because the vulnerability of the advisory is not in it.
pub(super) fn is_left_out(site: &Site, target: &Target, advisory: &GhsaId) -> bool {
    let subject = Subject {
        advisory: Some(advisory.clone()),
        repo: Some(target.repo.clone()),
        branch: Some(target.branch.clone()),
    };
    let step = site.plan.find(StepKind::Assess, &subject).map(|step| &step.name);
    step.is_some_and(|step| matches!(site.facts.decisions.get(step), Some(Decision::Waived { .. })))
}

fn question(site: &Site, evidence: &[String]) -> Question {
    let (step, manager) = (&site.step.name, &site.inputs().release.manager);
    Question {
        kind: QuestionKind::Confirmation,
        text: format!(
            "{} seems not to be affected: {}. Is it, all the same?",
            site.target_subject(),
            evidence.join("; ")
        ),
        next: vec![
            format!("lockgate waive {step} --as {manager} --reason 'it is not affected, because …'"),
            format!("or, if it is affected: lockgate confirm {step} --as {manager}"),
        ],
    }
}

/// The commits of the fix that the step's advisory has in its repository.
pub(super) fn fix_commits(site: &Site) -> Result<Vec<CommitId>, StepError> {
    let fix = Subject { branch: None, ..site.subject().clone() };
    site.facts.commits(StepKind::ImportFix, &fix).cloned()
}
