//! The files that a release's notes change: one changelog, a file of the release, or a file for each advisory.

use super::debian;
use super::error::NotesError;
use super::neighbours::bullet;
use super::noted::{NoteEntry, NotedRelease};
use super::place::blanks;
use super::rule::{MissingFile, NotesRule};
use super::text::{newline_above, newline_below};
use super::values::Telling;
use crate::numbering::Version;
use crate::version::files::{FileChange, TextFile, TreeReader, open};
use crate::version::template::VersionTemplate;

impl NotesRule {
    /// The files that change when these entries are told of a release, in order of their paths. A second time, nothing
    /// changes.
    ///
    /// # Errors
    /// A file is missing, the place is not certain, or the rule asks for what is not known (a date, a CVE id).
    pub fn write(
        &self,
        files: &dyn TreeReader,
        release: &NotedRelease<'_>,
    ) -> Result<Vec<FileChange>, NotesError> {
        let mut telling = Telling::of(self, release);
        let mut changes = Vec::new();
        if let Some(how) = &self.collect {
            changes.extend(telling.collect(files, how)?);
        } else if self.is_by_advisory() {
            for entry in release.entries.iter().filter(|entry| entry.own.files.is_empty()) {
                changes.extend(telling.fragment(files, entry)?);
            }
        } else if !release.entries.is_empty() {
            telling.file = telling.line(&self.file, telling.previous)?;
            changes.extend(telling.changelog(files)?);
            changes.extend(telling.index(files)?);
        }
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(changes)
    }

    /// The files whose conflicts need nobody, because they are written again.
    #[must_use]
    pub fn regenerated(&self, version: &Version) -> Vec<String> {
        if let Some(how) = &self.collect {
            return vec![how.into.clone()];
        }
        if self.is_by_advisory() {
            return Vec::new();
        }
        let file = self.file.fill(|name| (name == "version").then_some(version.as_str()));
        let index = self.index.iter().map(|index| index.file.clone());
        std::iter::once(file).chain(index).collect()
    }

    /// Whether each advisory has a file of its own.
    #[must_use]
    pub fn is_by_advisory(&self) -> bool {
        self.file.mentions("ghsa") || self.file.mentions("cve")
    }

    /// Whether a note names the CVE of its advisory.
    #[must_use]
    pub fn names_cve(&self) -> bool {
        self.file.mentions("cve") || self.entry.mentions("cve")
    }

    /// Whether each release has one.
    pub(super) fn is_by_release(&self) -> bool {
        ["version", "major", "minor", "patch"].iter().any(|name| self.file.mentions(name))
    }
}

impl Telling<'_> {
    fn changelog(&self, files: &dyn TreeReader) -> Result<Option<FileChange>, NotesError> {
        let found = open(files, &self.file)?;
        let creates = self.rule.missing == MissingFile::Create || self.rule.is_by_release();
        let file = match found {
            Some(file) => file,
            None if creates => TextFile::new(&self.file),
            None => return Err(NotesError::Missing { file: self.file.clone() }),
        };
        let end = self.around(self.rule.postamble.as_ref())?;
        let preamble = self.around(self.rule.preamble.as_ref())?;
        let (text, end) = match file.text.strip_suffix(&end) {
            _ if file.text.is_empty() => (preamble.as_str(), end.as_str()),
            // What the file ends with stays its end.
            Some(text) => (text, end.as_str()),
            None => (file.text.as_str(), ""),
        };
        let changed = if debian::is_one(&self.file) {
            self.debian(text)?
        } else if self.rule.is_by_release() && self.rule.heading.is_none() {
            self.whole(text)?
        } else {
            self.insert(text)?
        };
        changed.map(|text| file.with(format!("{text}{end}"))).transpose().map_err(NotesError::from)
    }

    /// What stands above the entries of a file, or below them.
    fn around(&self, template: Option<&VersionTemplate>) -> Result<String, NotesError> {
        template.map_or_else(|| Ok(String::new()), |template| self.line(template, self.previous))
    }

    /// A file that is all about one release: the entries go to its end.
    fn whole(&self, text: &str) -> Result<Option<String>, NotesError> {
        let blocks = self.missing_from(&text.lines().collect::<Vec<_>>())?;
        if blocks.is_empty() {
            return Ok(None);
        }
        let newline = newline_below(text, "");
        let mut lines = blanks(usize::from(is_apart(text, &blocks)));
        if let Some(section) = self.rule.section.as_deref().filter(|section| !text.contains(section)) {
            lines.extend([section.to_owned(), String::new()]);
        }
        lines.extend(blocks.concat());
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
        Ok(Some(format!("{text}{end}{}{newline}", lines.join(newline))))
    }

    /// The file of one advisory.
    fn fragment(&self, files: &dyn TreeReader, entry: &NoteEntry) -> Result<Option<FileChange>, NotesError> {
        let path = self.about(&self.rule.file, entry)?;
        // Changesets begin with what they raise.
        let (begin, end) =
            (self.around(self.rule.preamble.as_ref())?, self.around(self.rule.postamble.as_ref())?);
        let text = format!("{begin}{}\n{end}", self.entry(entry)?.join("\n"));
        match open(files, &path)? {
            None => Ok(Some(TextFile::new(&path).with(text)?)),
            Some(file) if file.text == text || file.text.contains(entry.ghsa.as_str()) => Ok(None),
            // The name says whose it is; what people wrote there stays.
            Some(_) if path.contains(entry.ghsa.as_str()) => Ok(None),
            Some(file) => Err(NotesError::Taken { file: file.path, subject: entry.ghsa.to_string() }),
        }
    }

    /// The list of the releases' files, with a line for this one.
    fn index(&self, files: &dyn TreeReader) -> Result<Option<FileChange>, NotesError> {
        let Some(index) = &self.rule.index else { return Ok(None) };
        let file =
            open(files, &index.file)?.ok_or_else(|| NotesError::Missing { file: index.file.clone() })?;
        let line = self.line(&index.entry, self.previous)?;
        if file.text.lines().any(|other| other.trim_end() == line.trim_end()) {
            return Ok(None);
        }
        let older = file.text.split_inclusive('\n').scan(0, |at, text| {
            let start = *at;
            *at += text.len();
            Some((start, text))
        });
        let of = |text: &str| version_in(&index.entry, text.trim_end(), self.version);
        let place = older.into_iter().find(|(_, text)| of(text).is_some_and(|other| other < *self.version));
        let Some((at, _)) = place else {
            return Err(NotesError::Place {
                file: index.file.clone(),
                version: self.version.to_string(),
                why: format!("no line has the form `{}` and names an older release", index.entry.as_str()),
            });
        };
        let (above, below) = file.text.split_at(at);
        let text = format!("{above}{line}{}{below}", newline_above(above, below));
        Ok(Some(file.with(text)?))
    }
}

/// Whether entries at the end of this text have a blank line before them: not those of a list that ends it, and not where one is
/// there.
fn is_apart(text: &str, blocks: &[Vec<String>]) -> bool {
    let last = text.lines().next_back().unwrap_or_default();
    let first = blocks.first().and_then(|block| block.first()).and_then(|line| bullet(line));
    let belongs = bullet(last).zip(first).is_some_and(|(last, first)| last.len() <= first.len());
    !last.trim().is_empty() && !belongs
}

/// The version that a line of this form names.
fn version_in(template: &VersionTemplate, line: &str, like: &Version) -> Option<Version> {
    let form = super::heading::HeadingForm { title: template.clone(), under: None, released: None };
    let pattern = form.pattern().ok()?;
    like.scheme().parse(pattern.captures(line)?.name("version")?.as_str()).ok()
}
