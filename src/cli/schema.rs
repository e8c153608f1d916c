//! `lockgate schema`: the JSON Schema of a user's file.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::catalog::Catalog;
use crate::input::{InputError, UserFile};
use crate::release::Release;
use crate::workflow::Workflow;

/// Prints the JSON Schema of a file, for editors that complete and check TOML.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate schema catalog > catalog.schema.json")]
pub(super) struct SchemaCommand {
    /// The file.
    file: SchemaFile,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SchemaFile {
    /// `catalog.toml`: standing facts about repositories.
    Catalog,
    /// `release.toml`: the facts of one release.
    Release,
    /// A workflow: which steps, in which phases, under which gates.
    Workflow,
}

impl From<UserFile> for SchemaFile {
    fn from(file: UserFile) -> SchemaFile {
        match file {
            UserFile::Catalog => SchemaFile::Catalog,
            UserFile::Release => SchemaFile::Release,
            UserFile::Workflow => SchemaFile::Workflow,
        }
    }
}

/// What to do about a mistake in a file, with the command that prints the file's schema where that helps.
pub(super) fn hint(error: &InputError) -> Option<String> {
    let Some(file) = error.schema.map(SchemaFile::from) else { return error.hint.clone() };
    let name = file.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let fix = error.hint.as_deref().unwrap_or("correct it there");
    Some(format!("{fix}; `lockgate schema {name}` prints what the file may hold"))
}

impl SchemaCommand {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let schema = match self.file {
            SchemaFile::Catalog => schemars::schema_for!(Catalog),
            SchemaFile::Release => schemars::schema_for!(Release),
            SchemaFile::Workflow => schemars::schema_for!(Workflow),
        };
        terminal::out(serde_json::to_string_pretty(&schema)?);
        Ok(Exit::Done)
    }
}
