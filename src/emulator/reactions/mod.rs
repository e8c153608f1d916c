//! What the world does by itself: when time passes, when somebody pushes, when a branch moves.

mod due;
mod observe;
mod pulls;

pub(crate) use due::begin;
pub(crate) use observe::observe;
pub(crate) use pulls::follow_head;
