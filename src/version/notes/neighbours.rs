//! What the sections beside a place look like. A file changes over the years: what is put into it follows what is near,
//! and not what is most frequent.

use std::ops::Range;

use super::line::LineKind;
use super::section::ReleaseSection;
use super::text::Changelog;

/// The marks of lists; the last one is that of PHP's news.
const MARKS: [&str; 4] = ["* ", "- ", "+ ", ". "];

/// The sections beside a place.
pub(super) struct Neighbours<'a> {
    pub(super) log: &'a Changelog<'a>,
    releases: &'a [ReleaseSection],
    /// The nearest first.
    order: Vec<usize>,
}

/// How the entries of a list are put.
pub(super) struct EntryForm<'a> {
    /// What stands before their marks.
    pub(super) indentation: &'a str,
    /// How many blank lines are between two; `None` if no two follow each other.
    pub(super) gap: Option<usize>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(log: &'a Changelog<'a>, releases: &'a [ReleaseSection], position: usize) -> Self {
        let mut order: Vec<usize> = (0..releases.len()).collect();
        order.sort_by_key(|index| (index.abs_diff(position), *index < position));
        Neighbours { log, releases, order }
    }

    /// The releases, the nearest first.
    pub(super) fn nearest(&self) -> impl Iterator<Item = &'a ReleaseSection> {
        self.order.iter().map(|index| &self.releases[*index])
    }

    /// How many blank lines are under the heading of a release.
    pub(super) fn below_heading(&self) -> usize {
        let told = |one: &ReleaseSection| self.log.first_text(one.body..one.end).map(|text| text - one.body);
        self.nearest().find_map(told).unwrap_or(1)
    }

    /// How many blank lines are under the line that follows the heading of a release, and says when it was released. What is no such
    /// line there is a heading of entries, as `title` is.
    pub(super) fn below_released(&self, title: Option<&str>) -> Option<usize> {
        let is_title = |index: usize| {
            self.log.level(index).is_some() || title.is_some_and(|title| self.is_like(index, title))
        };
        self.nearest().find_map(|one| {
            let released = self.log.first_text(one.body..one.end).filter(|index| !is_title(*index))?;
            let next = self.log.first_text(released + 1..one.end)?;
            Some(next - released - 1)
        })
    }

    /// How many blank lines are under a heading of entries that is written like this one.
    pub(super) fn below_title(&self, title: &str) -> Option<usize> {
        self.titles(title).find_map(|(index, section)| {
            let first = index + 1 + usize::from(self.log.underline(index).is_some());
            let text = self.log.first_text(first..section.end)?;
            self.log.level(text).is_none().then_some(text - first)
        })
    }

    /// How many blank lines are above a heading of entries that is written like this one: above the first of a release, or above
    /// one that follows another, which may be set off by more.
    pub(super) fn above_title(&self, title: &str, follows_another: bool) -> Option<usize> {
        let gaps = || {
            self.titles(title).filter_map(|(index, section)| {
                let text = self.log.last_text(section.body..index)?;
                let is_behind = (section.body..index).any(|above| self.is_like(above, title));
                Some((is_behind, index - text - 1))
            })
        };
        let alike = gaps().find(|(is_behind, _)| *is_behind == follows_another);
        alike.or_else(|| gaps().next()).map(|(_, gap)| gap)
    }

    fn titles(&self, title: &str) -> impl Iterator<Item = (usize, &'a ReleaseSection)> {
        let in_section =
            |section: &'a ReleaseSection| (section.body..section.end).map(move |index| (index, section));
        self.nearest().flat_map(in_section).filter(move |(index, _)| self.is_like(*index, title))
    }

    /// Whether a line is a heading of entries that is written like this one.
    pub(super) fn is_like(&self, index: usize, title: &str) -> bool {
        let text = self.log.lines[index].text;
        if title.starts_with('#') || self.log.level(index).is_some() {
            let level = |text: &str| text.bytes().take_while(|byte| *byte == b'#').count();
            return self.log.level(index).is_some() && level(text) == level(title);
        }
        if leading(text) != leading(title) || leading(title).is_empty() && trailing(title).is_empty() {
            return false;
        }
        match bullet(title) {
            Some(indentation) => {
                let next = self.log.first_text(index + 1..self.log.lines.len());
                next.and_then(|next| self.bullet(next)).is_some_and(|next| next.len() > indentation.len())
            }
            None => trailing(text.trim_end()) == trailing(title.trim_end()),
        }
    }

    /// How entries are put under this heading; it may be the item of a list itself.
    pub(super) fn entries(&self, title: Option<&str>) -> Option<EntryForm<'a>> {
        let least = title.and_then(bullet).map_or(0, |indentation| indentation.len() + 1);
        let indentation = self.lists().find_map(|lines| self.indentation(lines, least))?;
        let gap = self.lists().find_map(|lines| self.gap(lines, indentation.len()));
        Some(EntryForm { indentation, gap })
    }

    /// Where lists may be, the nearest first.
    fn lists(&self) -> impl Iterator<Item = Range<usize>> {
        self.nearest().map(|one| one.body..one.end).chain(std::iter::once(0..self.log.lines.len()))
    }

    /// Whether an entry is among these lines.
    pub(super) fn has_list(&self, lines: Range<usize>, least: usize) -> bool {
        self.indentation(lines, least).is_some()
    }

    fn indentation(&self, lines: Range<usize>, least: usize) -> Option<&'a str> {
        let bullets = lines.filter_map(|index| self.bullet(index));
        bullets.filter(|indentation| indentation.len() >= least).min_by_key(|indentation| indentation.len())
    }

    /// How many blank lines entries have between them here, if two follow each other; the more frequent number.
    fn gap(&self, lines: Range<usize>, indentation: usize) -> Option<usize> {
        let (mut counts, mut blank, mut follows) = ([0_usize; 6], 0, false);
        for index in lines {
            match (self.log.lines[index].kind, self.bullet(index).map(str::len)) {
                (LineKind::Blank, _) => blank += 1,
                // The heading of a release may look like an item.
                _ if self.releases.iter().any(|one| one.first == index) => (follows, blank) = (false, 0),
                (_, Some(own)) if own == indentation => {
                    counts[blank.min(5)] += usize::from(follows);
                    (follows, blank) = (true, 0);
                }
                (LineKind::Heading(_) | LineKind::Separator, _) => (follows, blank) = (false, 0),
                (_, Some(own)) if own < indentation => (follows, blank) = (false, 0),
                _ => blank = 0,
            }
        }
        let most = counts.into_iter().max().filter(|most| *most > 0)?;
        counts.iter().position(|count| *count == most)
    }

    /// What stands before the mark of an item of a list.
    fn bullet(&self, index: usize) -> Option<&'a str> {
        let line = self.log.lines[index];
        matches!(line.kind, LineKind::Bullet | LineKind::Other).then(|| bullet(line.text)).flatten()
    }

    /// The separator that the file puts between releases.
    pub(super) fn separator(&self) -> Option<&'a str> {
        self.log.separator(self.releases)
    }

    /// What stands between two releases: blank lines, and perhaps a separator among them. `None` where no two have only
    /// that between them.
    pub(super) fn between(&self) -> Option<Vec<String>> {
        self.order.iter().flat_map(|index| [Some(*index), index.checked_sub(1)]).flatten().find_map(|upper| {
            let (upper, lower) = (&self.releases[upper], self.releases.get(upper + 1)?);
            let last = self.log.last_text(upper.first..upper.end)?;
            let lines = self.log.lines.get(last + 1..lower.top)?;
            let parts = |kind| matches!(kind, LineKind::Blank | LineKind::Separator);
            let whole = lines.iter().all(|line| parts(line.kind));
            whole.then(|| lines.iter().map(|line| line.text.trim_end().to_owned()).collect())
        })
    }
}

/// What stands before the mark, where a line is the item of a list.
pub(super) fn bullet(line: &str) -> Option<&str> {
    let text = line.trim_start();
    MARKS.iter().any(|mark| text.starts_with(mark)).then(|| &line[..line.len() - text.len()])
}

fn leading(text: &str) -> &str {
    &text[..text.find(char::is_alphanumeric).unwrap_or(text.len())]
}

fn trailing(text: &str) -> &str {
    &text[text
        .rfind(char::is_alphanumeric)
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8))..]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, insert, rule};

    /// The text after release 1.2.4, of a rule with this file, heading, entry and further keys.
    fn after(file: &str, heading: &str, item: &str, more: &str, text: &str) -> String {
        let rule = rule(&format!("file = '{file}'\nheading = '''{heading}'''\nentry = '{item}'\n{more}"));
        insert(&rule, text, "1.2.4", &[entry("Long input", "GHSA-vqjp-4c8c-hfgg")])
    }

    #[test]
    fn entry_is_indented_as_its_neighbours_are_and_stands_right_below_them() {
        let text = "1.2.4 / 2026-01-07\n==========\n\n  * One\n    - of it\n  * Two\n\n1.2.3 / 2025-01-07\n==========\n\n  * Three\n";
        let changed = after("History.md", "{version} / {date}", "* {summary}", "", text);
        assert_eq!(changed, text.replace("  * Two\n", "  * Two\n  * Long input\n"));
        let outer = text.replace("  * ", "* ");
        let changed = after("History.md", "{version} / {date}", "  * {summary}", "", &outer);
        assert_eq!(changed, outer.replace("* Two\n", "* Two\n* Long input\n"));
    }

    #[test]
    fn heading_that_is_an_item_itself_has_its_entries_right_below() {
        let text = "## 1.2.3 / 2025-01-07\n\n* Bugfixes\n  * One\n  * Two\n\n* Docs\n  * Three\n\n## 1.2.2 / 2024-12-01\n\n* Features\n  * Four\n";
        let form = ("## {version} / {date}", "  * {summary}", "section = '* Security'");
        let fresh = "## 1.2.4 / 2026-08-20\n\n* Security\n  * Long input\n\n";
        assert_eq!(after("History.md", form.0, form.1, form.2, text), format!("{fresh}{text}"));
        let open = text.replace("1.2.3 /", "1.2.4 /");
        let joined = open.replace("  * Three\n", "  * Three\n\n* Security\n  * Long input\n");
        assert_eq!(after("History.md", form.0, form.1, form.2, &open), joined);
        let bugs = open.replace("  * Two\n", "  * Two\n  * Long input\n");
        assert_eq!(after("History.md", form.0, form.1, "section = '* Bugfixes'", &open), bugs);
    }

    #[test]
    fn blank_lines_and_line_endings_are_those_of_the_neighbourhood() {
        let new = "### v1.2.3 (2025-01-07)\n\n\n#### Bug Fixes\n\n* one\n\n\n### v1.2.2 (2024-12-01)\n\n\n#### Features\n\n* two\n\n\n";
        let old: String = (0..9).map(|minor| format!("### v1.1.{}\n\n* old\n\n", 9 - minor)).collect();
        let text = format!("{new}{}", old.replace('\n', "\r\n"));
        let changed =
            after("C.md", "### v{version} ({date})", "* {summary}", "section = '#### Bug Fixes'", &text);
        let section = "### v1.2.4 (2026-08-20)\n\n\n#### Bug Fixes\n\n* Long input\n\n\n";
        assert_eq!(changed, format!("{section}{text}"));
    }

    #[test]
    fn underlines_are_as_long_as_near_ones_even_if_some_old_title_fits_its_own() {
        let text = "1.2.3 / 2025-01-07\n========================\n\n* One\n\n1.2.2 / 2024-12-01\n==========\n\n* Two\n\n1.2.1 / 2024-11-01\n==================\n\n* Three\n";
        let changed = after("History.md", "{version} / {date}\n======", "* {summary}", "", text);
        let section = "1.2.4 / 2026-08-20\n========================\n\n* Long input\n\n";
        assert_eq!(changed, format!("{section}{text}"));
        // Shorter than its title, as Markdown allows.
        let short = text.replacen("========================", "==========", 1);
        let changed =
            after("History.md", "{version} / {date}\n========================", "* {summary}", "", &short);
        let section = "1.2.4 / 2026-08-20\n==========\n\n* Long input\n\n";
        assert_eq!(changed, format!("{section}{short}"));
    }

    #[test]
    fn what_is_between_releases_is_copied_with_its_blank_lines() {
        let text = "1.2.3\n=====\n\n- One.\n\n\n\n----\n\n\n1.2.2\n=====\n\n- Two.\n";
        let changed = after("CHANGES.rst", "{version}", "- {summary}.", "", text);
        assert_eq!(changed, format!("1.2.4\n=====\n\n- Long input.\n\n\n\n----\n\n\n{text}"));
        let tight = "## 1.2.3\n- one\n## 1.2.2\n- two\n";
        assert_eq!(
            after("C.md", "## {version}", "- {summary}", "", tight),
            format!("## 1.2.4\n- Long input\n{tight}")
        );
    }
}
