//! What people are shown: differences, markers left, and how a backport differs from its fix, and whom to ask
//! about a conflict.

pub(super) mod difference;
pub(super) mod review;
pub(super) mod touched;
