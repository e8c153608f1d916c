//! What commits say: of themselves, of one another, and of who last touched a line.

pub(super) mod commits;
pub(super) mod evidence;
pub(super) mod lineage;
pub(super) mod message;
pub(super) mod told;
pub(super) mod touched;
pub(super) mod versions;
