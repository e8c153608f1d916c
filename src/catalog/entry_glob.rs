//! Globs of entries of a CI matrix.

use glob::Pattern;

/// A glob of the names that GitHub shows for entries, or of the ids of their jobs: `test*`, `*(windows*`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct EntryGlob {
    text: String,
    pattern: Pattern,
}

/// A text that is not a glob of entries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a glob of entries: {why}; write it as `test*` or `*(linux*`, and `[[]` for a bracket"
)]
pub struct InvalidEntryGlob {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl EntryGlob {
    /// Whether it matches an entry of this name, of this job.
    #[must_use]
    pub fn matches(&self, name: &str, job: &str) -> bool {
        self.pattern.matches(name) || self.pattern.matches(job)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for EntryGlob {
    type Error = InvalidEntryGlob;

    fn try_from(text: String) -> Result<EntryGlob, InvalidEntryGlob> {
        let why = match Pattern::new(&text) {
            _ if text.trim().is_empty() => "it names nothing",
            Ok(pattern) => return Ok(EntryGlob { text, pattern }),
            Err(error) => error.msg,
        };
        Err(InvalidEntryGlob { text, why: why.to_owned() })
    }
}

impl From<EntryGlob> for String {
    fn from(glob: EntryGlob) -> String {
        glob.text
    }
}
