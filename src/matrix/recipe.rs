//! What an entry consists of, for those who run it.

use super::expression::{Contexts, Value};

/// A job as it is written, with what its expressions see in one configuration.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// All that stands below the key of the job.
    pub job: Value,
    /// The environment that the file gives to all jobs.
    pub file_env: Value,
    /// The defaults that the file gives to all jobs.
    pub file_defaults: Value,
    /// `github`, `inputs`, `vars`, `needs`, `strategy` and `matrix`; what is not known before the run is unknown in them.
    pub contexts: Contexts,
}
