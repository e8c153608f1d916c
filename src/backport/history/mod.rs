//! What histories say: of a fix that a branch may have already, and of who last touched a line.

pub(super) mod evidence;
pub(super) mod fixed_by;
pub(super) mod kinship;
pub(super) mod lineage;
pub(super) mod raw_commit;
pub(super) mod taken_back;
pub(super) mod versions;
