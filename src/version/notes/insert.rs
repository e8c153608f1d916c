//! Entries put into the text of one changelog.

use super::error::NotesError;
use super::heading::HeadingForm;
use super::links;
use super::markup::Markup;
use super::neighbours::Neighbours;
use super::noted::Whose;
use super::place::{Insertion, blanks, present};
use super::rule::Unreleased;
use super::section::{ReleaseSection, is_still_open};
use super::text::{Changelog, newline_above, newline_below};
use super::values::{Telling, holds};

/// The entries that the lines of a section lack.
type MissingEntries<'a> = &'a dyn Fn(&[&str]) -> Result<Vec<Vec<String>>, NotesError>;

impl Telling<'_> {
    /// The text with the entries in the section of the release, which is made if it is not there; `None` if they are
    /// there already. An advisory that the section names is left as it stands, so that a second run changes nothing and
    /// an entry that people reworded survives.
    pub(super) fn insert(&self, text: &str) -> Result<Option<String>, NotesError> {
        let moved = self.with_own_words(text)?;
        let inserted =
            self.insert_missing(moved.as_deref().unwrap_or(text), &|lines| self.missing_from(lines))?;
        Ok(inserted.or(moved))
    }

    /// The same with these entries, as lines.
    pub(super) fn insert_all(
        &self,
        text: &str,
        blocks: &[Vec<String>],
    ) -> Result<Option<String>, NotesError> {
        self.insert_missing(text, &|lines| {
            Ok(blocks.iter().filter(|block| !holds(lines, block)).cloned().collect())
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
        if blocks.is_empty() && section.is_none() {
            return Ok(None);
        }
        let near = Neighbours::of(&log, &releases, self.position(&releases));
        let list = self.list(&near, &blocks);
        let form = form.in_file(&near, self.version);
        if let Some(section) = section {
            // Where the fixes brought its entries, it may still say that it is to come.
            let told = if blocks.is_empty() {
                text.to_owned()
            } else {
                self.extend(&near, section, &list).apply(text)
            };
            let told = self.dated(&log, section, &form, told)?;
            return Ok((told != text).then_some(told));
        }
        if let Some(text) = self.release_what_waits(text, &near, &releases, &form)? {
            let text = self.with_links(text, &releases);
            return self.insert_missing(&text, missing).map(|inserted| inserted.or(Some(text)));
        }
        let text = self.fresh(&near, &releases, &form, &list)?.apply(text);
        Ok(Some(self.with_links(text, &releases)))
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

    fn with_links(&self, text: String, releases: &[ReleaseSection]) -> String {
        // Link targets are at the end of a file.
        let newline = newline_below(&text, "");
        match self.before(releases) {
            Some(previous) => links::with(&text, previous, self.version, newline).unwrap_or(text),
            None => text,
        }
    }

    /// Where the rule says so: the text in which what stands under "Unreleased" is the release's. What is told of another line's
    /// release is none of what waits here.
    fn release_what_waits(
        &self,
        text: &str,
        near: &Neighbours<'_>,
        releases: &[ReleaseSection],
        form: &HeadingForm,
    ) -> Result<Option<String>, NotesError> {
        let log = near.log;
        let releases_it = self.whose == Whose::Own && self.rule.unreleased != Unreleased::Keep;
        let Some((first, end)) = log.unreleased().filter(|_| releases_it) else { return Ok(None) };
        let body = first + 1 + usize::from(log.underline(first).is_some());
        let heading = self.heading(releases, form, near.below_heading())?;
        let waits = log.last_text(body..end).is_some();
        Ok(match self.rule.unreleased {
            Unreleased::Rename => Some(renamed(log, text, first, body, &heading)),
            Unreleased::Release if waits => {
                let mut lines = blanks(1);
                lines.extend(heading);
                if !log.is_blank(body) {
                    lines.extend(blanks(near.below_heading()));
                }
                Some(Insertion::after(log, body - 1, lines).apply(text))
            }
            Unreleased::Release | Unreleased::Keep => None,
        })
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
        let mut changed = text;
        let heading = log.lines[section.first].text;
        // A heading that says it in words that the rule has not is left to people.
        if is_still_open(heading) {
            let lines = form.lines(self.line(&form.title, self.previous)?);
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
            let line =
                lines.map(|index| log.lines[index].text).find(|line| is_still_open(line) && line.len() < 40);
            if let Some(line) = line {
                changed = replace_line(&changed, line, &self.line(released, self.previous)?);
            }
        }
        Ok(changed)
    }
}

/// The text with this heading in place of that of what waited: the lines from `first` up to `body`, and one over them.
fn renamed(log: &Changelog<'_>, text: &str, first: usize, body: usize, heading: &[String]) -> String {
    let over = log.underline(first).is_some_and(|(_, over)| over);
    let end_of = |line: Option<usize>| line.map_or(0, |line| log.lines[line].next);
    let (above, below) =
        (&text[..end_of(first.checked_sub(1 + usize::from(over)))], &text[end_of(Some(body - 1))..]);
    let newline = newline_above(above, below);
    format!("{above}{}{newline}{below}", heading.join(newline))
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
