//! The rule of a repository: which files release notes are in, and how they are written there.

use serde::{Deserialize, Serialize};

use crate::version::template::VersionTemplate;

/// How a repository keeps its release notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotesRule {
    /// The changelog, from the root of the repository. With `{version}` in it, each release has a file of its own; with
    /// `{ghsa}` or `{cve}`, each advisory has one, which `entry` fills: a fragment of towncrier or changesets.
    pub file: VersionTemplate,
    /// The heading of a release, such as `## {version}`, `## [{version}] - {date}`, or `{version}` over a line of its
    /// length. `debian/changelog` needs none, nor do fragments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<VersionTemplate>,
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
    /// What becomes of entries that stand under "Unreleased" when a release is made.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unreleased: Unreleased,
    /// In which order releases stand; if not given, as they stand in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<NotesOrder>,
    /// How dates are written, as `strftime` has it: `%d-%b-%Y`. If not given, `2026-01-07`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// What a new file of a release begins with, such as front matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preamble: Option<VersionTemplate>,
    /// What a new file of a release, or of an advisory, ends with, below the entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postamble: Option<VersionTemplate>,
    /// A file that lists the files of releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<NotesIndex>,
    /// What becomes of fragments when a release is made; if not given, they stay for whatever collects them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<NotesCollection>,
    /// Where the notes of older lines are told, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carry_forward: Vec<CarryForward>,
    /// With what the changelog goes on after a release: the heading of the version that comes next, and perhaps a line below it, such
    /// as `Version {version}\n\nUnreleased`. It comes with the bump that `after-release` in the version rule asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coming: Option<VersionTemplate>,
    /// Who signs entries of `debian/changelog`: `Name <mail>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<String>,
}

impl NotesRule {
    /// The files that it names, each with the keys that lead to it.
    #[must_use]
    pub fn paths(&self) -> Vec<(&'static [&'static str], &str)> {
        let mut paths: Vec<(&'static [&'static str], &str)> = vec![(&["file"], self.file.as_str())];
        paths.extend(self.index.iter().map(|index| (&["index", "file"][..], index.file.as_str())));
        paths.extend(self.collect.iter().map(|collect| (&["collect", "into"][..], collect.into.as_str())));
        paths
    }
}

impl NotesRule {
    /// How many blank lines are between two entries if the file does not show it, and how many at least.
    pub(super) fn gap(&self) -> (usize, usize) {
        let of_collection = self.collect.as_ref().and_then(|how| how.entry.as_deref());
        let entry = of_collection.unwrap_or_else(|| self.entry.as_str());
        let text = entry.trim_end();
        let below = entry[text.len()..].matches('\n').count();
        (usize::from(text.contains('\n')), below.saturating_sub(1))
    }

    /// Why what a file ends with can stand nowhere, if it can not: a changelog of many releases has no end of its own.
    #[must_use]
    pub fn wrong_postamble(&self) -> Option<String> {
        let is_one = self.collect.is_some() || !(self.is_by_release() || self.is_by_advisory());
        let file = self.collect.as_ref().map_or(self.file.as_str(), |how| how.into.as_str());
        (self.postamble.is_some() && is_one)
            .then(|| format!("`postamble` ends the file of a release, and `{file}` tells of all releases"))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Fragments, collected into a news file as towncrier does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotesCollection {
    /// The news file, from the root of the repository.
    pub into: String,
    /// Which files are fragments: `changes/*.rst`. Their names are issue, type and ending: `123.bugfix.rst`.
    pub fragments: String,
    /// Their types, in the order of their sections.
    pub types: Vec<FragmentType>,
    /// One entry, with `{text}` and `{issue}` in it; `- {text}` if not given. Brackets around an issue go with it where a
    /// fragment has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

/// A type of fragments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FragmentType {
    /// As it stands in their names: `security`.
    pub name: String,
    /// The heading of their section.
    pub section: String,
}

/// Where the notes of older lines are told, beside their own line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CarryForward {
    /// On the default branch.
    DefaultBranch,
    /// On the line with the newest version.
    NewestLine,
    /// On each line, those of the lines with older versions.
    NewerLines,
}

/// A file that lists the files of releases, such as `[1.2.3](1.2.3.md)` a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotesIndex {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line of a release, with `{version}` in it. It is put above that of the release before.
    pub entry: VersionTemplate,
}

/// What becomes of entries that stand under "Unreleased".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unreleased {
    /// They stay there, and the release has a section below.
    #[default]
    Keep,
    /// They are the release's: its heading is put above them, below "Unreleased".
    Release,
    /// They are the release's: "Unreleased" becomes its heading, and no heading is left for what comes next.
    Rename,
}

/// In which order releases stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotesOrder {
    /// By version, the newest above.
    NewestFirst,
    /// By version, the newest below.
    OldestFirst,
    /// By date, the newest above, whatever its line.
    ByDate,
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
