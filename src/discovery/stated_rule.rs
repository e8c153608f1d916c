//! A version rule as a catalog has it.

use super::written::string;
use crate::numbering::{Scheme, Version};
use crate::version::{TreeReader, VersionRule, Versioning};

/// A version rule as a catalog has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatedRule(Vec<(&'static str, String)>);

/// Rules as lines of a table: one by itself, several together.
pub(super) fn table_of(rules: &[StatedRule]) -> Vec<String> {
    match rules {
        [] => vec!["kind = \"tags\"".to_owned()],
        [one] => one.lines(),
        several => {
            let mut lines = vec!["kind = \"several\"".to_owned(), "of = [".to_owned()];
            lines.extend(several.iter().map(|rule| format!("    {},", rule.inline())));
            lines.push("]".to_owned());
            lines
        }
    }
}

/// These rules as the catalog reads them; `None` where there is none.
pub(super) fn versioning_of(rules: &[StatedRule], scheme: Scheme) -> Option<Versioning> {
    let rule: VersionRule = toml::from_str(&table_of(rules).join("\n")).ok()?;
    (!rules.is_empty()).then(|| Versioning::new(rule, scheme))
}

/// The same on one line, with what is stated after a release.
pub(super) fn inline_of(rules: &[StatedRule], after_release: Option<&str>) -> String {
    let mut keys = match rules {
        [] => vec!["kind = \"tags\"".to_owned()],
        [one] => one.lines(),
        several => {
            let of: Vec<String> = several.iter().map(StatedRule::inline).collect();
            vec!["kind = \"several\"".to_owned(), format!("of = [{}]", of.join(", "))]
        }
    };
    keys.extend(after_release.map(|after| format!("after-release = {}", string(after))));
    format!("{{ {} }}", keys.join(", "))
}

impl StatedRule {
    pub(super) fn kind(kind: &str) -> StatedRule {
        StatedRule(vec![("kind", string(kind))])
    }

    pub(super) fn with(mut self, key: &'static str, value: String) -> StatedRule {
        self.0.push((key, value));
        self
    }

    pub(super) fn without(mut self, key: &str) -> StatedRule {
        self.0.retain(|(own, _)| *own != key);
        self
    }

    pub(super) fn at(kind: &str, key: &'static str, path: &str) -> StatedRule {
        StatedRule::kind(kind).with(key, string(path))
    }

    /// Its kind, as it is written.
    pub(super) fn of_kind(&self) -> &str {
        self.value_of("kind").unwrap_or_default()
    }

    /// Whether it is text with placeholders.
    pub(super) fn is_text(&self) -> bool {
        self.of_kind() == string("text")
    }

    /// The value of a key, as it is written.
    pub(super) fn value_of(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key that is a string without anything that is escaped.
    pub(super) fn unquoted(&self, key: &str) -> Option<&str> {
        self.value_of(key)?.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])
    }

    /// As the lines of a table.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(key, value)| format!("{key} = {value}")).collect()
    }

    /// As a table on one line.
    pub(super) fn inline(&self) -> String {
        format!("{{ {} }}", self.lines().join(", "))
    }

    pub(super) fn read(&self, files: &dyn TreeReader, scheme: Scheme) -> Option<Version> {
        versioning_of(std::slice::from_ref(self), scheme)?.read(files).ok()
    }
}
