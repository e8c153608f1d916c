//! `push-private`: push the backport to the private side.

use super::{new_line, upward};
use crate::by_hand;
use crate::egress::Permit;
use crate::git::{RefUpdate, Store, TransportError};
use crate::ids::{BranchName, CommitId, RepoName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::advisory::private_side::{check_private, is_deleted};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{Output, Patch, PushedRef};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let place = PrivateBranch::of(context)?;
    if let Some(below) = upward::comes_from(context, context.advisory_id()?)? {
        return Ok(Observed::Done(Output::Skipped(format!("the fix comes with the merge of `{below}`"))));
    }
    if place.patch.commits.is_empty() {
        return Ok(Observed::Done(Output::Skipped("the branch has the fix already".to_owned())));
    }
    let seen = match context.sight.see(&context.world.transport, &place.repo, &place.branch.full()).await {
        Err(TransportError::NotFound { .. }) if is_deleted(context, &place.repo).await? => {
            return Ok(Observed::Done(Output::Skipped(format!("`{}` was deleted", place.repo))));
        }
        seen => seen?,
    };
    Ok(match seen {
        None => Observed::Todo,
        Some(commit) if commit == place.patch.head => Observed::Done(place.output()),
        // What we made earlier, on a head that has moved since, is ours to replace.
        Some(commit) if is_ours(context, &commit)? => Observed::Todo,
        Some(commit) => Observed::Ask(Question {
            kind: QuestionKind::Decision,
            text: format!(
                "`{}` has a branch `{}` at {} that this run did not make; it was left as it is",
                place.repo,
                place.branch,
                commit.short()
            ),
            next: vec![Advice::then(
                format!(
                    "rename that branch, or delete it: `{}`, then",
                    by_hand::delete_branch(&place.repo, &place.branch)
                ),
                NextAction::Resume,
            )],
        }),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let place = PrivateBranch::of(context)?;
    let name = place.branch.full();
    let new = place.patch.head.clone();
    let update = match context.sight.seen(&context.world.transport, &place.repo, &name).await? {
        // What came after the look is not replaced: the push is refused, and the next look asks.
        None => RefUpdate::Create { name, new },
        Some(old) => RefUpdate::Replace { name, old, new },
    };
    let store = context.folder.store(&context.repo()?.name);
    check_private(context, &place.repo).await?;
    new_line::begin(context, &place.repo, &Permit::Private).await?;
    context.world.transport.push(&store, &place.repo, &[update], &Permit::Private).await?;
    Ok(Applied::Done(place.output()))
}

/// Where the backport is pushed.
struct PrivateBranch<'a> {
    repo: RepoName,
    branch: BranchName,
    patch: &'a Patch,
}

impl<'a> PrivateBranch<'a> {
    fn of(context: &'a StepContext) -> Result<PrivateBranch<'a>, StepError> {
        let target = context.target()?;
        let advisory = context.advisory_id()?;
        let branch = format!("lockgate/{advisory}/{}", target.branch)
            .parse()
            .map_err(|cause| StepError::internal(format!("{cause}")))?;
        Ok(PrivateBranch {
            repo: context.inputs().private_repo(context.repo()?, advisory),
            branch,
            patch: context.facts.patch(StepKind::Backport, context.subject())?,
        })
    }

    fn output(&self) -> Output {
        Output::Ref(PushedRef {
            repo: self.repo.clone(),
            branch: self.branch.clone(),
            commit: self.patch.head.clone(),
        })
    }
}

/// Whether this run made the commit, or one that was called off before it.
fn is_ours(context: &StepContext, commit: &CommitId) -> Result<bool, StepError> {
    if context.facts.pushed_before.contains(commit) {
        return Ok(true);
    }
    let store = Store::open(&context.folder.store(&context.repo()?.name))?;
    Ok(store.has_commit(commit)
        && store.commit_info(commit)?.committer == crate::steps::local::signature(&context.plan))
}
