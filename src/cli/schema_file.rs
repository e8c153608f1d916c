//! The files that have a schema, and where a mistake in one is sent.

use clap::ValueEnum;

use crate::input::{InputError, UserFile};

/// A user's file, as the command line names it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SchemaFile {
    /// `catalog.toml`: standing facts about repositories.
    Catalog,
    /// `release.toml`: the facts of one release.
    Release,
    /// A workflow: which steps, in which phases, under which gates.
    Workflow,
    /// `world.toml`: the emulated world of a rehearsal.
    World,
    /// A scenario: what goes wrong in a rehearsal.
    Scenario,
}

impl From<UserFile> for SchemaFile {
    fn from(file: UserFile) -> SchemaFile {
        match file {
            UserFile::Catalog => SchemaFile::Catalog,
            UserFile::Release => SchemaFile::Release,
            UserFile::Workflow => SchemaFile::Workflow,
            UserFile::World => SchemaFile::World,
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
