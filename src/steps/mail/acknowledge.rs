//! `acknowledge`: acknowledge the report to its reporter.
//!
//! GitHub has no interface for comments on an advisory, so a person answers there and confirms it here.

use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::people::confirm;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    let Some(reporter) = &advisory.reporter else {
        return Ok(Observed::Done(Output::Skipped("reported by the maintainers themselves".to_owned())));
    };
    let text = format!(
        "Answer `{reporter}` on the page of {}: the report is received, and it is looked into now.",
        advisory.id
    );
    Ok(confirm::ask(context, text))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
