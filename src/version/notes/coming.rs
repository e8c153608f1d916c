//! The heading of the version that comes next, with which a changelog goes on after a release.

use super::error::NotesError;
use super::heading::HeadingForm;
use super::markup::Markup;
use super::neighbours::Neighbours;
use super::noted::NotedRelease;
use super::place::present;
use super::rule::{NotesRule, Unreleased};
use super::text::Changelog;
use super::values::Telling;
use crate::numbering::Version;
use crate::version::files::{FileChange, TreeReader, open};

impl NotesRule {
    /// The files that change when the changelog goes on with the version that comes next. Nothing where the rule does not ask
    /// for it, where the file is not there, and where it has that version already.
    ///
    /// # Errors
    /// The place is not certain, or `coming` asks for what is not known.
    pub fn go_on(&self, files: &dyn TreeReader, coming: &Version) -> Result<Vec<FileChange>, NotesError> {
        let Some(form) = &self.coming else { return Ok(Vec::new()) };
        let mut lines = form.lines().into_iter();
        let rule = NotesRule {
            heading: lines.next(),
            released: lines.find(|line| !line.as_str().trim().is_empty()),
            section: None,
            unreleased: Unreleased::Keep,
            ..self.clone()
        };
        let mut telling = Telling::of(&rule, &NotedRelease::of(coming, None, &[]));
        telling.file = match &self.collect {
            Some(how) => how.into.clone(),
            None => telling.line(&self.file, None)?,
        };
        let Some(file) = open(files, &telling.file)? else { return Ok(Vec::new()) };
        let Some(text) = telling.headed(&file.text)? else { return Ok(Vec::new()) };
        Ok(vec![file.with(text)?])
    }
}

impl Telling<'_> {
    /// The text with a heading for the version and nothing below it; `None` where it has one.
    fn headed(&self, text: &str) -> Result<Option<String>, NotesError> {
        let none = || NotesError::Heading { file: self.file.clone() };
        let form = HeadingForm::of(self.rule, &self.file)?;
        let pattern = form.pattern().map_err(|_| none())?;
        let log = Changelog::parse(text, Markup::of(&self.file, text));
        let releases = log.releases(&pattern, self.version);
        if releases.is_empty() || present(&releases, self.version).is_some() {
            return Ok(None);
        }
        let near = Neighbours::of(&log, &releases, self.position(&releases));
        let form = form.in_file(&near, self.version);
        let text = self.fresh(&near, &releases, &form, &[])?.apply(text);
        Ok(Some(text))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn gone_on(rule: &str, path: &str, text: &str) -> Option<String> {
        let rule: NotesRule = toml::from_str(rule).unwrap();
        let files = BTreeMap::from([(path.to_owned(), text.to_owned())]);
        let changes = rule.go_on(&files, &semver("3.1.7")).unwrap();
        changes.into_iter().next().map(|change| change.content)
    }

    const POOL: &str = "file = 'CHANGES.rst'\nheading = 'Version {version}'\nreleased = 'Released {date}'\n\
                        section = 'Security'\nentry = '-   {summary}'\n";

    #[test]
    fn heading_of_the_next_version_stands_above_that_of_the_release() {
        let text = "Version 3.1.6\n-------------\n\nReleased 2025-03-05\n\n-   One. :ghsa:`x`\n\n\nVersion 3.1.5\n-------------\n\nReleased 2024-12-21\n\n-   Two.\n";
        let rule = format!("{POOL}coming = \"Version {{version}}\\n\\nUnreleased\"");
        let changed = gone_on(&rule, "CHANGES.rst", text).unwrap();
        assert_eq!(changed, format!("Version 3.1.7\n-------------\n\nUnreleased\n\n\n{text}"));
        assert_eq!(gone_on(&rule, "CHANGES.rst", &changed), None, "once is enough");
        assert_eq!(gone_on(POOL, "CHANGES.rst", text), None, "nobody asked for it");
        assert_eq!(gone_on(&rule, "OTHER.rst", text), None, "no such file");
    }

    #[test]
    fn heading_with_an_open_date_and_a_word_below_is_as_the_catalog_has_it() {
        let text = "# 3.1.6 (2024-09-09)\n\n * Fix a\n\n# 3.1.5 (2024-08-29)\n\n * Fix b\n";
        let rule = "file = 'CHANGELOG'\nheading = '# {version} ({date})'\nentry = ' * {summary}'\ncoming = \"# {version} (2024-XX-XX)\\n\\n * n/a\"";
        let changed = gone_on(rule, "CHANGELOG", text).unwrap();
        assert_eq!(changed, format!("# 3.1.7 (2024-XX-XX)\n\n * n/a\n\n{text}"));
    }
}
