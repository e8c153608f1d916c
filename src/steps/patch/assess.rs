//! `assess`: find out whether the branch is affected, with evidence.
//!
//! Only hard evidence says "not affected", and even then a person decides; so does one where the evidence says no more
//! than "possibly". Where the release file names the branches of the fix, it has been decided there.

use std::sync::Arc;

use super::left_out::verdict_on;
use super::written::{
    Fetched, OTHER_FIXES, Relation, WrittenFix, a_moment, behind, fixes_in, in_order, others_are_fetched,
    relation,
};
use crate::backport;
use crate::backport::{AssessRequest, Assessment};
use crate::ids::{CommitId, GhsaId, StepName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Subject;
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::local::{bring_branch, fetch_branch, in_store};
use crate::steps::output::{BranchDecision, BranchVerdict, Output};

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let assessment = assessed(context).await?;
    let doubtful = matches!(assessment.verdict, backport::Verdict::NotAffected | backport::Verdict::Possibly);
    if doubtful && others_are_fetched(context)? == Fetched::UnderWay {
        return Ok(Applied::Wait(a_moment(context, OTHER_FIXES)));
    }
    let evidence: Vec<String> = assessment.evidence.iter().map(ToString::to_string).collect();
    let decision = match decided(context, assessment.verdict)? {
        Judgement::NotNeeded => None,
        Judgement::Given(decision) => Some(decision),
        Judgement::Wanted => match asked_with(context)? {
            AskedWith::Decided(decision) => Some(decision),
            AskedWith::Waiting(step) => {
                let what = format!("the answer to `{step}`, which is about the same commits");
                return Ok(Applied::Wait(behind(context, step, &what)));
            }
            AskedWith::Nobody => return Ok(Applied::Ask(question(context, assessment.verdict, &evidence)?)),
        },
    };
    Ok(Applied::Done(Output::Verdict(BranchVerdict {
        verdict: assessment.verdict.as_str().to_owned(),
        evidence,
        versions: Vec::new(),
        released: Vec::new(),
        decision,
    })))
}

/// The verdict on the branch's head.
async fn assessed(context: &StepContext) -> Result<Assessment, StepError> {
    let target = context.target()?;
    let head = context.facts.base(target).clone();
    bring_branch(context, &target.repo, &target.branch, &head).await?;
    let introduced =
        context.advisory()?.fix_in(&target.repo).map_or(Vec::new(), |fix| fix.introduced.clone());
    if !introduced.is_empty() {
        fetch_branch(context, &target.repo, &context.repo()?.default_branch).await?;
    }
    let fix = own_fix(context)?;
    let beneath = written_before(context, &fix).await?;
    let request = AssessRequest { fix: fix.commits, introduced, head, beneath };
    let world = Arc::clone(&context.world);
    in_store(context, &target.repo, move |store| {
        Ok(world.assessors.with(store, |assessor| assessor.assess(&request))?)
    })
    .await
}

/// The commits of the fixes in the step's repository that a fix was written on, oldest first.
pub(in crate::steps) async fn written_before(
    context: &StepContext,
    fix: &WrittenFix,
) -> Result<Vec<CommitId>, StepError> {
    let (all, fix) = (fixes_in(context, &context.repo()?.name), fix.clone());
    if all.len() < 2 {
        return Ok(Vec::new());
    }
    let world = Arc::clone(&context.world);
    in_store(context, &context.repo()?.name, move |store| {
        let mut commits = Vec::new();
        for earlier in in_order(store, &world.kinships, all)? {
            if relation(store, &world.kinships, &earlier, &fix)? == Some(Relation::OnTop) {
                commits.extend(earlier.commits);
            }
        }
        Ok(commits)
    })
    .await
}

/// What people say to a verdict.
enum Judgement {
    NotNeeded,
    Wanted,
    Given(BranchDecision),
}

fn decided(context: &StepContext, verdict: backport::Verdict) -> Result<Judgement, StepError> {
    let doubtful = matches!(verdict, backport::Verdict::NotAffected | backport::Verdict::Possibly);
    if !doubtful || !is_open_to_question(context)? {
        return Ok(Judgement::NotNeeded);
    }
    let step = &context.step.name;
    let (Some(decision), Some(by)) = (context.facts.decisions.get(step), context.facts.decided_by.get(step))
    else {
        return Ok(Judgement::Wanted);
    };
    Ok(Judgement::Given(match decision {
        Decision::Waived { reason } => BranchDecision::LeftOut { by: by.clone(), reason: reason.clone() },
        Decision::Confirmed | Decision::SendAgain | Decision::Resolved { .. } => {
            BranchDecision::Affected { by: by.clone() }
        }
    }))
}

/// The step of an earlier advisory that asks the same: one commit may fix several.
enum AskedWith {
    Nobody,
    /// People have not answered it yet.
    Waiting(StepName),
    Decided(BranchDecision),
}

fn asked_with(context: &StepContext) -> Result<AskedWith, StepError> {
    let (own, target) = (context.advisory_id()?, context.target()?);
    for earlier in of_the_same(context)?.iter().take_while(|id| *id != own) {
        let Some(step) = context.plan.find(StepKind::Assess, &target.subject_for(earlier)) else { continue };
        match verdict_on(&context.plan, &context.facts, target, earlier) {
            None => return Ok(AskedWith::Waiting(step.name.clone())),
            Some(BranchVerdict { decision: Some(decision), .. }) => {
                return Ok(AskedWith::Decided(decision.clone()));
            }
            Some(_) => {}
        }
    }
    Ok(AskedWith::Nobody)
}

/// The advisories of the branch that the same commits fix and the same commits brought, the step's own among them, as the release
/// file lists them.
fn of_the_same(context: &StepContext) -> Result<Vec<GhsaId>, StepError> {
    let (target, fix) = (context.target()?, own_fix(context)?);
    let introduced = |advisory: &GhsaId| {
        let advisory = context.inputs().release.advisory(advisory)?;
        Some(&advisory.fix_in(&target.repo)?.introduced)
    };
    let brought = introduced(&fix.advisory);
    let is_same = |other: &WrittenFix| {
        other.commits == fix.commits
            && introduced(&other.advisory) == brought
            && target.advisories.contains(&other.advisory)
    };
    Ok(fixes_in(context, &target.repo).into_iter().filter(is_same).map(|other| other.advisory).collect())
}

/// Whether the release file leaves it open which branches are affected. The default branch always takes the fix.
fn is_open_to_question(context: &StepContext) -> Result<bool, StepError> {
    let target = context.target()?;
    let named = context.advisory()?.fix_in(&target.repo).is_some_and(|fix| !fix.branches.is_empty());
    Ok(!named && target.branch != context.repo()?.default_branch)
}

fn question(
    context: &StepContext,
    verdict: backport::Verdict,
    evidence: &[String],
) -> Result<Question, StepError> {
    let mut same = of_the_same(context)?;
    same.retain(|advisory| Some(advisory) != context.step.subject.advisory.as_ref());
    let same: Vec<&str> = same.iter().map(GhsaId::as_str).collect();
    let for_all = match &same[..] {
        [] => String::new(),
        same => format!(" The answer counts for {} as well, which the same commits fix.", same.join(" and ")),
    };
    let (found, asked) = match verdict {
        backport::Verdict::NotAffected => ("seems not to be affected", "Is it, all the same?"),
        _ => ("is possibly affected", "Is it?"),
    };
    Ok(Question {
        kind: QuestionKind::Confirmation,
        text: format!(
            "{} {found}: {}. {asked} Confirmed, it gets the fix; waived, it is left out: no backport, no release for \
             it, and no range in the advisory.{for_all}",
            context.target_subject(),
            evidence.join("; ")
        ),
        next: vec![
            Advice::then("if it is affected", NextAction::Confirm { step: context.step.name.clone() }),
            Advice::then(
                "if it is not",
                NextAction::Waive {
                    step: context.step.name.clone(),
                    reason: Some("it is not affected, because …".to_owned()),
                },
            ),
        ],
    })
}

/// The fix that the step's advisory has in its repository.
pub(in crate::steps) fn own_fix(context: &StepContext) -> Result<WrittenFix, StepError> {
    Ok(WrittenFix { advisory: context.advisory_id()?.clone(), commits: fix_commits(context)? })
}

/// The commits of the fix that the step's advisory has in its repository.
pub(in crate::steps) fn fix_commits(context: &StepContext) -> Result<Vec<CommitId>, StepError> {
    let fix = Subject { branch: None, ..context.subject().clone() };
    context.facts.commits(StepKind::ImportFix, &fix).cloned()
}
