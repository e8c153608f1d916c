//! What a release's notes say, for a page that tells the release alone.

use super::debian;
use super::error::NotesError;
use super::heading::HeadingForm;
use super::markup::Markup;
use super::noted::NotedRelease;
use super::place::present;
use super::rule::NotesRule;
use super::text::Changelog;
use super::values::Telling;
use crate::version::files::{TreeReader, open};

impl NotesRule {
    /// The section of a release without its heading, as it stands in these files; the entries alone where the notes are no
    /// section of a file.
    ///
    /// # Errors
    /// As [`NotesRule::write`].
    pub fn told(&self, files: &dyn TreeReader, release: &NotedRelease<'_>) -> Result<String, NotesError> {
        let mut telling = Telling::of(self, &NotedRelease { date: None, ..*release });
        if self.collect.is_some() || !self.is_by_advisory() {
            telling.file = match &self.collect {
                Some(how) => how.into.clone(),
                None => telling.line(&self.file, telling.previous)?,
            };
            let section = telling.section_of(files)?;
            if let Some(section) = section.filter(|section| !section.is_empty()) {
                return Ok(section);
            }
        }
        let entries: Result<Vec<String>, NotesError> =
            release.entries.iter().map(|entry| Ok(telling.entry(entry)?.join("\n"))).collect();
        Ok(entries?.join("\n"))
    }
}

impl Telling<'_> {
    fn section_of(&self, files: &dyn TreeReader) -> Result<Option<String>, NotesError> {
        let Some(file) = open(files, &self.file)? else { return Ok(None) };
        if debian::is_one(&self.file) {
            return Ok(None);
        }
        if self.rule.heading.is_none() {
            return Ok(Some(without_front_matter(&file.text).trim().to_owned()));
        }
        let none = || NotesError::Heading { file: self.file.clone() };
        let pattern = HeadingForm::of(self.rule, &self.file)?.pattern().map_err(|_| none())?;
        let log = Changelog::parse(&file.text, Markup::of(&self.file, &file.text));
        let releases = log.releases(&pattern, self.version);
        let Some(section) = present(&releases, self.version) else { return Ok(None) };
        let lines: Vec<&str> = log.lines[section.body..section.end].iter().map(|line| line.text).collect();
        Ok(Some(lines.join("\n").trim().to_owned()))
    }
}

fn without_front_matter(text: &str) -> &str {
    let rest = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    rest.map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;
    use crate::version::NoteEntry;

    fn told(rule: &str, files: &[(&str, &str)], version: &str) -> String {
        let rule: NotesRule = toml::from_str(rule).unwrap();
        let files: BTreeMap<String, String> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let entry = NoteEntry {
            summary: "Long input".to_owned(),
            ghsa: "GHSA-vqjp-4c8c-hfgg".parse().unwrap(),
            cve: None,
            url: "https://x.example".to_owned(),
            severity: None,
            own: crate::version::OwnWords::default(),
        };
        rule.told(&files, &NotedRelease::of(&semver(version), None, &[entry])).unwrap()
    }

    #[test]
    fn section_of_the_release_is_told_without_its_heading_and_its_neighbours() {
        let rule = "file = 'N.md'\nheading = '## {version}'\nentry = '- {summary}'";
        let text = "# News\n\n## 1.2.4\n\nReleased today.\n\n### Fixed\n\n- one\n\n## 1.2.3\n\n- two\n";
        assert_eq!(told(rule, &[("N.md", text)], "1.2.4"), "Released today.\n\n### Fixed\n\n- one");
        assert_eq!(told(rule, &[("N.md", text)], "1.2.5"), "- Long input", "nothing is told of it yet");
    }

    #[test]
    fn file_of_a_release_is_told_whole_and_fragments_by_their_entries() {
        let whole = "file = 'n/{version}.md'\nentry = '- {summary}'";
        let text = "---\ntitle: x\n---\n\n- one\n";
        assert_eq!(told(whole, &[("n/1.2.4.md", text)], "1.2.4"), "- one");
        let fragment = "file = 'n/{ghsa}.md'\nentry = '{summary}'";
        assert_eq!(told(fragment, &[("n/GHSA-vqjp-4c8c-hfgg.md", "x\n")], "1.2.4"), "Long input");
    }
}
