//! Authority: which of the people of a release may do what.

use serde::{Deserialize, Serialize};

use crate::ids::Login;
use crate::input::suggest;
use crate::next_action::Advice;
use crate::plan::Inputs;

/// Somebody may not do what they want to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotAllowed {
    /// They are not among those who approve.
    #[error("`{name}` may not approve gates of this release")]
    NotAnApprover {
        /// As it was given.
        name: Login,
        /// Who may.
        may: Vec<Login>,
    },
    /// They have no part in the release.
    #[error("`{name}` is not among the people of this release")]
    NotOfThisRelease {
        /// As it was given.
        name: Login,
        /// Who is.
        may: Vec<Login>,
    },
}

impl NotAllowed {
    /// Who may, and where that is written.
    #[must_use]
    pub fn who_may(&self) -> Advice {
        match self {
            NotAllowed::NotAnApprover { may, .. } => format!(
                "{}; `approvers` in release.toml, else `maintainers` in catalog.toml, say who may",
                known(may)
            )
            .into(),
            NotAllowed::NotOfThisRelease { may, .. } => known(may).into(),
        }
    }
}

fn known(people: &[Login]) -> String {
    suggest("", people.iter().map(Login::as_str))
}

/// Somebody who may approve this gate, as the release spells them.
///
/// # Errors
/// When they may not.
pub fn approver(inputs: &Inputs, gate: &str, name: &Login) -> Result<Login, NotAllowed> {
    let may = inputs.approvers_of(gate);
    match may.iter().find(|known| *known == name) {
        Some(known) => Ok(known.clone()),
        None => Err(NotAllowed::NotAnApprover { name: name.clone(), may }),
    }
}

/// Somebody who leads, approves or maintains, as the release spells them.
///
/// # Errors
/// When they are none of these.
pub fn member(inputs: &Inputs, name: &Login) -> Result<Login, NotAllowed> {
    let people = inputs.people();
    people.iter().find(|known| **known == name).map(|known| (*known).clone()).ok_or_else(|| {
        NotAllowed::NotOfThisRelease { name: name.clone(), may: people.into_iter().cloned().collect() }
    })
}
