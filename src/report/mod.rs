//! The report of a run: what was released where, by whom, when, on what evidence. PURE over plan and events.

mod advisory;
mod data;
mod expect;
mod target;
mod text;

pub use data::Report;
pub use expect::{Expected, ExpectedTarget, KnownDifference, explained, lines};
pub use target::ReportedTarget;
