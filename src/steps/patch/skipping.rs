//! A stack whose last commit says that no workflow is to start for it: on the day nothing would test its pull request.

use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::skip_mark::skip_mark;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::Patch;

/// What whoever approves must know of it.
pub(super) async fn remark(context: &StepContext, patch: &Patch) -> Result<Option<String>, StepError> {
    if patch.commits.is_empty() {
        return Ok(None);
    }
    let head = patch.head.clone();
    in_store(context, &context.target()?.repo, move |store| Ok(of(store, &head)?)).await
}

fn of(store: &Store, head: &CommitId) -> Result<Option<String>, GitError> {
    let commit = store.commit_info(head)?;
    Ok(skip_mark(&commit.message).map(|mark| {
        let does = if mark.is_certain { "starts" } else { "may start" };
        format!(
            "the message of its last commit, \"{}\", holds `{}`: GitHub {does} no workflow for its pull request, nor for \
             a push or a tag of it; checks that are waited for would never come. To be tested on the day, the fix has \
             to be written without it, and the release amended",
            commit.subject(),
            mark.text
        )
    }))
}
