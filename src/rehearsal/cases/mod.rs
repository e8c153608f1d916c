//! Rehearsals that are killed at chosen moments, in worlds that fail on purpose, of files that were changed at random.

mod canaries;
mod crashes;
mod ending;
mod faults;
mod files;
mod outcome;
mod search;
mod stage;
