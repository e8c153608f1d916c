//! Why a step failed, and what is safe after it.

use crate::failure::{Effect, Persistence, ServiceError};
use crate::git::GitError;
use crate::kinds::StepKind;
use crate::next_action::Advice;
use crate::plan::Subject;
use crate::runner::CrewError;

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
    pub hint: Vec<Advice>,
    /// Whether the effect may be there.
    pub effect: Effect,
    /// Who can do something about it.
    pub blame: Blame,
    /// Whether waiting alone may help: only then it is tried again by itself.
    pub persistence: Persistence,
}

impl StepError {
    /// What this machine, its disk or a service refuses, and will refuse again.
    fn permanent(message: impl Into<String>, hint: Vec<Advice>, blame: Blame) -> StepError {
        let (message, effect) = (message.into(), Effect::None);
        StepError { message, hint, effect, blame, persistence: Persistence::Permanent }
    }

    /// A fault of ours.
    pub fn internal(message: impl Into<String>) -> StepError {
        StepError::permanent(message, Vec::new(), Blame::Internal)
    }

    /// What the user gave does not work.
    pub fn input(message: impl Into<String>, hint: impl Into<Advice>) -> StepError {
        StepError::permanent(message, vec![hint.into()], Blame::Input)
    }

    /// The same, where another look may find it otherwise: what answered is outside, and is asked again.
    #[must_use]
    pub fn may_pass(self) -> StepError {
        StepError { blame: Blame::Outside, persistence: Persistence::TRANSIENT, ..self }
    }

    /// Something else that may be done about it.
    #[must_use]
    pub fn or(mut self, advice: impl Into<Advice>) -> StepError {
        self.hint.push(advice.into());
        self
    }

    pub(super) fn missing(kind: StepKind, subject: &Subject, found: Option<String>) -> StepError {
        StepError::internal(format!(
            "the step `{kind}` of {subject} left {}",
            found.map_or_else(|| "nothing".to_owned(), |found| format!("something else: {found}"))
        ))
    }
}

/// What a service says about its own failure decides what is done about it.
impl<E: ServiceError> From<E> for StepError {
    fn from(error: E) -> StepError {
        StepError {
            message: error.to_string(),
            hint: error.hint().map(Advice::from).into_iter().collect(),
            effect: error.effect(),
            blame: Blame::Outside,
            persistence: error.persistence(),
        }
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
        let hint = error.hint().map(Advice::from).into_iter().collect();
        // Another git that holds a lock is done in a moment, unless it was killed: then the hint names the lock. And what a list
        // of references did not lead to yet, right after a merge, comes with a later one.
        let may_pass = error.is_locked() || error.is_absence();
        let persistence = if may_pass { Persistence::TRANSIENT } else { Persistence::Permanent };
        StepError { persistence, ..StepError::permanent(format!("{error}{cause}"), hint, blame) }
    }
}

impl From<std::io::Error> for StepError {
    fn from(error: std::io::Error) -> StepError {
        let hint = Advice::from("check the disk and the permissions");
        StepError::permanent(
            format!("failed to read or write on this machine: {error}"),
            vec![hint],
            Blame::Outside,
        )
    }
}

impl From<CrewError> for StepError {
    fn from(error: CrewError) -> StepError {
        StepError::permanent(error.message, vec![Advice::from(error.hint)], Blame::Outside)
    }
}

impl From<tokio::task::JoinError> for StepError {
    fn from(error: tokio::task::JoinError) -> StepError {
        // Wherever it was, what it had begun may be there.
        StepError {
            effect: Effect::Unknown,
            ..StepError::internal(format!("a task of the step broke off: {error}"))
        }
    }
}
