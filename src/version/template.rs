//! Lines with placeholders, such as `## {version}`, checked when the file that holds them is read.

use serde::{Deserialize, Serialize};

/// The placeholders that release notes know.
const KNOWN: [&str; 11] =
    ["version", "previous", "major", "minor", "patch", "date", "summary", "ghsa", "cve", "url", "severity"];

/// A placeholder that release notes do not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{template}` holds the unknown placeholder `{{{name}}}`; known are {known}")]
pub struct InvalidTemplate {
    /// The template.
    pub template: String,
    /// The placeholder.
    pub name: String,
    /// What may be used.
    pub known: String,
}

/// Text with `{version}`, `{major}`, `{minor}`, `{patch}`, `{previous}` (the release before), `{date}`, `{summary}`,
/// `{ghsa}`, `{cve}`, `{url}` or `{severity}` in it. Not a language:
/// what a changelog needs is one line, and braces of other kinds stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct VersionTemplate(String);

/// A piece of a template.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

impl VersionTemplate {
    /// The text with each placeholder replaced by what `value` says.
    pub(super) fn fill<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> String {
        let piece = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Placeholder(name) => value(name).unwrap_or_default(),
        };
        self.pieces().into_iter().map(piece).collect()
    }

    /// Its lines, each a template.
    pub(super) fn lines(&self) -> Vec<VersionTemplate> {
        self.0.lines().map(|line| VersionTemplate(line.to_owned())).collect()
    }

    /// As it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the placeholder is in it.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.0.contains(&format!("{{{name}}}"))
    }

    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((start, end)) = placeholder(rest) {
            pieces.push(Piece::Text(&rest[..start]));
            pieces.push(Piece::Placeholder(&rest[start + 1..end]));
            rest = &rest[end + 1..];
        }
        pieces.push(Piece::Text(rest));
        pieces
    }
}

/// The next `{word}`: the bytes of its braces.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('{')?;
        let end = start + text[start..].find('}')?;
        let name = &text[start + 1..end];
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Some((start, end));
        }
        from = start + 1;
    }
}

impl TryFrom<String> for VersionTemplate {
    type Error = InvalidTemplate;

    fn try_from(text: String) -> Result<Self, InvalidTemplate> {
        let template = VersionTemplate(text);
        let unknown = template.pieces().into_iter().find_map(|piece| match piece {
            Piece::Placeholder(name) if !KNOWN.contains(&name) => Some(name.to_owned()),
            _ => None,
        });
        match unknown {
            None => Ok(template),
            Some(name) => {
                let known = KNOWN.map(|name| format!("`{{{name}}}`")).join(", ");
                Err(InvalidTemplate { template: template.0, name, known })
            }
        }
    }
}

impl From<VersionTemplate> for String {
    fn from(template: VersionTemplate) -> String {
        template.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let template = VersionTemplate::try_from("{ {version} {X} {} [{ghsa}]".to_owned()).unwrap();
        let filled = template.fill(|name| Some(if name == "version" { "1.2.3" } else { "G" }));
        assert_eq!(filled, "{ 1.2.3 {X} {} [G]");
    }

    #[test]
    fn unknown_placeholder_is_refused_with_the_known_ones() {
        let message = VersionTemplate::try_from("* {sumary}".to_owned()).unwrap_err().to_string();
        assert!(
            message.contains("unknown placeholder `{sumary}`") && message.contains("`{summary}`"),
            "{message}"
        );
    }
}
