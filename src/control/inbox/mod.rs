//! The inbox of a run that is under way: whoever cannot lock the run leaves there what they decide, and the process that
//! drives the run takes it in and answers.
//!
//! A letter is a file, held locked by whoever waits for its answer: one whose writer has died is thrown away. It is renamed
//! when it is taken, so that nobody takes it twice; what is going to be recorded lies beside it before it is in the journal, so
//! that after a crash the journal tells what became of it.

mod again;
mod asking;
mod files;
mod folder;

#[cfg(test)]
mod tests;

pub use again::{look_again, written_to};
pub use asking::{DecideError, Decided, decide, when_asked};
pub(super) use folder::InboxFolder;
