//! `fix-disclosure`: the disclosure time is fixed and recorded; from here on people are told of it.

use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let time = context.inputs().release.disclosure;
    Ok(Observed::Done(Output::Note(format!("disclosure at {time}"))))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
