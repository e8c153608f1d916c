//! Rehearsals that are killed at chosen moments, in worlds that fail on purpose.

mod crashes;
mod outcome;
mod stage;
