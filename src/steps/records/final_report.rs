//! `final-report`: leave no checkout behind and end the run. Its report tells of people and times that no step sees, so
//! it is made from the journal once this is done.

use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::release::checkout;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    // Sweeping where nothing is left costs nothing.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    checkout::sweep_all(context);
    Ok(Applied::Done(Output::Note("no checkout is left; the report is made from the journal".to_owned())))
}
