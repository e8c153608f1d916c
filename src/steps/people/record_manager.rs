//! `record-manager`: record who leads the release.

use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let manager = &context.inputs().release.manager;
    if !context.inputs().catalog.may_lead(manager) {
        return Err(StepError::input(
            format!("`{manager}` leads the release and is not among the catalog's maintainers"),
            "name another manager in release.toml, or add this one to `maintainers` in catalog.toml",
        ));
    }
    Ok(Observed::Done(Output::Note(format!("{manager} leads the release"))))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
