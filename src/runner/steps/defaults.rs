//! How the scripts of a job are started where their step says nothing.

use super::trouble::{Trouble, text};
use crate::matrix::{Contexts, Recipe};

/// What `defaults.run` says of a job.
#[derive(Debug, Clone, Default)]
pub(super) struct RunDefaults {
    /// The shell; empty where nothing is written.
    pub(super) shell: String,
    /// The working directory, below the workspace.
    pub(super) folder: String,
}

impl RunDefaults {
    /// The job's, or else the file's.
    pub(super) fn of(recipe: &Recipe, contexts: &Contexts) -> Result<RunDefaults, Trouble> {
        let written = |key: &str| {
            let own = recipe.job.get("defaults").get("run").get(key);
            if own.is_null() { recipe.file_defaults.get("run").get(key) } else { own }
        };
        let shell = text(&written("shell"), contexts)?;
        Ok(RunDefaults { shell, folder: text(&written("working-directory"), contexts)? })
    }
}
