//! What every shell needs: opening a run, who may do what, what people decide, and driving. A shell words it.

mod amendment;
mod authority;
mod decisions;
mod disk;
mod drive;
mod earlier;
mod given_workers;
mod home;
mod inbox;
mod opened;
mod operator;
mod undo;

pub use amendment::{
    AmendRefusal, AmendedStep, Amendment, ApprovalFate, BrokenEmbargo, Fate, GivenAnswer, GivenApproval,
};
#[cfg(test)]
pub(crate) use decisions::Decisions;
pub use decisions::{
    ApprovalPaper, DecisionRequest, NAMESPACE, OpenConflict, OpenGate, Refusal, Ruling, SignedApproval,
};
pub use disk::DiskError;
pub use drive::{DriveError, Waiting, begin, drive, resume, write_report};
pub use earlier::EarlierRun;
pub use given_workers::GivenWorkers;
pub use home::{Home, HomeKind, Rehearsal, UNFINISHED};
pub use inbox::{DecideError, Decided, decide, look_again, when_asked, written_to};
pub use opened::{InputsChanged, Opened};
pub use undo::{TakenBack, UndoError, undo};
