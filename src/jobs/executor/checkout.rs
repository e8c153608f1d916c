//! Where jobs are run.

use std::path::PathBuf;

/// Where jobs are run.
pub struct JobCheckout {
    pub(super) folder: PathBuf,
    pub(super) absent: Vec<String>,
    pub(super) label: String,
    _guard: Box<dyn Send + Sync>,
}

impl JobCheckout {
    /// A checkout of the jobs' tree, the files of the tree that it lacks, and whose jobs they are, for the folder of
    /// their logs.
    ///
    /// The guard keeps the folder in place, for as long as the jobs run. Were it removed under a suite because nobody
    /// waits any more, what the suite then says would be kept as the truth about its tree.
    #[must_use]
    pub fn new(
        folder: PathBuf,
        absent: Vec<String>,
        label: String,
        guard: impl Send + Sync + 'static,
    ) -> JobCheckout {
        JobCheckout { folder, absent, label, _guard: Box::new(guard) }
    }
}
