//! Merging through a merge queue: the pull request is added once, and GitHub merges it when its checks on top of the base are
//! green. The queue makes another commit than a merge by hand would; `compare-tree` holds its tree against the proven one.

use jiff::Timestamp;

use super::answer::{patiently, soon, then_resume};
use super::by_hand;
use crate::egress::Permit;
use crate::github::{Class, PullRequest, QueueRemoval, QueuedPull};
use crate::ids::{BranchName, CommitId};
use crate::merge_rules::Demand;
use crate::steps::context::{Applied, Question, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::output::OpenedPull;

/// What a look at the queue tells.
#[derive(Debug)]
pub(super) enum QueueLook {
    /// The branch has no queue, or the pull request is to be added to it.
    Free(PullRequest),
    /// It is in the queue.
    Soon(Wait),
    /// People must look.
    Ask(Question),
}

/// Whether the branch is merged into by a queue.
pub(super) async fn leads_through(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
) -> Result<bool, StepError> {
    let rules = context.world.github.branch_rules(&opened.repo, base).await?;
    Ok(rules.demands.contains(&Demand::Queue))
}

/// Looks where an open pull request is in the queue, whoever added it.
pub(super) async fn look(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    pull: PullRequest,
) -> Result<QueueLook, StepError> {
    if !leads_through(context, opened, base).await? {
        return Ok(QueueLook::Free(pull));
    }
    let seen = context.world.github.queued_pull(&opened.repo, opened.number).await?;
    Ok(match standing(&seen, context.facts.waiting_since.get(&context.step.name).copied()) {
        Standing::Outside => QueueLook::Free(pull),
        Standing::Inside(position) => match patiently(context, awaited(opened, base, position)) {
            Ok(wait) => QueueLook::Soon(wait),
            Err(question) => QueueLook::Ask(question),
        },
        Standing::Merging => QueueLook::Soon(soon(context, format!("{} to show as merged", opened.url))),
        Standing::ThrownOut(left) => QueueLook::Ask(then_resume(format!(
            "the merge queue of `{base}` removed {} at {} ({}): nothing was merged; see on its page what failed on top \
             of `{base}`; when the cause is gone, resuming adds it to the queue again",
            opened.url,
            left.at,
            left.reason.replace('_', " ")
        ))),
    })
}

/// Where it is, and what that means for a step that waits since then.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Outside,
    Inside(u64),
    Merging,
    /// It left the queue while the step waited for it. Before that, somebody has answered for it.
    ThrownOut(QueueRemoval),
}

fn standing(seen: &QueuedPull, since: Option<Timestamp>) -> Standing {
    // GitHub counts whole seconds.
    let waited = |at: Timestamp| since.is_some_and(|since| at.as_second() >= since.as_second());
    match (seen.position, &seen.left) {
        (Some(position), _) => Standing::Inside(position),
        (None, Some(left)) if left.reason == "merged" => Standing::Merging,
        (None, Some(left)) if waited(left.at) => Standing::ThrownOut(left.clone()),
        (None, _) => Standing::Outside,
    }
}

fn awaited(opened: &OpenedPull, base: &BranchName, position: u64) -> String {
    format!("the merge queue of `{base}` to merge {} (number {position} in the queue)", opened.url)
}

/// Adds the pull request to the queue. Where GitHub refuses, people are asked; it is not tried again.
pub(super) async fn enqueue(
    context: &StepContext,
    opened: &OpenedPull,
    base: &BranchName,
    head: &CommitId,
    permit: &Permit,
) -> Result<Applied, StepError> {
    let github = &context.world.github;
    let seen = github.queued_pull(&opened.repo, opened.number).await?;
    if let Some(position) = seen.position {
        return Ok(Applied::Wait(soon(context, awaited(opened, base, position))));
    }
    match github.enqueue_pull(&opened.repo, &seen.id, head, permit).await {
        Ok(position) => Ok(Applied::Wait(soon(context, awaited(opened, base, position.unwrap_or(1))))),
        Err(error) if error.class == Class::HeadModified => {
            Ok(refused(opened, base, &error.class, &by_hand::after_a_push(context, opened)))
        }
        Err(error) => match remedy(&error.class) {
            Some(remedy) => Ok(refused(opened, base, &error.class, remedy)),
            None => Err(error.into()),
        },
    }
}

fn refused(opened: &OpenedPull, base: &BranchName, class: &Class, remedy: &str) -> Applied {
    Applied::Ask(then_resume(format!(
        "GitHub refuses to add {} to the merge queue of `{base}`: {class}; nothing was merged; {remedy}",
        opened.url
    )))
}

/// What people can do about a refusal; `None` for a failure.
fn remedy(class: &Class) -> Option<&'static str> {
    Some(match class {
        Class::Forbidden { .. } | Class::NotFound => {
            "let somebody who may add it to the merge queue on its page; the release continues when it is merged"
        }
        Class::NotAllowed { .. } | Class::Invalid { .. } => {
            "see on its page what is missing; resuming adds it to the queue again, and if somebody adds it there, the \
             release continues from that"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(position: Option<u64>, left: Option<(&str, &str)>) -> QueuedPull {
        let left =
            left.map(|(at, reason)| QueueRemoval { at: at.parse().unwrap(), reason: reason.to_owned() });
        QueuedPull { id: String::new(), has_queue: true, position, left }
    }

    #[test]
    fn only_a_removal_while_the_step_waited_is_put_to_people() {
        let since = Some("2026-03-02T09:00:00.7Z".parse().unwrap());
        let failed = seen(None, Some(("2026-03-02T09:05:00Z", "failed_checks")));
        assert!(matches!(standing(&failed, since), Standing::ThrownOut(_)));
        assert_eq!(standing(&failed, None), Standing::Outside, "resumed: it is added again");
        let older = seen(None, Some(("2026-03-02T08:59:59Z", "failed_checks")));
        assert_eq!(standing(&older, since), Standing::Outside);
        let merged = seen(None, Some(("2026-03-02T09:05:00Z", "merged")));
        assert_eq!(standing(&merged, since), Standing::Merging);
        let again = seen(Some(1), Some(("2026-03-02T09:05:00Z", "failed_checks")));
        assert_eq!(standing(&again, since), Standing::Inside(1));
    }

    #[test]
    fn refusals_are_for_people_and_failures_are_not() {
        assert!(remedy(&Class::Forbidden { message: String::new() }).unwrap().contains("on its page"));
        assert!(remedy(&Class::NotAllowed { message: String::new() }).unwrap().contains("what is missing"));
        assert!(remedy(&Class::Server { status: 502 }).is_none());
    }
}
