//! The kinds of step: one total table that the workflow, the plan, the steps, the run and every shell read.
//!
//! Whatever is true of a kind, and not of a single step, is a column here. A new kind is a new row, and the compiler asks
//! for every column of it; its work is a file of `steps/`, which `steps/dispatch.rs` must name. No other file may keep a
//! list of kinds.

mod columns;
mod declare;
mod kind;
mod phase;
mod table;

pub use columns::{
    AllowedDecision, Applies, Basis, DecisionKind, Listing, Order, Others, Requests, Scope, Undo, Visibility,
    When, WhenHeadMoves, WhenLeftOut,
};
pub use kind::counted_kinds;
pub use phase::Phase;
pub use table::StepKind;
