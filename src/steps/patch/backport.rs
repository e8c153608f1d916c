//! `backport`: carry the fix of one advisory to one branch, in memory; a conflict stops this target and no other.
//!
//! First alone; where that conflicts, on top of the earlier fixes of the branch that it was written on; then with what
//! other lines made of it.

use std::sync::Arc;

use super::assess::own_fix;
use super::carrying::{Carried, Helpers, Work};
use super::conflict::by_hand;
use super::foundation::{self, Foundation};
use super::help;
use super::help::Newer;
use super::left_out::is_left_out;
use super::lock_files;
use super::lock_files::RefusedLockFiles;
use super::own_notes;
use super::pull_series::remarks_on;
use super::resolution;
use super::resolution::Resolved;
use super::review;
use super::upward;
use super::written::{
    Fetched, OTHER_FIXES, Relation, WrittenFix, a_moment, behind, fixes_of, others_are_fetched,
};
use crate::git::Store;
use crate::ids::{CommitId, Login};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::local::{bring_branch, committer, in_store, made_ref};
use crate::steps::output::{Output, Patch};

/// What a conflicting backport waits for.
const NEWER_LINES: &str = "the newer lines' backports, which may settle the conflict here";
/// What one waits for that does not apply alone.
const EARLIER_FIXES: &str = "the backports of the fixes that it was written on";

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let waits = context.facts.waiting_since.contains_key(&context.step.name);
    if waits && help::newer(context)? == Newer::UnderWay {
        return Ok(Observed::Wait(a_moment(context, NEWER_LINES)));
    }
    // Local and repeatable: the same fix on the same head gives the same commits.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let advisory = context.advisory_id()?.clone();
    let base = context.facts.base(target).clone();
    bring_branch(context, &target.repo, &target.branch, &base).await?;
    let brought = upward::comes_from(context, &advisory)?.is_some();
    if brought || is_left_out(&context.plan, &context.facts, target, &advisory) {
        let head = base.clone();
        let nothing = in_store(context, &target.repo, move |store| Ok(Patch::nothing(store, &head)?));
        return Ok(Applied::Done(Output::Patch(nothing.await?)));
    }
    let given = match context.facts.decisions.get(&context.step.name) {
        Some(Decision::Resolved { commit, proposed }) => Some((commit.clone(), proposed.clone())),
        _ => resolution::pushed(context).await?.map(|commit| (commit, Vec::new())),
    };
    let fix = own_fix(context)?;
    let carried = match given {
        Some((commit, proposed)) => {
            Applied::Done(Output::Patch(resolved(context, fix, commit, &proposed).await?))
        }
        None => carried(context, fix, base).await?,
    };
    Ok(match carried {
        Applied::Done(Output::Patch(mut patch)) => {
            patch.review.extend(remarks_on(context));
            Applied::Done(Output::Patch(patch))
        }
        other => other,
    })
}

/// What people made of it.
async fn resolved(
    context: &StepContext,
    fix: WrittenFix,
    commit: CommitId,
    proposed: &[String],
) -> Result<Patch, StepError> {
    let by = context.facts.decided_by.get(&context.step.name).map_or("a person", Login::as_str);
    let mut told = format!("{by} resolved a conflict here, up to {}", commit.short());
    if !proposed.is_empty() {
        told = format!("{told}, beginning from mergiraf's proposal for {}", proposed.join(", "));
    }
    let base = context.facts.base(context.target()?).clone();
    let (others, committer) = (fixes_of(context, context.target()?), committer(context)?);
    let kept = made_ref(context);
    in_store(context, &context.repo()?.name, move |store| {
        let others: Vec<WrittenFix> =
            others.into_iter().filter(|other| other.advisory != fix.advisory).collect();
        let of = Resolved { base: &base, advisory: &fix.advisory, fix: &fix.commits, others: &others };
        let resolution = resolution::accepted(store, &of, &commit, &committer)?;
        store.set_own_ref(&kept, &resolution.head, "backport")?;
        let mut review = vec![told];
        review.extend(told_of(store, &resolution)?);
        let tree = store.tree_of(&resolution.head)?;
        review.push(review::against_fix(store, &fix.commits, &store.tree_of(&base)?, &tree)?);
        Ok(Patch {
            base,
            commits: resolution.commits,
            head: resolution.head,
            tree,
            review,
            resolved: Some(commit),
        })
    })
    .await
}

/// What a resolution is beside what it carries, a sentence each.
fn told_of(store: &Store, resolution: &resolution::Resolution) -> Result<Vec<String>, StepError> {
    let mut told: Vec<String> = resolution.brought_up().into_iter().collect();
    if let Some(merged) = &resolution.merged {
        told.push(format!(
            "the resolution {} is a merge; what it changes here is one commit",
            merged.short()
        ));
    }
    for commit in &resolution.unnamed {
        let subject = store.commit_info(commit)?;
        told.push(format!(
            "no commit of the resolution names commit {} of the fix, \"{}\": the resolution is taken as the whole fix",
            commit.short(),
            subject.subject()
        ));
    }
    Ok(told)
}

/// What carrying it comes to.
async fn carried(context: &StepContext, fix: WrittenFix, base: CommitId) -> Result<Applied, StepError> {
    if others_are_fetched(context)? == Fetched::UnderWay {
        return Ok(Applied::Wait(a_moment(context, OTHER_FIXES)));
    }
    let earlier = foundation::earlier(context, &fix).await?;
    let mut lock_files = lock_files::of(context.repo()?);
    let mut work = Work {
        fix,
        base,
        committer: committer(context)?,
        noise: help::noise(context.repo()?),
        regenerated: help::regenerated(context)?,
        joining: own_notes::joining(context)?,
        beneath: Vec::new(),
        helpers: Helpers::default(),
    };
    if !earlier.iter().any(|one| one.relation == Some(Relation::Shares)) {
        let alone = Arc::new(work);
        if let Carried::All(patch) = alone.carried(context, &mut lock_files).await? {
            return Ok(Applied::Done(Output::Patch(patch)));
        }
        work = own(alone)?;
    }
    work.beneath = match foundation::foundation(context, &work.fix, &earlier) {
        Foundation::Ready(beneath) => beneath,
        Foundation::UnderWay => return Ok(Applied::Wait(a_moment(context, EARLIER_FIXES))),
        // People have to settle what the fix was written on before anything can be said about it.
        Foundation::Behind(step) => {
            let what = format!("`{step}`, on whose fix this one was written");
            return Ok(Applied::Wait(behind(context, step, &what)));
        }
    };
    if !work.beneath.is_empty() {
        let stacked = Arc::new(work);
        if let Carried::All(patch) = stacked.carried(context, &mut lock_files).await? {
            return Ok(Applied::Done(Output::Patch(patch)));
        }
        work = own(stacked)?;
    }
    // Half of the help would make the result a matter of luck.
    if help::newer(context)? == Newer::UnderWay {
        return Ok(Applied::Wait(a_moment(context, NEWER_LINES)));
    }
    work.helpers = Helpers {
        newer: help::made_by_newer(context)?,
        settled: help::settled_elsewhere(context).await?,
        proposer: context.world.proposer.clone(),
    };
    Ok(match Arc::new(work).carried(context, &mut lock_files).await? {
        Carried::All(patch) => Applied::Done(Output::Patch(patch)),
        Carried::Conflict(conflict) => Applied::Ask(conflict.question(context)),
        Carried::Refused(refusal) => Applied::Ask(without_lock_files(context, &refusal)),
    })
}

/// The work back from the threads that it was lent to.
fn own(work: Arc<Work>) -> Result<Work, StepError> {
    Arc::try_unwrap(work).map_err(|_| StepError::internal("a backport is still under way".to_owned()))
}

/// The command that should have written the only conflicting files did not.
fn without_lock_files(context: &StepContext, refusal: &RefusedLockFiles) -> Question {
    let mut next = vec![lock_files::again()];
    next.extend(by_hand(context));
    Question {
        kind: QuestionKind::Conflict { paths: refusal.files.clone(), begin: None },
        text: refusal.text(context),
        next,
    }
}
