//! What people decide about a run. Each decision gives the event to record, or a refusal that says what to do instead:
//! whatever is accepted has its effect as soon as the run is resumed.

mod abort;
mod approve;
mod confirm;
mod instead;
mod judgement;
mod refusal;
mod request;
mod resolve;
mod signed;
mod waive;
mod withdraw;

#[cfg(test)]
mod tests;

pub use approve::OpenGate;
pub use judgement::Decisions;
pub use refusal::Refusal;
pub use request::{DecisionRequest, Ruling};
pub use resolve::OpenConflict;
pub use signed::{ApprovalPaper, NAMESPACE, SignedApproval};
