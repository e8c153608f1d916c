//! `lockgate man`: the manual pages, one a command.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::problem::{Problem, io_problem};

/// Writes the manual pages, one a command, for `man lockgate` and `man lockgate-plan`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate man ~/.local/share/man/man1")]
pub(super) struct ManCommand {
    /// The directory that they are written to; it is made if it is missing.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl ManCommand {
    pub(super) fn run(&self, command: clap::Command) -> Result<Answer, Problem> {
        let directory = &self.directory;
        let wrong = |error: &std::io::Error| io_problem("write manual pages to", directory, error);
        std::fs::create_dir_all(directory).map_err(|error| wrong(&error))?;
        clap_mangen::generate_to(command, directory).map_err(|error| wrong(&error))?;
        let told = format!("wrote the manual pages to `{}`", directory.display());
        Answer::done(told).with(&json!({ "directory": directory }))
    }
}
