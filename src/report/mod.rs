//! What is told of a run, computed once for every shell: its status, its history, and the report of what was released
//! where, by whom, when, on what evidence. PURE over plan and events.

mod account;
mod advisory;
mod approval;
mod data;
mod document;
mod early;
mod estimate;
mod history;
mod left;
mod proof;
mod proven;
mod status;
mod target;
mod text;
mod under_way;
mod waiver;

pub use account::{Account, LastingEffect, public_steps};
pub use data::Report;
pub use document::{DocumentForm, document};
pub use early::EarlyCount;
pub use estimate::Durations;
pub use history::{History, HistoryEntry, Weight};
pub use proven::proven_targets;
pub use status::{FailedStep, Progress, RetryingStep, RunState, Status, StatusCell, StatusRow};
pub use target::ReportedTarget;
