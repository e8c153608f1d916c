//! Why a run cannot be amended.

use std::path::PathBuf;

use jiff::Timestamp;

use super::hour::WrongHour;
use crate::control::authority::NotAllowed;
use crate::control::decisions::Refusal;
use crate::control::disk::DiskError;
use crate::ids::{Digest, StepName};
use crate::kinds::Basis;
use crate::next_action::{Advice, NextAction};
use crate::run::JournalError;
use crate::wording::counted;

/// What stands against an amendment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// What is done in public would be another.
    #[error("`{step}` is done and cannot be taken back ({left}), and it rests on {}", listed(of))]
    Changed {
        /// The step.
        step: StepName,
        /// What it rests on that would change.
        of: Vec<Basis>,
        /// What is left to do.
        left: &'static str,
    },
    /// What is done in public would not belong to the release.
    #[error("`{step}` is done and cannot be taken back ({left}), and the plan would not have it any more")]
    Dropped {
        /// The step.
        step: StepName,
        /// What is left to do.
        left: &'static str,
    },
    /// Nobody knows whether a step that would be dropped has acted.
    #[error("`{step}` was begun and has not ended, and the plan would not have it any more")]
    Uncertain {
        /// The step.
        step: StepName,
    },
    /// The hour would be moved after it has struck.
    #[error("the disclosure time cannot be moved: the embargo has ended, and fixes are public")]
    EmbargoOver,
}

/// Why a run cannot be amended.
#[derive(Debug, thiserror::Error)]
pub enum AmendRefusal {
    /// There is nothing to take in.
    #[error("the files in `{}` are those that the run follows; there is nothing to amend", .files.display())]
    Unchanged {
        /// Where the files are that can be changed: those of a rehearsal are copies.
        files: PathBuf,
    },
    /// The release is over, or was called off.
    #[error(transparent)]
    Over(#[from] Refusal),
    /// Somebody may not decide.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// What is done cannot be made otherwise.
    #[error("this change cannot be made any more: {}", told(.0))]
    Obstacles(Vec<Obstacle>),
    /// What was read is not what the files say now.
    #[error("you have read `{read}`, but the files give the plan {shown}")]
    OtherDigest {
        /// The beginning of the digest that was read.
        read: String,
        /// The digest of the plan now.
        shown: Digest,
        /// The hour at which a broken embargo was noticed, where that is what was read of.
        hour: Option<Timestamp>,
    },
    /// The hour of a broken embargo cannot be this one.
    #[error(transparent)]
    WrongHour(#[from] WrongHour),
    /// The plan has no JSON.
    #[error("failed to put the plan into JSON")]
    Json(#[from] serde_json::Error),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl AmendRefusal {
    /// What people can do instead.
    #[must_use]
    pub fn instead(&self) -> Vec<Advice> {
        match self {
            AmendRefusal::Unchanged { .. } => vec![NextAction::Continue.into()],
            AmendRefusal::Over(refusal) => refusal.instead(),
            AmendRefusal::NotAllowed(error) => vec![error.who_may()],
            AmendRefusal::Obstacles(obstacles) => instead_of(obstacles),
            AmendRefusal::OtherDigest { hour, .. } => match hour {
                None => vec![Advice::then("to read what it is now", NextAction::Amend { digest: None })],
                Some(hour) => vec![
                    format!("the plan of {hour} was shown; one that was shown before has its own `--at`")
                        .into(),
                    Advice::then("to read what it is now", NextAction::DiscloseNow),
                ],
            },
            AmendRefusal::WrongHour(error) => error.instead(),
            AmendRefusal::Json(_) | AmendRefusal::Disk(_) | AmendRefusal::Journal(_) => Vec::new(),
        }
    }
}

fn instead_of(obstacles: &[Obstacle]) -> Vec<Advice> {
    let is_uncertain = |obstacle: &Obstacle| matches!(obstacle, Obstacle::Uncertain { .. });
    if obstacles.iter().all(is_uncertain) {
        return vec![Advice::then(
            "put the files back and let the run look at it, then change them again",
            NextAction::Resume,
        )];
    }
    vec![
        Advice::then("put that part of the files back; to see the rest", NextAction::Amend { digest: None }),
        "what is public can only be fixed forward, in a release of its own".into(),
    ]
}

fn listed(of: &[Basis]) -> String {
    of.iter().map(|basis| basis.noun()).collect::<Vec<_>>().join(" and ")
}

/// The first few obstacles: each would be enough.
fn told(obstacles: &[Obstacle]) -> String {
    let first: Vec<String> = obstacles.iter().take(3).map(ToString::to_string).collect();
    match obstacles.len().saturating_sub(3) {
        0 => first.join("; "),
        more => format!("{}; and {}", first.join("; "), counted(more, "further step")),
    }
}
