//! Picking a fix onto branches: one, a stack of several, all lines at once, and what helps where it conflicts.

pub(super) mod batch;
pub(super) mod chain;
pub(super) mod histories;
pub(super) mod lock_files;
pub(super) mod memory;
pub(super) mod mutual;
pub(super) mod outcome;
pub(super) mod pick;
pub(super) mod proposal;
pub(super) mod request;
pub(super) mod resolved;
pub(super) mod series;
pub(super) mod stack;
