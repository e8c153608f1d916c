//! Rehearsals that are killed at chosen moments, in worlds that fail on purpose.

mod crashes;
mod faults;
mod outcome;
mod stage;
