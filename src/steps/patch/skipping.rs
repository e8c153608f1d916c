//! A stack with a commit that says that no workflow is to start for it: on the day nothing would test its pull request, or release
//! what was merged.

use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::merge_rules::MergeMethod;
use crate::skip_mark::{SkipMark, skip_mark};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::Patch;

/// What whoever approves must know of it.
pub(super) async fn remark(context: &StepContext, patch: &Patch) -> Result<Option<String>, StepError> {
    if patch.commits.is_empty() {
        return Ok(None);
    }
    let target = context.target()?;
    let head = patch.head.clone();
    // A squash takes up the messages of all commits.
    let squashed = context.plan.merge_method(target) == MergeMethod::Squash;
    let below = patch.commits.iter().filter(|_| squashed).map(|made| made.commit.clone()).collect::<Vec<_>>();
    in_store(context, &target.repo, move |store| Ok(of(store, &head, &below)?)).await
}

fn of(store: &Store, head: &CommitId, squashed: &[CommitId]) -> Result<Option<String>, GitError> {
    const REMEDY: &str =
        "To be tested on the day, the fix has to be written without it, and the release amended";
    if let Some((subject, mark)) = marked(store, head)? {
        return Ok(Some(format!(
            "the message of its last commit, \"{subject}\", holds `{}`: GitHub {} no workflow for its pull request, nor \
             for a push or a tag of it; checks that are waited for would never come. {REMEDY}",
            mark.text,
            starts(&mark)
        )));
    }
    for commit in squashed {
        if let Some((subject, mark)) = marked(store, commit)? {
            return Ok(Some(format!(
                "the message of its commit \"{subject}\" holds `{}`, and the squash takes it up: GitHub {} no workflow for \
                 what is merged, nor for a tag of it; a release that such a workflow makes would never come. {REMEDY}",
                mark.text,
                starts(&mark)
            )));
        }
    }
    Ok(None)
}

fn marked(store: &Store, commit: &CommitId) -> Result<Option<(String, SkipMark)>, GitError> {
    let commit = store.commit_info(commit)?;
    Ok(skip_mark(&commit.message).map(|mark| (commit.subject().to_owned(), mark)))
}

fn starts(mark: &SkipMark) -> &'static str {
    if mark.is_certain { "starts" } else { "may start" }
}
