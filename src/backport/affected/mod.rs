//! Whether a branch or a released version is affected, with the evidence.

pub(super) mod assess;
pub(super) mod assessors;
pub(super) mod carried;
pub(super) mod content;
pub(super) mod elsewhere;
pub(super) mod hunk;
pub(super) mod kept;
pub(super) mod pins;
pub(super) mod presence;
