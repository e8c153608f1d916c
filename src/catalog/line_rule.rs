//! What is different on one line of a repository.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::repo_version::RepoVersion;
use crate::ids::BranchName;
use crate::version::NotesRule;

/// The word for a line whose releases are told elsewhere.
const NONE: &str = "none";

/// `[[repo.line]]`: each key stands, for this branch, in the place of the repository's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LineRule {
    /// The branch: one of `lines`, or the default branch.
    pub branch: BranchName,
    /// The form of its tags, in the place of `tag` in `[repo.release]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The workflow that releases it, in the place of the one that `trigger` of `[repo.release]` dispatches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<String>,
    /// How its version is read, written and raised, in the place of `[repo.version]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<RepoVersion>,
    /// Where its release notes go, in the place of `[repo.notes]`; `"none"` where this branch has none.
    #[serde(default, deserialize_with = "LineNotes::from_file", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "LineNotes::schema")]
    pub notes: Option<LineNotes>,
}

/// The release notes of one line.
#[derive(Debug, Clone, PartialEq)]
pub enum LineNotes {
    /// It has none of its own.
    None,
    /// They are written so.
    Written(Box<NotesRule>),
}

impl LineNotes {
    /// The rule, if any are written.
    #[must_use]
    pub fn written(&self) -> Option<&NotesRule> {
        match self {
            LineNotes::None => None,
            LineNotes::Written(rule) => Some(rule),
        }
    }

    fn from_file<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LineNotes>, D::Error> {
        from.deserialize_any(WordOrTable).map(Some)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<NotesRule>();
        json_schema!({ "anyOf": [{ "const": NONE }, table] })
    }
}

impl Serialize for LineNotes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            LineNotes::None => serializer.serialize_str(NONE),
            LineNotes::Written(rule) => rule.serialize(serializer),
        }
    }
}

struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = LineNotes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`\"{NONE}\"`, or a table as `[repo.notes]` is one")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<LineNotes, E> {
        match word {
            NONE => Ok(LineNotes::None),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<LineNotes, A::Error> {
        Box::<NotesRule>::deserialize(MapAccessDeserializer::new(table)).map(LineNotes::Written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_a_line_are_a_table_or_the_word_for_none() {
        let read = |notes: &str| toml::from_str::<LineRule>(&format!("branch = '1.x'\nnotes = {notes}"));
        assert_eq!(read("'none'").unwrap().notes, Some(LineNotes::None));
        let written = read("{ file = 'History.md', entry = '* {summary}' }").unwrap();
        let rule = written.notes.as_ref().and_then(LineNotes::written).unwrap();
        assert_eq!(rule.paths()[0].1, "History.md");
        assert!(read("'nothing'").unwrap_err().to_string().contains("or a table as `[repo.notes]` is one"));
        for line in [written, read("'none'").unwrap()] {
            let stored = serde_json::to_value(&line).unwrap();
            assert_eq!(serde_json::from_value::<LineRule>(stored).unwrap(), line);
        }
    }
}
