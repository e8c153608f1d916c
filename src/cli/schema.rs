//! `lockgate schema`: the JSON Schema of a user's file.

use clap::Args;

use super::answer::Answer;
use super::problem::Problem;
use super::schema_file::SchemaFile;
use crate::catalog::Catalog;
use crate::rehearsal;
use crate::release::Release;
use crate::workflow::Workflow;

/// Prints the JSON Schema of a file, for editors that complete and check TOML.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate schema catalog > catalog.schema.json")]
pub(super) struct SchemaCommand {
    /// The file.
    file: SchemaFile,
}

impl SchemaCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let schema = match self.file {
            SchemaFile::Catalog => schemars::schema_for!(Catalog),
            SchemaFile::Release => schemars::schema_for!(Release),
            SchemaFile::Workflow => schemars::schema_for!(Workflow),
            SchemaFile::World => rehearsal::world_schema(),
            SchemaFile::Scenario => rehearsal::scenario_schema(),
        };
        Answer::done(serde_json::to_string_pretty(&schema)?).with(&schema)
    }
}
