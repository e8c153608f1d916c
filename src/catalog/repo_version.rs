//! How a repository carries its version, and which number a security release raises.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::numbering::{Raise, names_development};
use crate::version::VersionRule;

/// `[repo.version]`: the rule by its `kind`, and what is true of every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RepoVersion {
    /// Which number a security release raises. If it is not stated, the patch number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub next: Raise,
    /// What happens when the next version has a tag already.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when_taken: WhenTaken,
    /// What the project states after a release, with `{version}` (the released one) or `{next}` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_release: Option<String>,
    /// Where the version stands.
    #[serde(flatten)]
    pub rule: VersionRule,
}

/// What happens when the version that comes next has a tag already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhenTaken {
    /// There is no plan until the release file states the version.
    #[default]
    Refuse,
    /// The next free number is taken.
    Skip,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is wrong with what is stated after a release, and the remedy: it must follow from a version, and stand somewhere.
pub(super) fn wrong_after_release(version: &RepoVersion) -> Option<(String, &'static str)> {
    let is_alone = version.rule.is_in_releases_alone();
    let Some(form) = &version.after_release else {
        let message = "`between` says what stands there between releases, and nothing puts it back after one";
        let hint = "write what follows a release: `after-release = \"{next}-dev\"`";
        return is_alone.then(|| (message.to_owned(), hint));
    };
    if is_alone && !names_development(form) {
        let message = format!("`{form}` is no development version, and `between` stands where one is stated");
        return Some((message, "write `{next}-dev`, `{next}-SNAPSHOT` or `{next}.dev0`"));
    }
    if !version.rule.is_in_files() {
        let message = "no file states the version, so none can state another one after a release";
        return Some((message.to_owned(), "remove `after-release`"));
    }
    let rest = form.replace("{version}", "").replace("{next}", "");
    let is_right = rest != *form && !rest.contains(['{', '}']);
    (!is_right).then(|| {
        let message = format!("`{form}` does not say how the version after a release follows from it");
        let hint = "write `{version}` for the released one or `{next}` for the next, as in `{version}-dev` or \
                    `{next}.dev0`";
        (message, hint)
    })
}

/// The keys of the rule are closed, kind by kind; those that are common to all kinds stand in each of them.
impl JsonSchema for RepoVersion {
    fn schema_name() -> Cow<'static, str> {
        "RepoVersion".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = VersionRule::json_schema(generator);
        let common = [
            ("next", "Which number a security release raises.", generator.subschema_for::<Raise>()),
            (
                "when-taken",
                "What happens when the next version has a tag already.",
                generator.subschema_for::<WhenTaken>(),
            ),
            (
                "after-release",
                "What the project states after a release, with `{version}` (the released one) or `{next}` in it.",
                generator.subschema_for::<String>(),
            ),
        ];
        let kinds = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut);
        for kind in kinds.into_iter().flatten() {
            let Some(properties) = kind["properties"].as_object_mut() else { continue };
            for (key, description, of) in &common {
                let mut of = of.clone();
                of.insert("description".to_owned(), (*description).into());
                properties.insert((*key).to_owned(), of.to_value());
            }
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_to_all_kinds_stands_beside_the_kind_in_file_and_schema() {
        let read = |text: &str| toml::from_str::<RepoVersion>(text);
        let plain = read("kind = 'npm'").unwrap();
        assert_eq!((plain.next, plain.when_taken), (Raise::Patch, WhenTaken::Refuse));
        let minor =
            read("kind = 'npm'\nmanifest = 'a/package.json'\nnext = 'minor'\nwhen-taken = 'skip'").unwrap();
        assert_eq!((minor.next, minor.when_taken), (Raise::Minor, WhenTaken::Skip));
        assert!(read("kind = 'npm'\nnxt = 'minor'").is_err(), "unknown keys are refused");

        let schema = schemars::schema_for!(RepoVersion);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        assert!(validator.is_valid(&serde_json::json!({"kind": "npm", "next": "minor"})));
        assert!(!validator.is_valid(&serde_json::json!({"kind": "npm", "next": "major"})));
        assert!(!validator.is_valid(&serde_json::json!({"kind": "npm", "nxt": "minor"})));
    }
}
