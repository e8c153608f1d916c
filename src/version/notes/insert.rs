//! Entries put into the text of one changelog.

use super::error::NotesError;
use super::heading::HeadingForm;
use super::links;
use super::markup::Markup;
use super::place::{Insertion, present};
use super::rule::Unreleased;
use super::section::{ReleaseSection, STILL_OPEN};
use super::text::Changelog;
use super::values::Telling;

/// The entries that the lines of a section lack.
type MissingEntries<'a> = &'a dyn Fn(&[&str]) -> Result<Vec<Vec<String>>, NotesError>;

impl Telling<'_> {
    /// The text with the entries in the section of the release, which is made if it is not there; `None` if they are
    /// there already. An advisory that the section names is left as it stands, so that a second run changes nothing and
    /// an entry that people reworded survives.
    pub(super) fn insert(&self, text: &str) -> Result<Option<String>, NotesError> {
        self.insert_missing(text, &|lines| self.missing_from(lines))
    }

    /// The same with these entries, as lines.
    pub(super) fn insert_all(
        &self,
        text: &str,
        blocks: &[Vec<String>],
    ) -> Result<Option<String>, NotesError> {
        let is_there = |lines: &[&str], block: &[String]| {
            lines.windows(block.len()).any(|lines| lines.iter().zip(block).all(|(one, other)| one == other))
        };
        self.insert_missing(text, &|lines| {
            Ok(blocks.iter().filter(|block| !is_there(lines, block)).cloned().collect())
        })
    }

    fn insert_missing(&self, text: &str, missing: MissingEntries<'_>) -> Result<Option<String>, NotesError> {
        let none = || NotesError::Heading { file: self.file.clone() };
        let form = HeadingForm::of(self.rule, &self.file)?;
        let pattern = form.pattern().map_err(|_| none())?;
        let log = Changelog::parse(text, Markup::of(&self.file, text));
        let releases = log.releases(&pattern, self.version);
        let section = present(&releases, self.version);
        let lines = section.map_or(0..0, |section| section.first..section.end);
        let lines: Vec<&str> = log.lines[lines].iter().map(|line| line.text).collect();
        let blocks = missing(&lines)?;
        if blocks.is_empty() {
            return Ok(None);
        }
        let list = self.list(&log, &blocks);
        if let Some(section) = section {
            let text = self.extend(&log, section, &list).apply(text, log.newline);
            let form = form.in_file(&log, &releases);
            return Ok(Some(self.dated(&log, section, &form, text)?));
        }
        let form = form.in_file(&log, &releases);
        if let Some(released) = self.release_what_waits(&log, &releases, &form)? {
            let text = released.apply(text, log.newline);
            let text = self.with_links(text, &releases, log.newline);
            return self.insert_missing(&text, missing).map(|inserted| inserted.or(Some(text)));
        }
        let text = self.fresh(&log, &releases, &form, &list)?.apply(text, log.newline);
        Ok(Some(self.with_links(text, &releases, log.newline)))
    }

    /// The entries that these lines lack.
    pub(super) fn missing_from(&self, lines: &[&str]) -> Result<Vec<Vec<String>>, NotesError> {
        let mut blocks = Vec::new();
        for entry in self.entries {
            let block = self.entry(entry)?;
            if !self.is_there(lines, &block, entry) && !blocks.contains(&block) {
                blocks.push(block);
            }
        }
        Ok(blocks)
    }

    fn with_links(&self, text: String, releases: &[ReleaseSection], newline: &str) -> String {
        let older = releases.iter().filter(|release| release.version < *self.version);
        let previous = older.max_by(|one, other| one.version.cmp(&other.version));
        match previous {
            Some(previous) => links::with(&text, &previous.version, self.version, newline).unwrap_or(text),
            None => text,
        }
    }

    /// Where the rule says so: the heading above the entries that stand under "Unreleased".
    fn release_what_waits(
        &self,
        log: &Changelog<'_>,
        releases: &[ReleaseSection],
        form: &HeadingForm,
    ) -> Result<Option<Insertion>, NotesError> {
        let Some((first, end)) = log.unreleased().filter(|_| self.rule.unreleased == Unreleased::Release)
        else {
            return Ok(None);
        };
        let body = first + 1 + usize::from(log.underline(first).is_some());
        if log.last_text(body..end).is_none() {
            return Ok(None);
        }
        let older = releases.iter().filter(|release| release.version < *self.version);
        let previous = older.max_by(|one, other| one.version.cmp(&other.version)).map(|one| &one.version);
        let mut lines = vec![String::new()];
        lines.extend(form.lines(self.line(&form.title, previous)?));
        if let Some(released) = &form.released {
            lines.extend([String::new(), self.line(released, previous)?]);
        }
        Ok(Some(Insertion::after(log, body - 1, lines).without_gap(log, body)))
    }

    /// The text with the heading that says when the release is made, where it said that it is still to come.
    fn dated(
        &self,
        log: &Changelog<'_>,
        section: &ReleaseSection,
        form: &HeadingForm,
        text: String,
    ) -> Result<String, NotesError> {
        if self.date.is_none() {
            return Ok(text);
        }
        let open = |line: &str| STILL_OPEN.iter().any(|word| line.to_lowercase().contains(word));
        let mut changed = text;
        let heading = log.lines[section.first].text;
        // A heading that says it in words that the rule has not is left to people.
        if open(heading) {
            let lines = form.lines(self.line(&form.title, None)?);
            let title =
                lines.iter().find(|line| line.contains(self.version.as_str())).cloned().unwrap_or_default();
            changed = replace_line(&changed, heading, &title);
            if let Some(under) = log.underline(section.first).and_then(|_| lines.last()) {
                let start = changed.find(&title).unwrap_or(0);
                let old = log.lines[section.first + 1].text;
                changed = format!("{}{}", &changed[..start], replace_line(&changed[start..], old, under));
            }
        }
        if let Some(released) = &form.released {
            let lines = section.body..section.end.min(section.body + 3);
            let line = lines.map(|index| log.lines[index].text).find(|line| open(line) && line.len() < 40);
            if let Some(line) = line {
                changed = replace_line(&changed, line, &self.line(released, None)?);
            }
        }
        Ok(changed)
    }
}

/// The text with the first such line replaced.
fn replace_line(text: &str, old: &str, new: &str) -> String {
    let mut done = false;
    let mut result = String::with_capacity(text.len() + new.len());
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(old) {
            Some(ending) if !done && ending.trim_end_matches(['\r', '\n']).is_empty() => {
                done = true;
                result.push_str(new);
                result.push_str(ending);
            }
            _ => result.push_str(line),
        }
    }
    result
}
