//! The kinds of step: one total table that the workflow, the plan, the steps, the run and every shell read.
//!
//! Whatever is true of a kind and not of a single step is a column here. A new kind is a new row, and the compiler asks
//! for every column of it; its work is a file of `steps/`, which `steps/dispatch.rs` must name.

mod columns;
mod phase;
mod table;

pub use columns::{Scope, Undo, Visibility};
pub use phase::Phase;
pub use table::StepKind;
