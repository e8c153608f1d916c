//! The heading of a fresh section: its words, and the line under them.

use std::cmp::Ordering;

use regex::Regex;
use unicode_width::UnicodeWidthStr as _;

use super::error::NotesError;
use super::markup::{Markup, run_of};
use super::neighbours::Neighbours;
use super::rule::NotesRule;
use crate::numbering::Version;
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
    /// This long, though the title may be longer.
    Exactly(usize),
}

impl Width {
    /// By these lines and their titles, the nearest first: most are as long as their titles, or the nearest says how long.
    fn among(lengths: &[(usize, usize)]) -> Width {
        let Some((line, title)) = lengths.first().copied() else { return Width::Title };
        let as_title = lengths.iter().filter(|(line, title)| line == title).count();
        let is_constant = lengths.iter().all(|(other, _)| *other == line)
            && lengths.iter().any(|(line, title)| line != title);
        match line.cmp(&title) {
            _ if as_title * 2 > lengths.len() && !is_constant => Width::Title,
            Ordering::Equal if !is_constant => Width::Title,
            Ordering::Less => Width::Exactly(line),
            Ordering::Equal | Ordering::Greater => Width::AtLeast(line),
        }
    }
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

    /// The same, as the releases beside this one have it.
    pub(super) fn in_file(mut self, near: &Neighbours<'_>, own: &Version) -> HeadingForm {
        /// How many of them are looked at.
        const NEAR: usize = 5;
        let log = near.log;
        if self.title.as_str().trim_start().starts_with('#') && log.markup == Markup::Markdown {
            return self;
        }
        let others = near.nearest().filter(|one| one.version != *own);
        let underlined: Vec<_> =
            others.filter_map(|one| Some((one.first, log.underline(one.first)?))).take(NEAR).collect();
        let Some((_, (mark, over))) = underlined.first() else { return self };
        let lengths: Vec<(usize, usize)> = underlined
            .iter()
            .map(|(first, _)| {
                (log.lines[first + 1].text.trim_end().width(), log.lines[*first].text.trim_end().width())
            })
            .collect();
        let (mark, over) = self.under.map_or((*mark, *over), |(mark, over, _)| (mark, over));
        self.under = Some((mark, over, Width::among(&lengths)));
        self
    }

    /// The lines of a heading with these words.
    pub(super) fn lines(&self, title: String) -> Vec<String> {
        let Some((mark, over, width)) = self.under else { return vec![title] };
        let own = title.width();
        let length = match width {
            Width::Title => own,
            Width::AtLeast(least) => own.max(least),
            Width::Exactly(length) => length,
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
