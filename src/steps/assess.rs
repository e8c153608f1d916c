//! `assess`: find out whether the branch is affected, with evidence, and which released versions carry it.
//!
//! Only hard evidence says "not affected", and even then a person decides; so does one where the evidence says no more
//! than "possibly". Where the release file names the branches of the fix, it has been decided there.

use semver::Version;

use super::error::StepError;
use super::facts::Decision;
use super::lines;
use super::local::{bring_branch, fetch_branch, in_store};
use super::output::{BranchDecision, Output, ReleasedVersion, Verdict};
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::git::{self, AssessRequest, Assessment, Picker};
use crate::ids::CommitId;
use crate::plan::{StepKind, Subject};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let (assessment, released) = assessed(site).await?;
    let evidence: Vec<String> = assessment.evidence.iter().map(ToString::to_string).collect();
    let decision = match decided(site, assessment.verdict)? {
        Answer::NotNeeded => None,
        Answer::Given(decision) => Some(decision),
        Answer::Wanted => return Ok(Made::Ask(question(site, assessment.verdict, &evidence))),
    };
    let mut verdict = Verdict {
        verdict: assessment.verdict.as_str().to_owned(),
        evidence,
        versions: Vec::new(),
        released,
        decision,
    };
    let carrying = verdict.known_versions().into_iter().filter(|(_, carries)| *carries);
    verdict.versions = carrying.map(|(version, _)| version.to_string()).collect();
    Ok(Made::Done(Output::Verdict(verdict)))
}

/// The verdict on the branch's head, and on each version that was released from it.
async fn assessed(site: &Site) -> Result<(Assessment, Vec<ReleasedVersion>), StepError> {
    let target = site.target()?;
    let head = site.facts.base(target).clone();
    bring_branch(site, &target.repo, &target.branch, &head).await?;
    let introduced = site.advisory()?.fix_in(&target.repo).map_or(Vec::new(), |fix| fix.introduced.clone());
    if !introduced.is_empty() {
        fetch_branch(site, &target.repo, &site.repo()?.default_branch).await?;
    }
    let tags: Vec<(Version, CommitId)> = lines::released_tags(site, target).await?;
    let request = AssessRequest { fix: fix_commits(site)?, introduced, head };
    in_store(site, &target.repo, move |store| {
        let mut picker = Picker::new(store)?;
        let assessment = picker.assess(&request)?;
        let mut released = Vec::new();
        for (version, head) in tags {
            let verdict = picker.assess(&AssessRequest { head, ..request.clone() })?.verdict;
            released.push(ReleasedVersion { version, verdict });
        }
        Ok((assessment, released))
    })
    .await
}

/// What people say to a verdict.
enum Answer {
    NotNeeded,
    Wanted,
    Given(BranchDecision),
}

fn decided(site: &Site, verdict: git::Verdict) -> Result<Answer, StepError> {
    let doubtful = matches!(verdict, git::Verdict::NotAffected | git::Verdict::Possibly);
    if !doubtful || !is_open_to_question(site)? {
        return Ok(Answer::NotNeeded);
    }
    let step = &site.step.name;
    let (Some(decision), Some(by)) = (site.facts.decisions.get(step), site.facts.decided_by.get(step)) else {
        return Ok(Answer::Wanted);
    };
    Ok(Answer::Given(match decision {
        Decision::Waived { reason } => BranchDecision::LeftOut { by: by.clone(), reason: reason.clone() },
        Decision::Confirmed | Decision::Resolved { .. } => BranchDecision::Affected { by: by.clone() },
    }))
}

/// Whether the release file leaves it open which branches are affected. The default branch always takes the fix.
fn is_open_to_question(site: &Site) -> Result<bool, StepError> {
    let target = site.target()?;
    let named = site.advisory()?.fix_in(&target.repo).is_some_and(|fix| !fix.branches.is_empty());
    Ok(!named && target.branch != site.repo()?.default_branch)
}

fn question(site: &Site, verdict: git::Verdict, evidence: &[String]) -> Question {
    let step = &site.step.name;
    let (found, asked) = match verdict {
        git::Verdict::NotAffected => ("seems not to be affected", "Is it, all the same?"),
        _ => ("is possibly affected", "Is it?"),
    };
    Question {
        kind: QuestionKind::Confirmation,
        text: format!(
            "{} {found}: {}. {asked} Confirmed, it gets the fix; waived, it is left out: no backport, no release for \
             it, and no range in the advisory.",
            site.target_subject(),
            evidence.join("; ")
        ),
        next: vec![
            format!("lockgate confirm {step} --as NAME"),
            format!(
                "or, if it is not affected: lockgate waive {step} --as NAME --reason 'it is not affected, because …'"
            ),
        ],
    }
}

/// The commits of the fix that the step's advisory has in its repository.
pub(super) fn fix_commits(site: &Site) -> Result<Vec<CommitId>, StepError> {
    let fix = Subject { branch: None, ..site.subject().clone() };
    site.facts.commits(StepKind::ImportFix, &fix).cloned()
}
