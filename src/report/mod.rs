//! The report of a run: what was released where, by whom, when, on what evidence. PURE over plan and events.

mod advisory;
mod data;
mod target;
mod text;

pub use data::Report;
pub use target::ReportedTarget;
