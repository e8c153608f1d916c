//! What a world is made of.

use crate::plan::Inputs;
use crate::rehearsal::mirrors::Mirrors;

/// The user's files, and the copies of repositories.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) mirrors: &'a Mirrors,
}
