//! GitHub Releases: which Lockgate makes, where no CI of the project does, or none at all.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The word that stands for a rule without any wish.
const MADE: &str = "lockgate";
/// The word for a project whose releases are tags.
const NONE: &str = "none";

/// Who makes the GitHub Releases of a repository, where not its CI or its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitHubReleases {
    /// There are none: a release is its tag.
    TagAlone,
    /// Lockgate makes them.
    Made(GitHubReleaseRule),
}

impl GitHubReleases {
    /// What a release that Lockgate makes says.
    #[must_use]
    pub fn made(&self) -> Option<&GitHubReleaseRule> {
        match self {
            GitHubReleases::TagAlone => None,
            GitHubReleases::Made(rule) => Some(rule),
        }
    }

    /// Reads it as a word or as a table.
    pub(super) fn from_file<'de, D: Deserializer<'de>>(from: D) -> Result<Option<GitHubReleases>, D::Error> {
        from.deserialize_any(WordOrTable).map(Some)
    }

    /// What may stand in a file.
    pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<GitHubReleaseRule>();
        json_schema!({ "anyOf": [{ "const": MADE }, { "const": NONE }, table] })
    }
}

impl Serialize for GitHubReleases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            GitHubReleases::TagAlone => serializer.serialize_str(NONE),
            GitHubReleases::Made(rule) => rule.serialize(serializer),
        }
    }
}

/// What the release says, and where its files are. It is always drafted first, so that its files are there before
/// anybody is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GitHubReleaseRule {
    /// Its title, with `{version}`, `{tag}` and `{project}` in it. If it is not stated: project and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text, with `{notes}`, `{version}`, `{tag}` and `{project}` in it. If it is not stated: the release notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The folder with the files that `assets` names, beside the release file. If it is not stated: `assets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets_from: Option<String>,
}

impl GitHubReleaseRule {
    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or("{project} {version}")
    }

    /// Its text.
    #[must_use]
    pub fn notes(&self) -> &str {
        self.notes.as_deref().unwrap_or("{notes}")
    }

    /// Where a file of it is, from the folder of the release file.
    #[must_use]
    pub fn path_of(&self, asset: &str) -> String {
        format!("{}/{asset}", self.assets_from.as_deref().unwrap_or("assets").trim_end_matches('/'))
    }
}

struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = GitHubReleases;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`\"{MADE}\"`, `\"{NONE}\"`, or a table with `title`, `notes` or `assets-from`")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<GitHubReleases, E> {
        match word {
            MADE => Ok(GitHubReleases::Made(GitHubReleaseRule::default())),
            NONE => Ok(GitHubReleases::TagAlone),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<GitHubReleases, A::Error> {
        GitHubReleaseRule::deserialize(MapAccessDeserializer::new(table)).map(GitHubReleases::Made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ReleaseRule;

    fn read(form: &str) -> Result<Option<GitHubReleases>, String> {
        let text = format!("trigger = \"push-tag\"\ntag = \"v{{version}}\"\n{form}");
        let rule = toml::from_str::<ReleaseRule>(&text).map_err(|error| error.message().to_owned());
        rule.map(|rule| rule.github_release)
    }

    #[test]
    fn word_and_table_are_read_and_everything_else_is_refused_with_what_may_stand_there() {
        assert_eq!(read("").unwrap(), None);
        let plain = GitHubReleases::Made(GitHubReleaseRule::default());
        assert_eq!(read("github-release = \"lockgate\"").unwrap(), Some(plain));
        assert_eq!(read("github-release = \"none\"").unwrap(), Some(GitHubReleases::TagAlone));
        let rule = read("github-release = { title = \"Pump {version}\", assets-from = \"dist/\" }")
            .unwrap()
            .unwrap();
        let rule = rule.made().unwrap();
        assert_eq!((rule.title(), rule.notes()), ("Pump {version}", "{notes}"));
        assert_eq!(rule.path_of("pump.zip"), "dist/pump.zip");
        assert_eq!(GitHubReleaseRule::default().path_of("pump.zip"), "assets/pump.zip");
        let refused = read("github-release = \"ci\"").unwrap_err();
        assert!(refused.contains("\"ci\", expected `\"lockgate\"`, `\"none\"`, or a table"), "{refused}");
        let refused = read("github-release = { titel = \"x\" }").unwrap_err();
        assert!(refused.contains("unknown field `titel`"), "{refused}");
    }

    #[test]
    fn plans_hold_it_as_a_table_and_the_schema_knows_both_forms() {
        let text = "trigger = \"push-tag\"\ntag = \"v{version}\"\ngithub-release = \"lockgate\"";
        let rule: ReleaseRule = toml::from_str(text).unwrap();
        let written = serde_json::to_value(&rule).unwrap();
        assert_eq!(written["github-release"], serde_json::json!({}));
        assert_eq!(serde_json::from_value::<ReleaseRule>(written).unwrap(), rule);
        let none: ReleaseRule = toml::from_str(&text.replace("lockgate", "none")).unwrap();
        let written = serde_json::to_value(&none).unwrap();
        assert_eq!(written["github-release"], "none");
        assert_eq!(serde_json::from_value::<ReleaseRule>(written).unwrap(), none);
        let schema = schemars::schema_for!(ReleaseRule);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        let with = |form: serde_json::Value| {
            validator
                .is_valid(&serde_json::json!({"trigger": "push-tag", "tag": "v", "github-release": form}))
        };
        assert!(with("lockgate".into()) && with("none".into()) && with(serde_json::json!({"title": "x"})));
        assert!(!with("ci".into()) && !with(serde_json::json!({"titel": "x"})));
    }
}
