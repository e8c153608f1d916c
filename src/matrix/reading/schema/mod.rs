//! What GitHub's schema takes (`workflow-v1.0.json` of actions/runner, `workflow-root-new` of it, and of actions/languageservices): which keys there
//! are, of what kind their values are, and what expressions may name there. Where the two differ, what either takes fits.
//! GitHub is ahead of both: `cache-mode` stands in workflows of its own.

mod blocks;
mod cron;
mod events;
mod file;
mod held;
mod ids;
mod job;
mod shape;
mod step;

pub(super) use held::{of_file, of_job};
