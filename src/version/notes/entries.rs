//! The entries of a changelog, each with the heading of a release and the one of its kind that it stands under.

use super::heading::HeadingForm;
use super::line::LineKind;
use super::markup::Markup;
use super::neighbours::{Neighbours, bullet};
use super::rule::NotesRule;
use super::said::{Under, is_same};
use super::section::ReleaseSection;
use super::text::Changelog;
use crate::numbering::Version;

/// A part of a changelog, as indices of lines.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) under: Under,
    pub(super) first: usize,
    pub(super) body: usize,
    pub(super) end: usize,
}

/// An entry at its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) under: Under,
    /// The words of the heading of entries that it stands under, and their line.
    pub(super) title: Option<String>,
    pub(super) title_at: Option<usize>,
    /// Its first line.
    pub(super) at: usize,
    pub(super) lines: Vec<String>,
}

impl Placed {
    pub(super) fn says_the_same(&self, other: &Placed) -> bool {
        self.is_beside(&other.under, other.title.as_deref()) && is_same(&self.lines, &other.lines)
    }

    /// Whether it stands under these headings.
    pub(super) fn is_beside(&self, under: &Under, title: Option<&str>) -> bool {
        self.under == *under && self.title.as_deref() == title
    }

    /// Whether it is the item of a list.
    pub(super) fn is_item(&self) -> bool {
        self.lines.first().is_some_and(|line| bullet(line).is_some())
    }
}

/// A changelog and its parts.
pub(super) struct Regions<'a> {
    pub(super) log: Changelog<'a>,
    pub(super) releases: Vec<ReleaseSection>,
    regions: Vec<Region>,
    /// The heading under which the rule puts entries.
    section: Option<String>,
}

impl<'a> Regions<'a> {
    /// The parts of this text; `None` where the rule has a heading of which no release can be read.
    pub(super) fn of(rule: &NotesRule, file: &str, text: &'a str, like: &Version) -> Option<Regions<'a>> {
        let log = Changelog::parse(text, Markup::of(file, text));
        let releases = match &rule.heading {
            Some(_) => log.releases(&HeadingForm::of(rule, file).ok()?.pattern().ok()?, like),
            None => Vec::new(),
        };
        let mut regions: Vec<Region> = releases
            .iter()
            .map(|one| Region {
                under: Under::Release(one.version.clone()),
                first: one.top,
                body: one.body,
                end: one.end,
            })
            .collect();
        if let Some((first, end)) = log.unreleased() {
            let body = first + 1 + usize::from(log.underline(first).is_some());
            regions.push(Region { under: Under::Waiting, first, body, end });
        }
        let top = regions.iter().map(|region| region.first).min().unwrap_or(log.lines.len());
        regions.push(Region { under: Under::Top, first: 0, body: 0, end: top });
        let section =
            rule.section.as_deref().and_then(|section| section.trim().lines().next()).map(str::to_owned);
        Some(Regions { log, releases, regions, section })
    }

    pub(super) fn of_under(&self, under: &Under) -> Option<&Region> {
        self.regions.iter().find(|region| region.under == *under)
    }

    pub(super) fn has(&self, under: &Under) -> bool {
        self.of_under(under).is_some()
    }

    /// Whether a part has this heading of entries.
    pub(super) fn has_title(&self, under: &Under, title: Option<&str>) -> bool {
        title.is_some_and(|title| self.line_of_title(under, title).is_some())
    }

    /// The line of a heading of entries in a part.
    pub(super) fn line_of_title(&self, under: &Under, title: &str) -> Option<usize> {
        let region = self.of_under(under)?;
        (region.body..region.end).find(|index| self.log.lines[*index].text.trim() == title)
    }

    /// The headings of entries below one of a part, in their order.
    pub(super) fn titles_below(&self, under: &Under, title: Option<&str>) -> Vec<String> {
        let Some((region, first)) =
            self.of_under(under).zip(title.and_then(|title| self.line_of_title(under, title)))
        else {
            return Vec::new();
        };
        let near = self.neighbours();
        let below = (first + 1..region.end).filter(|index| self.is_title(&near, *index));
        below.map(|index| self.log.lines[index].text.trim().to_owned()).collect()
    }

    pub(super) fn neighbours(&self) -> Neighbours<'_> {
        Neighbours::of(&self.log, &self.releases, 0)
    }

    /// Every entry, part by part.
    pub(super) fn entries(&self) -> Vec<Placed> {
        let near = self.neighbours();
        self.regions.iter().flat_map(|region| self.entries_of(&near, region)).collect()
    }

    fn entries_of(&self, near: &Neighbours<'_>, region: &Region) -> Vec<Placed> {
        let mut reading =
            Reading { region, entries: Vec::new(), title: None, list: None, open: false, blank: false };
        for index in region.body..region.end {
            self.read(near, &mut reading, index);
        }
        reading.entries
    }

    fn read(&self, near: &Neighbours<'_>, reading: &mut Reading<'_>, index: usize) {
        let line = &self.log.lines[index];
        match line.kind {
            LineKind::Blank => {
                reading.blank = true;
                return;
            }
            LineKind::Separator | LineKind::LinkTarget | LineKind::Rule => reading.open = false,
            _ if self.is_title(near, index) => {
                let is_of_entries = reading.region.under != Under::Top;
                reading.title = is_of_entries.then(|| (index, line.text.trim().to_owned()));
                (reading.open, reading.list) = (false, None);
            }
            kind => reading.take(index, line.text, kind),
        }
        reading.blank = false;
    }

    /// Whether a line within a section is the heading of entries.
    pub(super) fn is_title(&self, near: &Neighbours<'_>, index: usize) -> bool {
        let like = |section: &String| near.is_like(index, section);
        self.log.level(index).is_some() || self.section.as_ref().is_some_and(like)
    }
}

/// A part of a changelog that is read line by line.
struct Reading<'a> {
    region: &'a Region,
    entries: Vec<Placed>,
    title: Option<(usize, String)>,
    /// How far the items of the list are indented.
    list: Option<usize>,
    /// Whether the last entry may go on.
    open: bool,
    blank: bool,
}

impl Reading<'_> {
    fn take(&mut self, index: usize, text: &str, kind: LineKind) {
        let indentation = text.len() - text.trim_start().len();
        let item = bullet(text).filter(|_| kind != LineKind::Code).map(str::len);
        let begins = item.is_some_and(|own| self.list.is_none_or(|list| own <= list));
        let goes_on = self.open && !begins && (!self.blank || indentation > self.list.unwrap_or(0));
        if goes_on && let Some(last) = self.entries.last_mut() {
            // Blank lines within an entry belong to it.
            last.lines.resize(index - last.at, String::new());
            last.lines.push(text.to_owned());
            return;
        }
        let (title_at, title) = self.title.clone().unzip();
        let under = self.region.under.clone();
        self.entries.push(Placed { under, title, title_at, at: index, lines: vec![text.to_owned()] });
        self.open = true;
        if begins {
            self.list = item;
        }
    }
}
