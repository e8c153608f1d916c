//! The rule of a repository, and what goes through it.

use serde::{Deserialize, Serialize};

use super::text::{Changelog, heading_pattern};
use crate::ids::{CveId, GhsaId};
use crate::numbering::Version;
use crate::version::error::VersionError;
use crate::version::template::VersionTemplate;

/// How a repository keeps its release notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotesRule {
    /// The changelog, from the root of the repository.
    pub file: String,
    /// The heading of a release, such as `## {version}` or `## [{version}] - {date}`.
    pub heading: VersionTemplate,
    /// A line under the heading of a fresh section, such as `Released {date}.`
    #[serde(default)]
    pub released: Option<VersionTemplate>,
    /// The heading under which entries go, such as `### Fixed`; none if they stand directly under the release.
    #[serde(default)]
    pub section: Option<String>,
    /// One entry, such as `* {summary}.\n  [{ghsa}]({url})`.
    pub entry: VersionTemplate,
    /// What stands between releases; if not given, what the file has there.
    #[serde(default)]
    pub separator: Option<String>,
    /// What to do if there is no such file.
    #[serde(default)]
    pub missing: MissingFile,
}

/// What to do if a branch has no changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingFile {
    /// It is an error.
    #[default]
    Refuse,
    /// A new file is made.
    Create,
}

/// What is said about one advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteEntry {
    /// One sentence; line breaks become spaces.
    pub summary: String,
    /// The advisory.
    pub ghsa: GhsaId,
    /// Its CVE id, if there is one.
    pub cve: Option<CveId>,
    /// Where the advisory will be found.
    pub url: String,
    /// Its severity in a word, if it is said.
    pub severity: Option<String>,
}

/// What became of the changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notes {
    /// Every entry is there already.
    Unchanged,
    /// The whole new text of the file.
    Changed(String),
}

/// Why release notes could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotesError {
    /// There is no such file, and the rule does not say to make one.
    #[error("`{file}` is not in the tree; set `missing = \"create\"` for branches without release notes")]
    Missing {
        /// The file.
        file: String,
    },
    /// The heading has no `{version}`.
    #[error("the heading of releases in `{file}` holds no `{{version}}`")]
    Heading {
        /// The file.
        file: String,
    },
    /// A placeholder of the rule has no value in this release.
    #[error("release notes in `{file}` want `{{{placeholder}}}`, but {subject} has none")]
    NoValue {
        /// The file.
        file: String,
        /// The placeholder.
        placeholder: &'static str,
        /// Which advisory or release.
        subject: String,
    },
    /// The file cannot be read or written as it is.
    #[error(transparent)]
    File(#[from] VersionError),
}

impl NotesRule {
    /// Puts the entries into the section of `version`, which is made if it is not there. An advisory that the
    /// section names already is left as it stands, so that a second run changes nothing and an entry that people
    /// reworded survives.
    ///
    /// # Errors
    /// The file is missing, or the rule asks for something that is not known (a date, a CVE id).
    pub fn insert(
        &self,
        text: Option<&str>,
        version: &Version,
        date: Option<jiff::civil::Date>,
        entries: &[NoteEntry],
    ) -> Result<Notes, NotesError> {
        let text = match (text, self.missing) {
            (Some(text), _) => text,
            (None, MissingFile::Create) => "",
            (None, MissingFile::Refuse) => return Err(NotesError::Missing { file: self.file.clone() }),
        };
        if !self.heading.mentions("version") {
            return Err(NotesError::Heading { file: self.file.clone() });
        }
        let heading =
            heading_pattern(&self.heading).map_err(|_| NotesError::Heading { file: self.file.clone() })?;
        let log = Changelog::parse(text);
        let releases = log.releases(&heading, version.scheme());
        let present = releases.iter().find(|release| release.version == *version);
        let standing = present.map(|release| log.lines[release.first..release.end].to_vec());
        let mut blocks = Vec::new();
        for entry in entries {
            let block = self.render(entry)?;
            let lines = standing.iter().flatten();
            if !is_there(&lines.map(|line| line.text).collect::<Vec<_>>(), &block, self, entry)
                && !blocks.contains(&block)
            {
                blocks.push(block);
            }
        }
        if blocks.is_empty() {
            return Ok(Notes::Unchanged);
        }
        let list = self.list(&log, &blocks);
        let edit = match present {
            Some(release) => self.extend(&log, release, &list),
            None => self.fresh(&log, &releases, version, &self.head(version, date)?, &list),
        };
        Ok(Notes::Changed(edit.apply(text, log.newline)))
    }

    /// One entry as lines.
    fn render(&self, entry: &NoteEntry) -> Result<Vec<String>, NotesError> {
        let cve = entry.cve.as_ref().map(CveId::as_str);
        for (placeholder, value) in [("cve", cve), ("severity", entry.severity.as_deref())] {
            if self.entry.mentions(placeholder) && value.is_none() {
                let subject = entry.ghsa.to_string();
                return Err(NotesError::NoValue { file: self.file.clone(), placeholder, subject });
            }
        }
        // A heading or a fence inside a summary would change the structure of the file.
        let mut summary = entry.summary.split_whitespace().collect::<Vec<_>>().join(" ");
        if String::from(self.entry.clone()).contains("{summary}.") {
            summary.truncate(summary.trim_end_matches('.').len());
        }
        let filled = self.entry.fill(|name| match name {
            "summary" => Some(&summary),
            "ghsa" => Some(entry.ghsa.as_str()),
            "cve" => cve,
            "url" => Some(&entry.url),
            "severity" => entry.severity.as_deref(),
            _ => None,
        });
        Ok(filled.trim_end().lines().map(str::to_owned).collect())
    }

    /// The heading of a fresh section and the line under it.
    fn head(&self, version: &Version, date: Option<jiff::civil::Date>) -> Result<Vec<String>, NotesError> {
        let wants_date =
            self.heading.mentions("date") || self.released.as_ref().is_some_and(|line| line.mentions("date"));
        if wants_date && date.is_none() {
            return Err(NotesError::NoValue {
                file: self.file.clone(),
                placeholder: "date",
                subject: format!("release {version}"),
            });
        }
        let (version, date) = (version.to_string(), date.map(|date| date.to_string()).unwrap_or_default());
        let fill = |template: &VersionTemplate| {
            template.fill(|name| match name {
                "version" => Some(&version),
                "date" => Some(&date),
                _ => None,
            })
        };
        Ok(std::iter::once(&self.heading).chain(&self.released).map(fill).collect())
    }
}

/// Whether the section has this entry: word for word, or by the id of its advisory.
fn is_there(section: &[&str], block: &[String], rule: &NotesRule, entry: &NoteEntry) -> bool {
    let by_id = rule.entry.mentions("ghsa") || rule.entry.mentions("url");
    (by_id && section.iter().any(|line| line.contains(entry.ghsa.as_str())))
        || section.windows(block.len()).any(|lines| lines == block)
}
