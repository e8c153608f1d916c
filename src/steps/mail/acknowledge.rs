//! `acknowledge`: acknowledge the report to its reporter.
//!
//! GitHub has no interface for comments on an advisory, so a person answers there and confirms it here. The text to
//! answer with is the workflow's template, or the user's own.

use super::announcement::{Announcement, page};
use super::sending::acknowledgement;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::people::confirm;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    let Some(reporter) = &advisory.reporter else {
        return Ok(Observed::Done(Output::Skipped("reported by the maintainers themselves".to_owned())));
    };
    let answer = acknowledgement(context.inputs(), &Announcement::of(context).acknowledgement(advisory))?;
    let question = format!(
        "Answer `{reporter}` at {}, with this text or your own, and confirm here that you did:\n\n{}",
        page(context, advisory),
        answer
    );
    Ok(confirm::ask(context, question))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
