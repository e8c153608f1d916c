//! `final-report`: write the facts of the run beside it, and leave no checkout behind.

use super::write_entries::whole;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::release::checkout;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    // Written anew each time: the file is ours alone.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    checkout::sweep_all(context);
    let path = context.folder.report();
    whole(&path, &text(context)?)?;
    let shown = path.strip_prefix(context.folder.root()).unwrap_or(&path).display().to_string();
    Ok(Applied::Done(Output::Files(vec![shown])))
}

/// What every step left, by its name. The report of the whole run, with hours and people, is made from the journal by
/// the room `report`, which steps do not use.
fn text(context: &StepContext) -> Result<String, StepError> {
    let release = &context.inputs().release;
    let facts = serde_json::json!({
        "release": release.id,
        "title": release.title,
        "manager": release.manager,
        "disclosure": release.disclosure,
        "steps": context.facts.outputs,
        "decisions": context.facts.decisions,
    });
    let text = serde_json::to_string_pretty(&facts)
        .map_err(|cause| StepError::internal(format!("failed to write the report: {cause}")))?;
    Ok(text + "\n")
}
