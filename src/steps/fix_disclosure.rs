//! `fix-disclosure`: the hour of disclosure is fixed and recorded; from here on people are told of it.

use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let hour = site.inputs().release.disclosure;
    Ok(Seen::Done(Output::Note(format!("disclosure at {hour}"))))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}
