//! `lockgate schema`: the JSON Schema of a user's file.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::catalog::Catalog;
use crate::release::Release;
use crate::workflow::Workflow;

/// Prints the JSON Schema of a file, for editors that complete and check TOML.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate schema catalog > catalog.schema.json")]
pub(super) struct Arguments {
    /// Which file.
    file: File,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum File {
    /// `catalog.toml`: status facts about repositories.
    Catalog,
    /// `release.toml`: the facts of one release.
    Release,
    /// A workflow: which steps, in which phases, under which gates.
    Workflow,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let schema = match self.file {
            File::Catalog => schemars::schema_for!(Catalog),
            File::Release => schemars::schema_for!(Release),
            File::Workflow => schemars::schema_for!(Workflow),
        };
        terminal::out(serde_json::to_string_pretty(&schema)?);
        Ok(Exit::Done)
    }
}
