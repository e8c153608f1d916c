//! How public steps ask people, wait, and are waived.

use jiff::Timestamp;

use crate::github::{Class, GitHubError};
use crate::ids::{BranchName, StepName};
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;

/// People decide how to continue: what happened, to which target, what is safe; and what answers it.
pub(in crate::steps) fn decision(
    text: impl Into<String>,
    next: impl IntoIterator<Item = Advice>,
) -> Question {
    Question { kind: QuestionKind::Decision, text: text.into(), next: next.into_iter().collect() }
}

/// People fix it outside and resume the run.
pub(in crate::steps) fn then_resume(text: impl Into<String>) -> Question {
    decision(text, [NextAction::Resume.into()])
}

/// People fix it outside, or waive the step, by name and with a reason.
pub(in crate::steps) fn then_resume_or_waive(context: &StepContext, text: impl Into<String>) -> Question {
    decision(text, [NextAction::Resume.into(), waive(context).into()])
}

/// Waiving the step.
pub(in crate::steps) fn waive(context: &StepContext) -> NextAction {
    NextAction::Waive { step: context.step.name.clone(), reason: None }
}

/// The reason for which people waived the step.
pub(in crate::steps) fn waived(context: &StepContext) -> Option<&str> {
    waived_at(context, &context.step.name)
}

/// The reason for which people waived another step.
pub(in crate::steps) fn waived_at<'a>(context: &'a StepContext, step: &StepName) -> Option<&'a str> {
    match context.facts.decisions.get(step)? {
        Decision::Waived { reason } => Some(reason),
        Decision::Confirmed | Decision::SendAgain | Decision::Resolved { .. } => None,
    }
}

/// The same, and where it asks people, they may also waive the step.
pub(in crate::steps) fn or_waive(context: &StepContext, observed: Observed) -> Observed {
    match observed {
        Observed::Ask(mut question) => {
            question.next.push(waive(context).into());
            Observed::Ask(question)
        }
        other => other,
    }
}

/// As [`StepContext::wait_for`]; meanwhile, and when patience runs out, people may also waive it.
pub(in crate::steps) fn wait_or_waive(context: &StepContext, what: impl Into<String>) -> Observed {
    match context.wait_for(what) {
        Observed::Wait(mut wait) => {
            wait.instead.push(waive(context).into());
            Observed::Wait(wait)
        }
        other => or_waive(context, other),
    }
}

/// As [`StepContext::wait_for`]; meanwhile, and when patience runs out, people are told this.
pub(in crate::steps) fn wait_and_tell(
    context: &StepContext,
    what: impl Into<String>,
    advice: Advice,
) -> Observed {
    match context.wait_for(what) {
        Observed::Wait(mut wait) => {
            wait.instead.push(advice);
            Observed::Wait(wait)
        }
        Observed::Ask(mut question) => {
            question.next.insert(0, advice);
            Observed::Ask(question)
        }
        other => other,
    }
}

/// As [`StepContext::wait_for`], for a look that is part of a larger one: a wait, or a question once patience runs out.
pub(in crate::steps) fn patiently(context: &StepContext, what: impl Into<String>) -> Result<Wait, Question> {
    let what = what.into();
    match context.wait_for(&what) {
        Observed::Wait(wait) => Ok(wait),
        Observed::Ask(question) => Err(question),
        Observed::Done(_) | Observed::Todo | Observed::Moved(_) | Observed::Lapsed(_) => {
            Ok(soon(context, what))
        }
    }
}

/// As [`StepContext::wait_for`], for a step that has acted.
pub(in crate::steps) fn wait_or_ask(context: &StepContext, what: impl Into<String>) -> Applied {
    match patiently(context, what) {
        Ok(wait) => Applied::Wait(wait),
        Err(question) => Applied::Ask(question),
    }
}

/// What GitHub says of a pull request while it does not show yet what was written a moment ago: the branch that was pushed, or the
/// pull request that was opened and whose answer was lost.
pub(in crate::steps) fn not_seen_yet(
    context: &StepContext,
    error: GitHubError,
    branch: &BranchName,
) -> Result<Applied, StepError> {
    match error.class {
        Class::PullRefInvalid { .. } => {
            Ok(wait_or_ask(context, format!("GitHub to see the branch `{branch}`")))
        }
        Class::PullExists => Ok(wait_or_ask(
            context,
            format!("GitHub to list the pull request of `{branch}`, of which it says that it is there"),
        )),
        _ => Err(error.into()),
    }
}

/// What was started is in progress: look again after the workflow's polling interval.
pub(in crate::steps) fn soon(context: &StepContext, what: impl Into<String>) -> Wait {
    let now = context.world.clock.now();
    let until = now.checked_add(context.inputs().workflow.policy.poll).unwrap_or(Timestamp::MAX);
    Wait::new(until, what)
}
