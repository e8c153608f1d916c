//! Stories of suites and of what is remembered of them.

mod adopted;
mod bench;
mod hostile;
mod submitted;
mod suites;
