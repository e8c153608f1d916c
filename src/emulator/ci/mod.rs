//! Scripted CI: checks that run on commits, pipelines that release, and everything else that happens by itself.
//!
//! There are no timers. A check's state follows from the time; what changes the world is scheduled, and applied
//! by the first request after its time.

mod checks;
mod effects;
mod jobs;
mod pipeline;
mod queue;
mod skipping;
mod triggers;
mod version_files;

pub(crate) use checks::{Trunk, let_start, reviewed, start_checks};
pub(crate) use effects::happen;
pub(crate) use jobs::{CHECKS_WORKFLOW, RELEASE_WORKFLOW, later};
pub(crate) use pipeline::{cancel, dispatch, rerun_failed};
pub(crate) use queue::{QueueWish, enqueue};
pub(crate) use triggers::{branch_pushed, tag_pushed};
