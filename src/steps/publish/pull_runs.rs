//! The workflow runs of a pull request. Those of one from a fork may wait for a maintainer: they are let start, since what
//! they run is what was proven.

use super::answer::{then_resume, wait_or_ask};
use super::public::{home, without_text};
use crate::github::{Class, RunProgress, RunQuery, WorkflowRun};
use crate::steps::context::{Applied, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::OpenedPull;

/// All runs of its head.
pub(in crate::steps) async fn of(
    context: &StepContext,
    pull: &OpenedPull,
) -> Result<Vec<WorkflowRun>, StepError> {
    let query = RunQuery { head: Some(pull.head.clone()), ..RunQuery::default() };
    Ok(context.world.github.workflow_runs(&pull.repo, &query).await?)
}

/// Those that wait for a maintainer. GitHub holds none of a branch of the repository itself.
pub(in crate::steps) async fn held(
    context: &StepContext,
    pull: &OpenedPull,
) -> Result<Vec<WorkflowRun>, StepError> {
    if *home(context.repo()?) == pull.repo {
        return Ok(Vec::new());
    }
    let mut runs = of(context, pull).await?;
    runs.retain(|run| run.progress == RunProgress::Held);
    Ok(runs)
}

/// Lets those start that wait for a maintainer; `None` where none does.
///
/// # Errors
/// When GitHub cannot be asked. That it refuses is a question to people.
pub(in crate::steps) async fn let_start(
    context: &StepContext,
    pull: &OpenedPull,
) -> Result<Option<Applied>, StepError> {
    let held = held(context, pull).await?;
    if held.is_empty() {
        return Ok(None);
    }
    let permit = without_text(context, &format!("start of checks in {}", pull.repo)).await?;
    for run in held {
        match context.world.github.approve_run(&pull.repo, run.id, &permit).await {
            Err(error) if matches!(error.class, Class::Forbidden { .. } | Class::NotFound) => {
                return Ok(Some(Applied::Ask(then_resume(format!(
                    "the checks of {} begin only when a maintainer lets them run, and GitHub refused that to this token: \
                     {error}; nothing was merged; let somebody who may press \"Approve workflows to run\" on that page",
                    pull.url
                )))));
            }
            other => other?,
        }
    }
    Ok(Some(wait_or_ask(context, format!("the checks of {}, which were let start", pull.url))))
}
