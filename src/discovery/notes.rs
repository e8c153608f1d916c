//! Where release notes go, and how a release is headed there.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::fact::Fact;
use super::file_text::text_of;
use super::found_package::FoundPackage;
use super::notes_dates::{DateForm, form_of, with_date, without_time};
use super::notes_fragments::{changesets, towncrier};
use super::packages::leading_member;
use super::tags::{ReleasedVersion, TagHabits};
use super::written::{NotesKeys, escaped, list, string};
use crate::numbering::Version;
use crate::version::TreeReader;
use crate::wording::counted;

/// What files of release notes are called, in letters alone: `00-RELEASENOTES`, `release_notes.md` and `whats-new.rst` are
/// among them.
const NAMES: [&str; 8] =
    ["changelog", "changes", "history", "news", "releases", "releasenotes", "relnotes", "whatsnew"];

/// How many of the newest releases say whether a file of notes is still in use.
const LATE: usize = 3;

/// How the notes of a release are headed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heading {
    title: String,
    /// Its date as it is written, here or in the line below.
    date: Option<String>,
    released: Option<String>,
    /// Whether a time of day stands behind the date, which is left out.
    is_timed: bool,
    is_markdown: bool,
}

/// A file of release notes.
struct NotesFile {
    /// Its path as a rule has it.
    path: String,
    text: String,
    headings: Vec<Heading>,
    /// The newest release that it tells, where that is none of late.
    last_told: Option<String>,
}

/// The rule for release notes, if any are found. `coming` is the version that the default branch announces.
pub(super) fn notes(
    files: &dyn TreeReader,
    name: &str,
    (tags, coming): (&TagHabits, Option<&str>),
    packages: &[FoundPackage],
) -> Option<Fact<NotesKeys>> {
    let told = file_of_notes(files, name, tags, coming);
    let known = versions(tags);
    let headed = |into: &str| {
        let collected = text_of(files, into).map(|text| headings(&text, &known)).unwrap_or_default();
        let found = if collected.is_empty() {
            told.as_ref().map(|told| &told.headings[..])
        } else {
            Some(&collected[..])
        };
        found.map(heading_keys).unwrap_or_default()
    };
    towncrier(files, headed).or_else(|| changesets(files, name, packages)).or_else(|| {
        let NotesFile { path, text, headings, last_told } = told?;
        let heading = usual(&headings)?;
        let mut keys = vec![("file", string(&path))];
        // A file of one release has a title, and no other heading.
        let titled = path.contains("{version}").then(|| {
            let newest = known.iter().find(|version| tells(&text, version))?;
            preamble(&text, newest)
        });
        match titled.flatten() {
            Some(preamble) => keys.push(("preamble", escaped(&preamble))),
            None => keys.extend(heading_keys(&headings)),
        }
        if let Some(section) = text
            .lines()
            .find(|line| line.trim_start_matches('#').trim() == "Security" && line.starts_with('#'))
        {
            keys.push(("section", string(section.trim())));
        }
        keys.push(("entry", string(&entry(&text, heading.is_markdown || is_called_markdown(&path)))));
        let same = headings.iter().filter(|other| other.title == heading.title).count();
        let late = last_told.as_ref().map(|last| format!(", which tells of none after {last}"));
        let timed = if heading.is_timed { ", with a time of day that is not written" } else { "" };
        let because = format!(
            "so {same} of {} in {path} are headed{}{timed}; how entries are written is a guess",
            counted(headings.len(), "release"),
            late.as_deref().unwrap_or_default()
        );
        let is_dated_alike = date_form(&headings, heading).is_none_or(|form| form.is_exact);
        let is_sure = last_told.is_none() && same > 1 && is_dated_alike && !heading.is_timed;
        Some(if is_sure { Fact::seen(keys, because) } else { Fact::guessed(keys, because) })
    })
}

/// The heading that most releases have; of two that are as frequent, the newer one. A line that only names a version in passing
/// is like no other.
fn usual(headings: &[Heading]) -> Option<&Heading> {
    let alike = |heading: &Heading| headings.iter().filter(|other| other.title == heading.title).count();
    headings.iter().rev().max_by_key(|heading| alike(heading))
}

/// Its headings may be underlined all the same.
fn is_called_markdown(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(".md") || path.ends_with(".markdown")
}

fn heading_keys(headings: &[Heading]) -> NotesKeys {
    let Some(heading) = usual(headings) else { return NotesKeys::new() };
    let mut keys = vec![("heading", string(&heading.title))];
    if let Some(released) = &heading.released {
        keys.push(("released", string(released)));
    }
    if let Some(form) = date_form(headings, heading).filter(|form| form.format != "%Y-%m-%d") {
        keys.push(("date-format", string(form.format)));
    }
    keys
}

/// How dates are written under this heading and those like it; `None` where none has a date.
fn date_form(headings: &[Heading], like: &Heading) -> Option<DateForm> {
    let alike = headings.iter().filter(|heading| heading.title == like.title);
    form_of(&alike.filter_map(|heading| heading.date.as_deref()).collect::<Vec<_>>())
}

/// The file whose headings name versions that have tags.
fn file_of_notes(
    files: &dyn TreeReader,
    name: &str,
    tags: &TagHabits,
    coming: Option<&str>,
) -> Option<NotesFile> {
    let known = versions(tags);
    let coming = coming.into_iter().map(str::to_owned).collect();
    let read = |path: &String| {
        let text = text_of(files, path)?;
        // A branch that tells only of what comes has no other heading.
        let told = headings(&text, &known);
        let headings = if told.is_empty() { headings(&text, &coming) } else { told };
        let last_told = last_told(&text, tags, &coming);
        (!headings.is_empty()).then(|| NotesFile { path: path.clone(), text, headings, last_told })
    };
    // Some projects lie as a whole in a folder of their name: libexpat in `expat`.
    let own = [format!("{name}/*"), format!("{}/*", name.strip_prefix("lib").unwrap_or(name))];
    // And most workspaces have a package of theirs.
    let package = format!("packages/{name}/*");
    let globs = ["*", &own[0], &own[1], "docs/*", "doc/*", &package].map(str::to_owned);
    // A workspace has one for each package.
    let leading = leading_member(files, &tags.form.value).and_then(|package| package.path);
    let globs = globs.into_iter().chain(leading.map(|path| format!("{path}/*")));
    let listed = globs.flat_map(|glob| files.list(&glob));
    let listed: Vec<String> = listed.filter(|path| is_of_notes(path)).collect();
    // One that tells of no release of late was given up for something else.
    let of_late = |found: &NotesFile| found.last_told.is_none();
    let newest = || listed.iter().filter_map(read).find(of_late);
    newest().or_else(|| by_version(files, tags, &read)).or_else(|| listed.iter().find_map(read))
}

/// The newest release that these headings tell, where they tell none of the three newest.
fn last_told(text: &str, tags: &TagHabits, coming: &BTreeSet<String>) -> Option<String> {
    let plain = tags.versions.iter().rev().filter(|released| !released.version.is_prerelease());
    let late: BTreeSet<String> = plain.take(LATE).map(|one| one.version.as_str().to_owned()).collect();
    let told = |version: &str| tells(text, version);
    if !headings(text, &late).is_empty() || !headings(text, coming).is_empty() {
        return None;
    }
    let newest = tags.versions.iter().rev().map(|released| released.version.as_str());
    newest.skip(late.len()).find(|version| told(version)).map(str::to_owned)
}

/// Whether a heading of this text names the version.
pub(super) fn tells(text: &str, version: &str) -> bool {
    !headings(text, &BTreeSet::from([version.to_owned()])).is_empty()
}

fn is_of_notes(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    is_called_notes(file.split('.').next().unwrap_or(file))
}

fn is_called_notes(stem: &str) -> bool {
    let letters: String = stem.chars().filter(char::is_ascii_alphabetic).collect();
    NAMES.contains(&letters.to_lowercase().as_str())
}

/// A file for each release or line, such as `CHANGELOG/CHANGELOG-3.6.md`.
fn by_version(
    files: &dyn TreeReader,
    tags: &TagHabits,
    read: &dyn Fn(&String) -> Option<NotesFile>,
) -> Option<NotesFile> {
    let plain = || tags.versions.iter().rev().filter(|released| !released.version.is_prerelease());
    let of = |newest: &ReleasedVersion| of_version(files, &newest.version, read);
    // The first release of a line may be called by two numbers in its own file (`Lock v1.3` for 1.3.0).
    let whole = |newest: &ReleasedVersion| of(newest).filter(|found| found.path.contains("{version}"));
    plain().take(LATE).find_map(of).or_else(|| plain().skip(LATE).take(4 * LATE).find_map(whole))
}

fn of_version(
    files: &dyn TreeReader,
    newest: &Version,
    read: &dyn Fn(&String) -> Option<NotesFile>,
) -> Option<NotesFile> {
    let numbers: Vec<&str> = newest.numbers().collect();
    let (line, major) = (numbers.get(..2)?.join("."), format!("{}.x", numbers.first()?));
    let listed = ["*/*", "*/*/*"].into_iter().flat_map(|glob| files.list(glob));
    let folders = listed.filter(|path| is_called_notes(path.rsplit('/').nth(1).unwrap_or_default()));
    let whole = newest.as_str();
    let mut named: Vec<String> =
        folders.filter(|path| path.contains(&line) || path.contains(&major)).collect();
    // Where each release has a file, others of its line are not it.
    named.sort_by_key(|path| !is_named(path, whole));
    named.into_iter().find_map(|path| {
        let found = read(&path)?;
        if !path.contains(&line) {
            return Some(NotesFile { path: path.replace(&major, "{major}.x"), ..found });
        }
        if is_named(&path, whole) {
            return Some(NotesFile { path: path.replace(whole, "{version}"), last_told: None, ..found });
        }
        Some(NotesFile { path: path.replace(&line, "{major}.{minor}"), ..found })
    })
}

/// Whether a file is called after this version, and not after one that begins with it.
fn is_named(path: &str, version: &str) -> bool {
    let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    path.match_indices(version).any(|(at, _)| {
        let behind = &path[at + version.len()..];
        let goes_on = behind.starts_with('.') && is_digit(behind.chars().nth(1));
        !is_digit(path[..at].chars().next_back()) && !is_digit(behind.chars().next()) && !goes_on
    })
}

/// The title of the file of a release, as far as its first rule: what a new one begins with.
fn preamble(text: &str, version: &str) -> Option<String> {
    let (title, below) = text.split_once('\n')?;
    let rule =
        below.lines().next().filter(|line| line.len() > 2 && line.chars().all(|mark| "=-".contains(mark)));
    let title = title.trim_end();
    let is_title = title.contains(version) && (rule.is_some() || title.starts_with('#'));
    let rule = rule.map(|rule| format!("{rule}\n")).unwrap_or_default();
    is_title.then(|| format!("{}\n{rule}\n", title.replace(version, "{version}")))
}

fn versions(tags: &TagHabits) -> BTreeSet<String> {
    tags.versions.iter().map(|released| released.version.as_str().to_owned()).collect()
}

/// The newest headings that name a version with a tag, with placeholders in them.
fn headings(text: &str, known: &BTreeSet<String>) -> Vec<Heading> {
    static VERSION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)+(?:[-.+]?[A-Za-z][0-9A-Za-z]*(?:\.\d+)*)?").ok());
    let Some(pattern) = VERSION.as_ref() else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let is_rule = |at: usize| {
        lines.get(at).is_some_and(|line| {
            let line = line.trim_end();
            line.len() > 2 && line.chars().all(|mark| "=-~^*\"".contains(mark) && line.starts_with(mark))
        })
    };
    let found = lines.iter().enumerate().filter_map(|(at, line)| {
        let version =
            pattern.find_iter(line).map(|found| found.as_str()).find(|text| known.contains(*text))?;
        let says_open =
            ["unreleased", "not yet released"].iter().any(|word| line.to_lowercase().contains(word));
        let is_marked = line.starts_with('#') || is_rule(at + 1);
        let stands_alone = at == 0 || lines[at - 1].trim().is_empty();
        if says_open
            || tells_of_an_earlier_one(line)
            // An indented line, an entry, or a link target before the heading.
            || line.starts_with([' ', '\t', '-', '*'])
            || line.starts_with(".. ")
            || !(is_marked || stands_alone)
        {
            return None;
        }
        let title = with_placeholders(without_commit(line.trim_end()), version, pattern, known);
        let (title, date) = with_date(&title);
        let (title, is_timed) = without_time(&title);
        // Longer ones are sentences.
        if !is_marked && title.split_whitespace().count() >= 5 {
            return None;
        }
        let below = lines[at + 1..].iter().map(|line| line.trim()).skip(usize::from(is_rule(at + 1)));
        let released = below.take(3).find(|line| line.starts_with("Released ")).map(with_date);
        let date = date.or_else(|| released.as_ref().and_then(|(_, date)| date.clone()));
        let released = released.filter(|(_, date)| date.is_some()).map(|(line, _)| line);
        Some(Heading { title, date, released, is_timed, is_markdown: line.starts_with('#') })
    });
    found.take(10).collect()
}

/// "Changes since version 1.2.3" stands below the heading of the version after it.
fn tells_of_an_earlier_one(line: &str) -> bool {
    line.to_lowercase().split_whitespace().any(|word| word == "since")
}

/// A heading without the commit that was released: who writes the notes does not know it yet.
fn without_commit(line: &str) -> &str {
    let Some((before, last)) = line.rsplit_once(' ') else { return line };
    let is_commit = last.len() == 40 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_commit { before.trim_end_matches([' ', ',']) } else { line }
}

/// The line with `{version}` for its version, and `{previous}` for another one, as in the address of a comparison.
fn with_placeholders(line: &str, version: &str, pattern: &Regex, known: &BTreeSet<String>) -> String {
    let replaced = pattern.replace_all(line, |found: &regex::Captures<'_>| match &found[0] {
        text if text == version => "{version}".to_owned(),
        text if known.contains(text) => "{previous}".to_owned(),
        text => text.to_owned(),
    });
    with_joined_numbers(&replaced, version)
}

/// The line with placeholders for the numbers of its version where something else than dots joins them, as in the anchors of
/// headings: `{#version-3-4-4}`.
fn with_joined_numbers(line: &str, version: &str) -> String {
    let numbers: Vec<&str> = version.split('.').collect();
    // What begins with a year is a day.
    if numbers.len() != 3 || numbers[0].len() > 3 {
        return line.to_owned();
    }
    let joined = |mark: &str| (numbers.join(mark), ["{major}", "{minor}", "{patch}"].join(mark));
    ["-", "_"].map(joined).iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
}

/// An entry in the style of the file's lists.
fn entry(text: &str, is_markdown: bool) -> String {
    let bullet = text.lines().filter_map(|line| line.chars().next().filter(|_| line.get(1..2) == Some(" ")));
    let bullet = bullet.filter(|mark| ['-', '*', '+'].contains(mark)).take(40).collect::<Vec<_>>();
    let stars = bullet.iter().filter(|mark| **mark == '*').count();
    let mark = if stars * 2 > bullet.len() { '*' } else { '-' };
    let link = if is_markdown { "([{ghsa}]({url}))" } else { "(`{ghsa} <{url}>`_)" };
    let link = if is_markdown || text.contains("`_") || text.contains(":gh:") { link } else { "({ghsa})" };
    format!("{mark} {{summary}} {link}")
}

/// A list of the names that were looked for, for the comment where none is found.
pub(super) fn looked_for() -> String {
    list(NAMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let known = ["1.2.3", "1.2.2", "1.2.1"].map(str::to_owned).into();
        headings(text, &known).into_iter().map(|heading| heading.title).collect()
    }

    #[test]
    fn heading_is_the_one_that_most_releases_have() {
        let known = ["1.2.3", "1.2.2", "1.2.1"].map(str::to_owned).into();
        let text = "#1448: Upgrade `parser` to 1.2.3\n\n1.2.2 (2026-01-07)\n\n1.2.1 (2025-01-07)\n";
        let headings = headings(text, &known);
        assert_eq!(usual(&headings).unwrap().title, "{version} ({date})");
    }

    #[test]
    fn files_of_notes_are_known_by_the_letters_of_their_names() {
        for path in ["CHANGELOG.md", "00-RELEASENOTES", "doc/whats-new.rst", "release_notes", "History.txt"] {
            assert!(is_of_notes(path), "{path}");
        }
        assert!(!["changed.md", "renews", "news_2026_archive.md"].into_iter().any(is_of_notes));
    }

    #[test]
    fn file_of_a_release_is_called_after_it_and_its_title_is_what_a_new_one_begins_with() {
        assert!(is_named("Documentation/RelNotes/1.2.3.adoc", "1.2.3"));
        assert!(!is_named("Documentation/RelNotes/1.2.30.adoc", "1.2.3"));
        assert!(!is_named("Documentation/RelNotes/11.2.3.1.adoc", "1.2.3"));
        assert!(!is_named("RelNotes/1.2.0.1.adoc", "1.2.0"));
        let text = "Lock v1.2.3 Release Notes\n=========================\n\nFixes\n";
        let begins = "Lock v{version} Release Notes\n=========================\n\n";
        assert_eq!(preamble(text, "1.2.3").as_deref(), Some(begins));
        assert_eq!(preamble("# 1.2.3\n\n- x\n", "1.2.3").as_deref(), Some("# {version}\n\n"));
        assert_eq!(preamble("Fixes of 1.2.3\n\n- x\n", "1.2.3"), None);
    }

    #[test]
    fn headings_get_placeholders_for_versions_and_dates() {
        assert_eq!(
            found(
                "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-07\n\n- x 1.2.2\n\n## [1.2.2] - 2025-01-07\n"
            ),
            ["## [{version}] - {date}", "## [{version}] - {date}"]
        );
        assert_eq!(found("Version 1.2.3\n-------------\n\nReleased 2026-01-07\n"), ["Version {version}"]);
        assert_eq!(
            found("1.2.3 / 2026-01-07\n==================\n\n  * deps: x@1.2.1\n"),
            ["{version} / {date}"]
        );
        assert_eq!(
            found("## [1.2.3](https://x.example/compare/v1.2.2...v1.2.3) (2026-01-07)\n"),
            ["## [{version}](https://x.example/compare/v{previous}...v{version}) ({date})"]
        );
        assert_eq!(
            found("## 1.2.3 - 2026-01-07 {#version-1-2-3}\n"),
            ["## {version} - {date} {#version-{major}-{minor}-{patch}}"]
        );
        assert_eq!(
            found(
                "2026.01.07, Version 1.2.3 (Stable), 0123456789012345678901234567890123456789\n\nChanges since version 1.2.2:\n\n* x\n"
            ),
            ["{date}, Version {version} (Stable)"]
        );
        assert_eq!(
            found(".. _whats-new.1.2.3:\n\nv1.2.3 (Jan 7, 2026)\n---------\n"),
            ["v{version} ({date})"]
        );
        assert_eq!(found("Jan 07, 2026: lock 1.2.3 released\n\n"), ["{date}: lock {version} released"]);
        assert!(found("A text that tells of 1.2.3 among many other words.\n").is_empty());
    }
}
