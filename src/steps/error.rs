//! Why a step failed, and what is safe after it.

use crate::egress::Leak;
use crate::git::{GitError, TransportError};
use crate::kinds::StepKind;
use crate::plan::Subject;

/// Whether the outward effect of a failed step may have happened all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Certainly not: it is safe to act again.
    None,
    /// Unknown: the world is looked at before anything else is done.
    Unknown,
}

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// A service outside: trying again later may help.
    Outside,
    /// What the user gave: a file, a token, a rule. Trying again does not help.
    Input,
    /// Lockgate itself.
    Internal,
}

/// A step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// What happened, to which target.
    pub message: String,
    /// What may be done about it.
    pub hint: Option<String>,
    /// Whether the effect may be there.
    pub effect: Effect,
    /// Who can do something about it.
    pub blame: Blame,
}

impl StepError {
    /// A fault of ours.
    pub fn internal(message: impl Into<String>) -> StepError {
        StepError { message: message.into(), hint: None, effect: Effect::None, blame: Blame::Internal }
    }

    /// What the user gave does not work.
    pub fn input(message: impl Into<String>, hint: impl Into<String>) -> StepError {
        StepError {
            message: message.into(),
            hint: Some(hint.into()),
            effect: Effect::None,
            blame: Blame::Input,
        }
    }

    /// A service outside failed.
    pub fn outside(message: impl Into<String>, effect: Effect) -> StepError {
        StepError { message: message.into(), hint: None, effect, blame: Blame::Outside }
    }

    pub(super) fn missing(kind: StepKind, subject: &Subject, found: Option<String>) -> StepError {
        StepError::internal(format!(
            "the step `{kind}` of {subject} left {}",
            found.map_or_else(|| "nothing".to_owned(), |found| format!("something else: {found}"))
        ))
    }
}

impl From<Leak> for StepError {
    fn from(leak: Leak) -> StepError {
        StepError::input(
            leak.to_string(),
            "change the text, or take the step after the release-day gate; then `lockgate resume`",
        )
    }
}

impl From<GitError> for StepError {
    fn from(error: GitError) -> StepError {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let blame = match &error {
            GitError::MainlineNeeded { .. } | GitError::MergeInSeries { .. } | GitError::Patch { .. } => {
                Blame::Input
            }
            _ => Blame::Outside,
        };
        let hint = error.hint().map(ToOwned::to_owned);
        StepError { message: format!("{error}{cause}"), hint, effect: Effect::None, blame }
    }
}

impl From<std::io::Error> for StepError {
    fn from(error: std::io::Error) -> StepError {
        StepError::outside(format!("failed to write on this machine: {error}"), Effect::None)
    }
}

impl From<tokio::task::JoinError> for StepError {
    fn from(error: tokio::task::JoinError) -> StepError {
        StepError::internal(format!("a task of the step broke off: {error}"))
    }
}

impl From<crate::github::GitHubError> for StepError {
    fn from(error: crate::github::GitHubError) -> StepError {
        let effect = match error.certainty() {
            crate::github::Certainty::NotCarriedOut => Effect::None,
            crate::github::Certainty::Unknown => Effect::Unknown,
        };
        StepError::outside(error.to_string(), effect)
    }
}

impl From<TransportError> for StepError {
    fn from(error: TransportError) -> StepError {
        let effect = if error.may_have_happened() { Effect::Unknown } else { Effect::None };
        let hint = error.remedy().map(ToOwned::to_owned);
        StepError { message: error.to_string(), hint, effect, blame: Blame::Outside }
    }
}
