//! The project's own CI as proof: which entries there are on a branch, which of them are run on the stacked tree, and what
//! of what they say holds a target up.
//!
//! - `project`: the entries of a branch under the rule of the catalog;
//! - `outlook`: how many there are and where they can run, for the plan;
//! - `standing`: what of what they came to holds the target up;
//! - `proving`: running them, and adopting what was run before; `told`: how far it is.

mod outlook;
mod project;
mod proving;
mod standing;
mod told;

pub use outlook::outlook;
pub(in crate::steps) use proving::{Found, look, mark_reported, run};
