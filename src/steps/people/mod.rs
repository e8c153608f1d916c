//! What only people and the clock can pass, and what is recorded of them.

pub(super) mod ahead;
pub(super) mod approvals;
pub(super) mod confirm;
pub(super) mod embargo;
pub(super) mod fix_disclosure;
pub(super) mod gate;
pub(super) mod lapse;
pub(super) mod record_manager;
pub(super) mod shown;
pub(super) mod summary;
mod taken_tags;
pub(super) mod texts;
pub(super) mod versions;
