//! Work on branches that somebody names, outside any release: a fix carried to them and written as new branches, and
//! which of them a vulnerability is in.

pub(super) mod assessed;
pub(super) mod carried;
pub(super) mod covered;
pub(super) mod written;
