//! What histories say: of a fix that a branch may have already, and of who last touched a line.

pub(super) mod evidence;
pub(super) mod lineage;
pub(super) mod told;
pub(super) mod touched;
pub(super) mod versions;
