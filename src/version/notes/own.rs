//! What a fix says of itself: the entries that its own commits put into the notes.
//!
//! Such an entry is told once, in the fix's own words, in the section of the release that brings the fix. Entries are compared by
//! where they stand and what they say, never by lines alone: two fixes that each begin the same section put their entries below
//! one heading.

use super::entries::{Placed, Regions};
use super::error::NotesError;
use super::noted::{NoteEntry, Whose};
use super::place::present;
use super::rule::{NotesRule, Unreleased};
use super::said::{OwnEntry, OwnWords, Under, is_same};
use super::section::ReleaseSection;
use super::values::Telling;
use super::{debian, without};
use crate::numbering::Version;
use crate::version::files::{TreeReader, glob_matches, open};

impl NotesRule {
    /// What one commit says itself in the notes of a release, by the files before and after it, of which these changed. Sections of
    /// other releases that it brings whole are none of this one.
    #[must_use]
    pub fn own_words(
        &self,
        [before, after]: [&dyn TreeReader; 2],
        changed: &[String],
        version: &Version,
    ) -> OwnWords {
        let files = changed.iter().filter(|path| self.is_fragment(path) && after.entry(path).is_some());
        let files = files.filter(|path| before.entry(path).is_none()).cloned().collect();
        let entries = self.own_entries([before, after], changed, version).unwrap_or_default();
        OwnWords { entries, files }
    }

    fn own_entries(
        &self,
        [before, after]: [&dyn TreeReader; 2],
        changed: &[String],
        version: &Version,
    ) -> Option<Vec<OwnEntry>> {
        let path = self.changelog_of(version)?;
        let file = open(after, &path).ok()??;
        if !changed.contains(&file.path) {
            return None;
        }
        let older = open(before, &path).ok().flatten().map(|file| file.text).unwrap_or_default();
        let mut own = self.added(&path, [&older, &file.text], version)?.entries;
        own.retain(|entry| match &entry.under {
            Under::Release(other) => other == version || !entry.brings_heading,
            Under::Top | Under::Waiting => true,
        });
        Some(own)
    }

    /// The one file of all releases, or that of this one; `None` where each advisory has its own.
    fn changelog_of(&self, version: &Version) -> Option<String> {
        match &self.collect {
            Some(how) => Some(how.into.clone()),
            None if self.is_by_advisory() => None,
            None => self.regenerated(version).into_iter().next(),
        }
    }

    /// Whether a file is a fragment, whoever wrote it.
    fn is_fragment(&self, path: &str) -> bool {
        if let Some(how) = &self.collect {
            return glob_matches(&how.fragments, path) && how.is_one(path);
        }
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let ending = |path: &str| path.rsplit_once('.').map(|(_, ending)| ending.to_owned());
        let form = self.file.as_str();
        let is_beside =
            folder(form).is_some() && folder(path) == folder(form) && ending(path) == ending(form);
        self.is_by_advisory() && is_beside && !path.to_lowercase().ends_with("readme.md")
    }

    /// The entries that one text of the notes has and the other lacks, and whether it lacks any that the other has.
    fn added(&self, path: &str, texts: [&str; 2], version: &Version) -> Option<Added> {
        let told = Telling::bare(self, path, version);
        let [before, after] = texts.map(|text| told.regions(text));
        let (before, after) = (before?, after?);
        let (old, new) = (before.entries(), after.entries());
        let is_listed = |entry: &&Placed| !debian::is_one(path) || entry.is_item();
        let mut left: Vec<&Placed> = old.iter().filter(is_listed).collect();
        let mut entries: Vec<OwnEntry> = Vec::new();
        for entry in new.iter().filter(is_listed) {
            if let Some(at) = left.iter().position(|other| other.says_the_same(entry)) {
                left.remove(at);
                continue;
            }
            entries.push(OwnEntry {
                under: entry.under.clone(),
                title: entry.title.clone(),
                lines: entry.lines.clone(),
                brings_heading: !before.has(&entry.under),
                brings_title: entry.title.is_some()
                    && !before.has_title(&entry.under, entry.title.as_deref()),
            });
        }
        // What stands in place of something else corrects it.
        let corrects =
            |entry: &OwnEntry| left.iter().any(|other| other.is_beside(&entry.under, entry.title.as_deref()));
        entries.retain(|entry| !corrects(entry));
        Some(Added { entries, lost: left.len() })
    }

    /// Notes to which two sides have added: those of `ours` with what `theirs` has put into `base`, at the places where it
    /// stands there. `None` where it did more than add, or where such a place is missing.
    #[must_use]
    pub fn joined(&self, path: &str, texts: [&str; 3], version: &Version) -> Option<String> {
        let [base, ours, theirs] = texts;
        let added = self.added(path, [base, theirs], version).filter(|added| added.lost == 0)?;
        if added.entries.is_empty() {
            return None;
        }
        let as_there = Telling::bare(self, path, version).regions(theirs)?;
        let mut text = ours.to_owned();
        for entry in &added.entries {
            let rule = self.under_title(entry.title.as_deref());
            let telling = Telling::bare(&rule, path, version);
            let below = as_there.titles_below(&entry.under, entry.title.as_deref());
            text = telling.put_under(&text, entry, &below)?;
        }
        Some(text)
    }

    /// The same rule for entries under this heading.
    fn under_title(&self, title: Option<&str>) -> NotesRule {
        match title {
            Some(title) => NotesRule { section: Some(title.to_owned()), ..self.clone() },
            None => self.clone(),
        }
    }
}

/// What one text of the notes has and another lacks.
struct Added {
    entries: Vec<OwnEntry>,
    /// How many entries it lacks.
    lost: usize,
}

impl Telling<'_> {
    /// The text with what the fixes say themselves in the section of their release; `None` where nothing is to be moved. What
    /// waits under "Unreleased" comes there by itself where the rule releases it.
    pub(super) fn with_own_words(&self, text: &str) -> Result<Option<String>, NotesError> {
        let is_told = |told: &NoteEntry| {
            !told.own.entries.is_empty() || text.lines().any(|line| told.is_named_in(line))
        };
        if self.whose != Whose::Own || !self.entries.iter().any(is_told) {
            return Ok(None);
        }
        let Some(regions) = self.regions(text) else { return Ok(None) };
        let is_there = present(&regions.releases, self.version).is_some();
        let waiting_stays = self.rule.unreleased == Unreleased::Keep || is_there;
        let entries = regions.entries();
        let moves = |entry: &Placed| match &entry.under {
            Under::Waiting => waiting_stays && (self.is_own(entry) || self.is_named(entry)),
            Under::Top => self.is_own(entry) || self.is_named(entry),
            // A merge took the section of a release that is out for the one that was to come.
            Under::Release(other) => other != self.version && self.is_own(entry),
        };
        let moved: Vec<&Placed> = entries.iter().filter(|entry| moves(entry)).collect();
        if moved.is_empty() {
            return Ok(None);
        }
        let brings = |entry: &Placed| {
            self.own(entry).map_or((false, false), |own| (own.brings_heading, own.brings_title))
        };
        let mut told = without::entries(text, &regions, &moved, brings);
        let mut titles: Vec<&Option<String>> = Vec::new();
        for entry in &moved {
            if !titles.contains(&&entry.title) {
                titles.push(&entry.title);
            }
        }
        for title in titles {
            let rule = self.rule.under_title(title.as_deref());
            let blocks: Vec<Vec<String>> =
                moved.iter().filter(|entry| entry.title == *title).map(|entry| entry.lines.clone()).collect();
            let telling = Telling { rule: &rule, ..self.clone() };
            told = telling.insert_all(&told, &blocks)?.unwrap_or(told);
        }
        Ok(Some(told))
    }

    fn own(&self, entry: &Placed) -> Option<&OwnEntry> {
        let mut own = self.entries.iter().flat_map(|told| &told.own.entries);
        own.find(|own| own.under == entry.under && is_same(&own.lines, &entry.lines))
    }

    fn is_own(&self, entry: &Placed) -> bool {
        self.own(entry).is_some()
    }

    fn is_named(&self, entry: &Placed) -> bool {
        self.entries.iter().any(|told| entry.lines.iter().any(|line| told.is_named_in(line)))
    }

    /// The text with an entry at such a place of it; `None` where it has none. A heading of entries that it lacks comes above the
    /// first of these that it has, or last.
    fn put_under(&self, text: &str, own: &OwnEntry, below: &[String]) -> Option<String> {
        let OwnEntry { under, title, lines, .. } = own;
        let regions = self.regions(text)?;
        if regions.entries().iter().any(|entry| entry.under == *under && is_same(&entry.lines, lines)) {
            return Some(text.to_owned());
        }
        let region = regions.of_under(under)?;
        let near = regions.neighbours();
        if title.is_some() && !regions.has_title(under, title.as_deref()) {
            let first = below.iter().find_map(|below| regions.line_of_title(under, below));
            if let Some(first) = first {
                let list = self.list(&near, std::slice::from_ref(lines));
                return Some(self.begin_above(&near, first, &list)?.apply(text));
            }
        }
        let section = ReleaseSection {
            version: self.version.clone(),
            date: None,
            top: region.first,
            first: region.first,
            body: region.body,
            end: region.end,
        };
        let list = self.list(&near, std::slice::from_ref(lines));
        Some(self.extend(&near, &section, &list).apply(text))
    }

    fn regions<'a>(&self, text: &'a str) -> Option<Regions<'a>> {
        Regions::of(self.rule, &self.file, text, self.version)
    }
}
