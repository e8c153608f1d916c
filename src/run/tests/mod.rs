//! The heart of a run: the fold as a table, journals that are damaged or of another version, and runs that are killed
//! at every event.

mod damage;
mod fold;
mod journals;
mod plans;
mod prefixes;
mod scripted;
