//! An amendment: the files of a release are changed while it is under way, and the run continues by another plan.

mod broken_embargo;
mod fate;
mod given;
mod hour;
mod proposal;
mod refused;

#[cfg(test)]
mod tests;

pub use broken_embargo::BrokenEmbargo;
pub use fate::{AmendedStep, Fate, GivenAnswer};
pub use given::{ApprovalFate, GivenApproval};
pub use proposal::Amendment;
pub use refused::AmendRefusal;
