//! What people are shown: differences, markers left, and how a backport differs from its fix.

pub(super) mod difference;
pub(super) mod review;
