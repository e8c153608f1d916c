//! `await-registry`: wait until the registry knows the version.

use super::error::StepError;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    Err(StepError::internal(format!("`{}` cannot be taken yet", site.step.name)))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(StepError::internal(format!("`{}` cannot be taken yet", site.step.name)))
}
