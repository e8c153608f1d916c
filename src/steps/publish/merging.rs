//! Merging a public pull request: only at the expected head, adopted if somebody merged it, and never retried blindly.

use super::answer::{patiently, soon, then_resume, then_resume_or_waive};
use super::by_hand;
use super::queue::{self, QueueLook};
use crate::egress::Permit;
use crate::github::{self, Class, MergeRequest, Mergeable, PullRequest, PullState};
use crate::ids::{BranchName, CommitId};
use crate::steps::context::{Applied, Question, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{MergedPull, OpenedPull, Output};
use crate::steps::patch::remote_head::public_head;

/// What a pull request allows now.
#[derive(Debug)]
pub(in crate::steps) enum MergeReadiness {
    /// It is merged, with this result.
    Merged(Output),
    /// It can be merged at this head.
    Ready(PullRequest),
    /// A rule requires its branch to contain its base first.
    Behind(PullRequest),
    /// GitHub has not computed it yet.
    Soon(Wait),
    /// People must look.
    Ask(Question),
}

/// Looks at the pull request.
pub(in crate::steps) async fn look(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
) -> Result<MergeReadiness, StepError> {
    let pull = context.sight.see_pull(&context.world.github, opened).await?;
    ready(context, opened, base, pull).await
}

/// The pull request as the look before this act saw it. GitHub merges it only at the head that was seen.
pub(in crate::steps) async fn as_seen(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
) -> Result<MergeReadiness, StepError> {
    let pull = context.sight.seen_pull(&context.world.github, opened).await?;
    ready(context, opened, base, pull).await
}

async fn ready(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    pull: Option<PullRequest>,
) -> Result<MergeReadiness, StepError> {
    let Some(pull) = pull else {
        if context.may_lag() {
            let wait = soon(context, format!("GitHub to show {} again, which was opened", opened.url));
            return Ok(MergeReadiness::Soon(wait));
        }
        return Ok(MergeReadiness::Ask(then_resume(format!(
            "{} is not there, or this token may not see it any more; give it a token that does",
            opened.url
        ))));
    };
    if pull.base.branch != *base && pull.state != PullState::Closed {
        return of_another_base(context, opened, base, &pull).await;
    }
    Ok(match (&pull.state, pull.mergeable) {
        (PullState::Merged(commit), _) => {
            MergeReadiness::Merged(merged(context, opened, base, commit.clone()).await?)
        }
        (PullState::Closed, _) => MergeReadiness::Ask(then_resume(by_hand::reopened(context, opened).await?)),
        (PullState::Open, Mergeable::Unknown) => {
            match patiently(context, format!("GitHub to compute whether {} can be merged", opened.url)) {
                Ok(wait) => MergeReadiness::Soon(wait),
                Err(question) => MergeReadiness::Ask(question),
            }
        }
        (PullState::Open, Mergeable::No) => MergeReadiness::Ask(then_resume(format!(
            "{} conflicts with `{base}`; nothing was merged; see what changed in `{base}`; resolve the conflict on the \
             pull request's branch, or abort the release",
            opened.url
        ))),
        (PullState::Open, Mergeable::Yes) if pull.mergeable_state.as_deref() == Some("behind") => {
            MergeReadiness::Behind(pull)
        }
        (PullState::Open, Mergeable::Yes) => match queue::look(context, opened, base, pull).await? {
            QueueLook::Free(pull) => MergeReadiness::Ready(pull),
            QueueLook::Soon(wait) => MergeReadiness::Soon(wait),
            QueueLook::Ask(question) => MergeReadiness::Ask(question),
        },
    })
}

/// The pull request leads to another branch than the one that it was opened for: somebody changed it, or GitHub did, since its
/// branch was renamed or deleted.
async fn of_another_base(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    pull: &PullRequest,
) -> Result<MergeReadiness, StepError> {
    let now = &pull.base.branch;
    if pull.state == PullState::Open {
        return Ok(MergeReadiness::Ask(then_resume(format!(
            "{} leads to `{now}` now, and was opened for `{base}`; nothing was merged; change its base back to `{base}` on \
             its page",
            opened.url
        ))));
    }
    let (head, wanted) = (public_head(context, &opened.repo, base).await?, opened.head.clone());
    let at = head.clone();
    let is_there = in_store(context, &opened.repo, move |store| {
        Ok(store.has_commit(&wanted) && store.is_ancestor(&wanted, &at)?)
    });
    if is_there.await? {
        return Ok(MergeReadiness::Merged(merged(context, opened, base, Some(head)).await?));
    }
    Ok(MergeReadiness::Ask(then_resume(format!(
        "{} was merged into `{now}`, and was opened for `{base}`, which lacks it; nothing else was merged or released; take \
         it out of `{now}` if it does not belong there, and merge its branch at {} into `{base}`",
        opened.url,
        opened.head.short()
    ))))
}

/// The result of a merge. GitHub does not always say which commit it became; then it is the head of the branch.
pub(in crate::steps) async fn merged(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    commit: Option<CommitId>,
) -> Result<Output, StepError> {
    let commit = match commit {
        Some(commit) => commit,
        None => context.world.github.branch_head(&opened.repo, base).await?.ok_or_else(|| {
            let gone =
                StepError::input(format!("`{}` has no branch `{base}`", opened.repo), "restore the branch");
            gone.may_pass()
        })?,
    };
    Ok(Output::Merged(MergedPull { commit, at: context.world.clock.now() }))
}

/// A merge by the method of the step's target.
pub(in crate::steps) fn request(context: &StepContext, head: &CommitId) -> Result<MergeRequest, StepError> {
    let method = context.plan.merge_method(context.target()?);
    Ok(MergeRequest { head: head.clone(), method, title: None, message: None })
}

/// Merges. Where GitHub refuses for a reason that people can remove, they are asked; it is not retried.
pub(in crate::steps) async fn merge(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    request: &MergeRequest,
    permit: &Permit,
) -> Result<Applied, StepError> {
    if queue::leads_through(context, opened, base).await? {
        return queue::enqueue(context, opened, base, &request.head, permit).await;
    }
    match context.world.github.merge_pull(&opened.repo, opened.number, request, permit).await {
        Ok(github::MergeResult::Merged(commit)) => {
            Ok(Applied::Done(merged(context, opened, base, Some(commit)).await?))
        }
        Ok(github::MergeResult::AlreadyMerged(commit)) => {
            Ok(Applied::Done(merged(context, opened, base, commit).await?))
        }
        // A queue that this token could not read about before.
        Err(error) if wants_queue(&error.class) => {
            queue::enqueue(context, opened, base, &request.head, permit).await
        }
        Err(error) => match obstacle(&error.class) {
            Some(Obstacle::Passing) => {
                Ok(Applied::Wait(soon(context, format!("`{base}` to settle: it moved at the same time"))))
            }
            Some(Obstacle::Pushed) => {
                Ok(refused(opened, &error.class, &by_hand::after_a_push(context, opened)))
            }
            // It was shown as one that can be merged: one of the two answers is of earlier. So it is where a merge was carried out
            // and its answer lost.
            Some(Obstacle::ForPeople(_)) if error.class == Class::NotMergeable && context.may_lag() => {
                let what = format!("GitHub to settle whether {} is merged, or why it cannot be", opened.url);
                Ok(Applied::Wait(soon(context, what)))
            }
            Some(Obstacle::ForPeople(remedy)) => Ok(refused(opened, &error.class, remedy)),
            None => Err(error.into()),
        },
    }
}

fn refused(opened: &OpenedPull, class: &Class, remedy: &str) -> Applied {
    Applied::Ask(then_resume(format!(
        "GitHub refuses to merge {}: {class}; nothing was merged; {remedy}",
        opened.url
    )))
}

/// Whether GitHub says that merges go through a queue.
fn wants_queue(class: &Class) -> bool {
    match class {
        Class::NotAllowed { message } | Class::RuleViolation { message } => {
            message.to_lowercase().contains("merge queue")
        }
        _ => false,
    }
}

/// What stands in the way of a merge.
#[derive(Debug, PartialEq, Eq)]
enum Obstacle {
    /// It passes.
    Passing,
    /// Somebody pushed to the branch that was to be merged.
    Pushed,
    /// People can remove it, in this way.
    ForPeople(&'static str),
}

fn obstacle(class: &Class) -> Option<Obstacle> {
    Some(match class {
        Class::BaseModified => Obstacle::Passing,
        Class::NotMergeable => {
            Obstacle::ForPeople("see on its page what conflicts, or whether it is a draft")
        }
        Class::HeadModified => Obstacle::Pushed,
        Class::ChecksExpected { .. } => Obstacle::ForPeople(
            "wait for those checks, or find out why they do not start; let an administrator take one that never does out \
                 of the rule, or let somebody who may merge all the same do so on its page",
        ),
        Class::ReviewRequired { .. } => Obstacle::ForPeople("let another maintainer approve it on its page"),
        Class::RuleViolation { .. } => {
            Obstacle::ForPeople("satisfy the rule, or let an administrator bypass it")
        }
        Class::Forbidden { .. } => Obstacle::ForPeople("provide a token whose account may merge there"),
        Class::NotAllowed { message } => Obstacle::ForPeople(remedy(message)),
        Class::Invalid { .. } | Class::Conflict { .. } => Obstacle::ForPeople(SEE_ITS_PAGE),
        _ => return None,
    })
}

/// What to do about a refusal that GitHub says in no other way.
const SEE_ITS_PAGE: &str =
    "see on its page what is missing; if somebody merges it there, the release continues from that";

/// What to do about GitHub's sentence. Each was seen in answers to a merge or on its pages; a new one is passed on as it is.
fn remedy(message: &str) -> &'static str {
    let said = message.to_lowercase();
    let remedies: [(&[&str], &str); 9] = [
        (&["code owner"], "let an owner of the changed code approve it on its page"),
        (&["conversation"], "resolve the open conversations on its page"),
        (
            &["signature", "signed"],
            "its commits have to be signed: let an administrator merge it, or sign and push them again",
        ),
        (&["not authorized"], "let somebody who may push to that branch merge it on its page"),
        (
            &["must not contain merge commits", "linear history"],
            "merge it on its page by a method that makes no merge commit",
        ),
        (&["are not allowed on this repository"], "merge it on its page by a method that is allowed"),
        (&["draft"], "mark it as ready for review on its page"),
        (&["locked"], "let an administrator unlock the branch"),
        (&["up to date", "out of date"], "update its branch on its page"),
    ];
    let known = remedies.iter().find(|(words, _)| words.iter().any(|word| said.contains(word)));
    known.map_or(SEE_ITS_PAGE, |(_, remedy)| *remedy)
}

/// The base is no longer where the patch was proven.
pub(in crate::steps) fn moved(
    context: &StepContext,
    base: &BranchName,
    from: &CommitId,
    to: &CommitId,
) -> Question {
    then_resume_or_waive(
        context,
        format!(
            "`{base}` of {} moved from {} to {} since the fixes were proven on it; nothing was merged; merging now \
             makes a tree that no suite has seen, which `compare-tree` will report",
            context.subject().repo.as_ref().map_or("the repository", |repo| repo.as_str()),
            from.short(),
            to.short()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_review_is_for_people_and_moving_base_passes() {
        assert_eq!(obstacle(&Class::BaseModified), Some(Obstacle::Passing));
        let review = Class::ReviewRequired { message: "At least 1 approving review is required".into() };
        assert!(matches!(obstacle(&review), Some(Obstacle::ForPeople(remedy)) if remedy.contains("approve")));
        assert_eq!(obstacle(&Class::Server { status: 502 }), None);
    }

    #[test]
    fn a_queue_is_recognised_by_the_refusal_too() {
        let message =
            "Repository rule violations found; Changes must be made through the merge queue".to_owned();
        assert!(wants_queue(&Class::RuleViolation { message: message.clone() }));
        assert!(wants_queue(&Class::NotAllowed { message }));
        assert!(!wants_queue(&Class::NotMergeable));
    }

    #[test]
    fn every_sentence_of_a_refused_merge_has_its_remedy() {
        for (message, wanted) in [
            ("Waiting on code owner review from brightwater/core.", "owner of the changed code"),
            ("A conversation must be resolved before this pull request can be merged.", "conversations"),
            ("Commits must have verified signatures.", "signed"),
            ("You're not authorized to push to this branch.", "may push to that branch"),
            ("Squash merges are not allowed on this repository.", "method that is allowed"),
            ("This branch must not contain merge commits: linear history is required.", "no merge commit"),
            ("Pull Request is still a draft", "ready for review"),
            ("This branch is locked and read-only.", "unlock"),
            ("Something that GitHub never said before", "see on its page"),
        ] {
            let class = Class::NotAllowed { message: message.to_owned() };
            let found = obstacle(&class);
            assert!(
                matches!(found, Some(Obstacle::ForPeople(remedy)) if remedy.contains(wanted)),
                "{message}"
            );
        }
    }
}
