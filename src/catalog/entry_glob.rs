//! Globs of entries of a CI matrix.

use std::str::FromStr;

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

impl FromStr for EntryGlob {
    type Err = InvalidEntryGlob;

    fn from_str(text: &str) -> Result<EntryGlob, InvalidEntryGlob> {
        let invalid = |why: &str| InvalidEntryGlob { text: text.to_owned(), why: why.to_owned() };
        if text.trim().is_empty() {
            return Err(invalid("it names nothing"));
        }
        let pattern = Pattern::new(text).map_err(|error| invalid(error.msg))?;
        Ok(EntryGlob { text: text.to_owned(), pattern })
    }
}

impl TryFrom<String> for EntryGlob {
    type Error = InvalidEntryGlob;

    fn try_from(text: String) -> Result<EntryGlob, InvalidEntryGlob> {
        text.parse()
    }
}

impl From<EntryGlob> for String {
    fn from(glob: EntryGlob) -> String {
        glob.text
    }
}
