//! The report of a run: what was released where, by whom, when, on what evidence. PURE over plan and events.

mod advisory;
mod data;
mod expect;
mod target;
mod text;

pub use advisory::ReportedAdvisory;
pub use data::{Adopted, Approval, Failure, Mail, OperatorActions, Outcome, Report};
pub use expect::{Expected, ExpectedTarget, KnownDifference, Told, explained, lines};
pub use target::{Change, ReportedTarget, ReportedVerdict, Suite};
