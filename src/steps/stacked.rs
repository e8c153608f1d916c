//! What the private part of the run left for a target: its stack, and the pull request made of it.

use super::error::StepError;
use super::output::{OpenedPull, Output, Patch};
use super::site::Site;
use crate::plan::StepKind;

/// Why a public step of a target has nothing to do.
pub(super) const NOTHING: &str = "the branch has every fix already";

/// The stack of the step's target, as it was proven.
pub(super) fn patch(site: &Site) -> Result<&Patch, StepError> {
    site.facts.patch(StepKind::Stack, &site.target_subject())
}

/// The public pull request of the step's target; `None` where there was nothing to bring.
pub(super) fn pull(site: &Site) -> Result<Option<&OpenedPull>, StepError> {
    opened(site, StepKind::OpenPull)
}

/// The bump's pull request of the step's target; `None` where the line stated the version already.
pub(super) fn bump(site: &Site) -> Result<Option<&OpenedPull>, StepError> {
    opened(site, StepKind::OpenBump)
}

fn opened(site: &Site, kind: StepKind) -> Result<Option<&OpenedPull>, StepError> {
    let subject = site.target_subject();
    match site.facts.output(kind, &subject) {
        Some(Output::Skipped(_)) => Ok(None),
        _ => site.facts.pull(kind, &subject).map(Some),
    }
}
