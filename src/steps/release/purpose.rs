//! What a bump is for: the release, or what the line states after it.

use crate::ids::BranchName;
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::{bump_title, development_title};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::publish::public::{after_branch, bump_branch, release};

/// What a bump is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum Purpose {
    /// The version that is released.
    Release,
    /// The next development version.
    Development,
}

impl Purpose {
    /// By the kind of the step.
    pub(in crate::steps) fn of(context: &StepContext) -> Purpose {
        match context.step.kind {
            StepKind::PrepareDevelopment
            | StepKind::OpenDevelopment
            | StepKind::AwaitDevelopmentChecks
            | StepKind::MergeDevelopment => Purpose::Development,
            _ => Purpose::Release,
        }
    }

    /// The step that makes the bump ahead of the day.
    pub(super) fn prepares(self) -> StepKind {
        match self {
            Purpose::Release => StepKind::PrepareBump,
            Purpose::Development => StepKind::PrepareDevelopment,
        }
    }

    /// The step that opens its pull request.
    pub(in crate::steps) fn opens(self) -> StepKind {
        match self {
            Purpose::Release => StepKind::OpenBump,
            Purpose::Development => StepKind::OpenDevelopment,
        }
    }
}

/// The version that the line states after the bump. Where only packages of it go on to another one, it stays as it is.
pub(super) fn to(context: &StepContext) -> Result<&Version, StepError> {
    let release = release(context)?;
    Ok(match (Purpose::of(context), &release.after) {
        (Purpose::Development, Some(after)) => after,
        _ => &release.to,
    })
}

/// What the bump is called: the version that the line states after it, or packages with theirs.
pub(super) fn title(context: &StepContext) -> Result<String, StepError> {
    let release = release(context)?;
    Ok(match Purpose::of(context) {
        Purpose::Release => bump_title(&release.to),
        Purpose::Development => development_title(release),
    })
}

/// The version that it states before.
pub(super) fn from(context: &StepContext) -> Result<&Version, StepError> {
    let release = release(context)?;
    Ok(if Purpose::of(context) == Purpose::Release { &release.from } else { &release.to })
}

/// The branch of its pull request.
pub(super) fn branch(context: &StepContext) -> Result<BranchName, StepError> {
    let release = release(context)?;
    let of_packages = || release.packages_after().next().map(|(_, after)| after);
    match (Purpose::of(context), &release.after) {
        // The line keeps its version, whose bump has a branch already.
        (Purpose::Development, None) => after_branch(context.target()?, of_packages().unwrap_or(&release.to)),
        _ => bump_branch(context, to(context)?),
    }
}
