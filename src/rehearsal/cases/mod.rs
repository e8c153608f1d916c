//! Rehearsals that are killed at chosen moments, in worlds that fail on purpose.

mod canaries;
mod crashes;
mod ending;
mod faults;
mod outcome;
mod search;
mod stage;
