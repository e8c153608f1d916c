//! The heading of a fresh section: its words, and the line under them.

use regex::Regex;
use unicode_width::UnicodeWidthStr as _;

use super::error::NotesError;
use super::markup::{Markup, run_of};
use super::rule::NotesRule;
use super::section::ReleaseSection;
use super::text::Changelog;
use crate::version::template::{Piece, VersionTemplate};

/// What the rule, or the file where the rule is silent, says of headings.
#[derive(Debug, Clone)]
pub(super) struct HeadingForm {
    pub(super) title: VersionTemplate,
    /// The mark under the title, whether there is one over it too, and how long they are.
    pub(super) under: Option<(char, bool, Width)>,
    /// The line under the heading.
    pub(super) released: Option<VersionTemplate>,
}

/// How long the line under a title is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As the title.
    Title,
    /// This long, whatever the title is; longer if that is.
    AtLeast(usize),
}

impl HeadingForm {
    pub(super) fn of(rule: &NotesRule, file: &str) -> Result<HeadingForm, NotesError> {
        let none = || NotesError::Heading { file: file.to_owned() };
        let lines = rule.heading.as_ref().ok_or_else(none)?.lines();
        let at = lines.iter().position(|line| line.mentions("version")).ok_or_else(none)?;
        let run = |line: Option<&VersionTemplate>| Some((run_of(line?.as_str())?, line?.as_str().len()));
        let over = at.checked_sub(1).and_then(|above| run(lines.get(above))).is_some();
        let below = run(lines.get(at + 1));
        // Catalogs of before put the line under a title in `released`.
        let in_released = run(rule.released.as_ref());
        let under = below.or(in_released).map(|(mark, width)| (mark, over, Width::AtLeast(width)));
        let released = rule.released.clone().filter(|_| in_released.is_none());
        Ok(HeadingForm { title: lines[at].clone(), under, released })
    }

    /// The same, as this file has it.
    pub(super) fn in_file(mut self, log: &Changelog<'_>, releases: &[ReleaseSection]) -> HeadingForm {
        let marked = self.title.as_str().trim_start().starts_with('#') && log.markup == Markup::Markdown;
        let underlined = || releases.iter().filter_map(|one| Some((one, log.underline(one.first)?)));
        let width = |one: &ReleaseSection| log.lines[one.first + 1].text.trim_end().chars().count();
        let title = |one: &ReleaseSection| log.lines[one.first].text.trim_end().width();
        let Some((newest, (mark, over))) = underlined().next().filter(|_| !marked) else { return self };
        let by_title = underlined().any(|(one, _)| width(one) == title(one));
        let as_there = if by_title { Width::Title } else { Width::AtLeast(width(newest)) };
        self.under = Some(match self.under {
            Some((mark, over, _)) => (mark, over, as_there),
            None => (mark, over, as_there),
        });
        self
    }

    /// The lines of a heading with these words.
    pub(super) fn lines(&self, title: String) -> Vec<String> {
        let Some((mark, over, width)) = self.under else { return vec![title] };
        let own = title.width();
        let length = match width {
            Width::Title => own,
            Width::AtLeast(least) => own.max(least),
        };
        let line = mark.to_string().repeat(length);
        let above = over.then(|| line.clone());
        above.into_iter().chain([title, line]).collect()
    }

    /// An expression for lines that have the form of this title, whatever the version; more may follow after a space.
    pub(super) fn pattern(&self) -> Result<Regex, regex::Error> {
        let mut seen = false;
        let mut pattern = String::from("^");
        for piece in &self.title.pieces() {
            match piece {
                Piece::Text(text) => pattern.push_str(&regex::escape(text)),
                Piece::Placeholder("version") if !seen => {
                    seen = true;
                    pattern.push_str(r"(?<version>[0-9][0-9A-Za-z.!_+-]*)");
                }
                Piece::Placeholder("date") => pattern.push_str(r"[^\n]+?"),
                Piece::Placeholder(_) => pattern.push_str(r"\S+?"),
            }
        }
        pattern.push_str(r"(?:\s.*)?$");
        Regex::new(&pattern)
    }
}
