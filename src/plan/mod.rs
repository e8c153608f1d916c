//! The plan: a directed acyclic graph of steps, computed from files and a snapshot.
//!
//! Pure: nothing here reads a file, asks a service or looks at the clock. The plan computed twice from the same
//! inputs is byte-identical.

mod answered_tags;
mod approval_rules;
mod basis;
mod build;
mod check;
mod dependencies;
mod difference;
mod edges;
mod error;
mod expansion;
mod graph;
mod inputs;
mod line_names;
mod merging;
mod next_release;
mod order;
mod places;
mod policies;
mod pushing;
mod recipe;
mod refused_commits;
mod release_before;
mod render;
mod requests;
mod step;
mod tagging;
mod target;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{demo as demo_plan, demo_with_every_kind as demo_plan_with_every_kind};

pub use approval_rules::ApprovalRule;
pub use build::build;
pub use check::{Fault, check};
pub use dependencies::dependency_order;
pub use difference::{StepChange, StepDifference, differences};
pub use error::{PlanError, SharedPackage, SharedTag};
pub use graph::Plan;
pub use inputs::Inputs;
pub use order::Edge;
pub use refused_commits::{BumpText, RefusedCommit, bump_title, development_title};
pub use render::{Format, Grouping, RenderError, render};
pub use step::{Step, Subject};
pub use tagging::Tagging;
pub use target::{LineRelease, PackageRelease, Target};
