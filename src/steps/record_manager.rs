//! `record-manager`: record who leads the release.

use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let manager = &site.inputs().release.manager;
    let maintainers = &site.inputs().catalog.maintainers;
    if !maintainers.is_empty() && !maintainers.contains(manager) {
        return Err(StepError::input(
            format!("`{manager}` leads the release and is not among the catalog's maintainers"),
            "name another manager in release.toml, or add this one to `maintainers` in catalog.toml",
        ));
    }
    Ok(Seen::Done(Output::Note(format!("{manager} leads the release"))))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}
