//! `final-report`: write the facts of the run beside it, and leave no checkout behind.

use super::checkout;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use super::write_entries::whole;

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    // Written anew each time: the file is ours alone.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    checkout::sweep_all(site);
    let path = site.folder.report();
    whole(&path, &text(site)?)?;
    let shown = path.strip_prefix(site.folder.root()).unwrap_or(&path).display().to_string();
    Ok(Made::Done(Output::Files(vec![shown])))
}

/// What every step left, by its name. The report of the whole run, with hours and people, is made from the journal by
/// the room `report`, which steps do not use.
fn text(site: &Site) -> Result<String, StepError> {
    let release = &site.inputs().release;
    let facts = serde_json::json!({
        "release": release.id,
        "title": release.title,
        "manager": release.manager,
        "disclosure": release.disclosure,
        "steps": site.facts.outputs,
        "decisions": site.facts.decisions,
    });
    let text = serde_json::to_string_pretty(&facts)
        .map_err(|cause| StepError::internal(format!("failed to write the report: {cause}")))?;
    Ok(text + "\n")
}
