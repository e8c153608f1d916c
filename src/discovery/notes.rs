//! Where release notes go, and how a release is headed there.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::fact::Fact;
use super::file_text::text_of;
use super::notes_dates::{DateForm, with_date};
use super::packages::FoundPackage;
use super::tags::TagHabits;
use super::written::{list, string};
use crate::numbering::Version;
use crate::version::TreeReader;
use crate::wording::counted;

/// What files of release notes are called, up to an ending.
const NAMES: [&str; 9] = [
    "changelog",
    "changes",
    "history",
    "news",
    "releases",
    "release_notes",
    "release-notes",
    "releasenotes",
    "whatsnew",
];

/// How many of the newest releases say whether a file of notes is still in use.
const LATE: usize = 3;

/// Keys of `[repo.notes]` with their values.
pub(super) type NotesKeys = Vec<(&'static str, String)>;

/// How the notes of a release are headed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heading {
    title: String,
    date: Option<DateForm>,
    released: Option<String>,
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
    towncrier(files, told.as_ref()).or_else(|| changesets(files, name, packages)).or_else(|| {
        let NotesFile { path, text, headings, last_told } = told?;
        let heading = usual(&headings)?;
        let mut keys = vec![("file", string(&path))];
        keys.extend(heading_keys(heading));
        if let Some(section) = text
            .lines()
            .find(|line| line.trim_start_matches('#').trim() == "Security" && line.starts_with('#'))
        {
            keys.push(("section", string(section.trim())));
        }
        keys.push(("entry", string(&entry(&text, heading.is_markdown || is_called_markdown(&path)))));
        let same = headings.iter().filter(|other| other.title == heading.title).count();
        let late = last_told.as_ref().map(|last| format!(", which tells of none after {last}"));
        let because = format!(
            "so {same} of {} in {path} are headed{}; how entries are written is a guess",
            counted(headings.len(), "release"),
            late.as_deref().unwrap_or_default()
        );
        let is_sure = last_told.is_none() && same > 1 && heading.date.is_none_or(|date| date.is_exact);
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

fn heading_keys(heading: &Heading) -> NotesKeys {
    let mut keys = vec![("heading", string(&heading.title))];
    if let Some(released) = &heading.released {
        keys.push(("released", string(released)));
    }
    if let Some(date) = heading.date.filter(|date| date.format != "%Y-%m-%d") {
        keys.push(("date-format", string(date.format)));
    }
    keys
}

/// The file whose headings name versions that have tags.
fn file_of_notes(
    files: &dyn TreeReader,
    name: &str,
    tags: &TagHabits,
    coming: Option<&str>,
) -> Option<NotesFile> {
    let known = tags.versions.iter().map(|released| released.version.as_str().to_owned()).collect();
    let coming = coming.into_iter().map(str::to_owned).collect();
    let read = |path: &String| {
        let text = text_of(files, path)?;
        // A branch that tells only of what comes has no other heading.
        let told = headings(&text, &known);
        let headings = if told.is_empty() { headings(&text, &coming) } else { told };
        let last_told = last_told(&text, tags, &coming);
        (!headings.is_empty()).then(|| NotesFile { path: path.clone(), text, headings, last_told })
    };
    let own = [format!("{name}/*"), "docs/*".to_owned()];
    let globs = ["*".to_owned()].into_iter().chain(own);
    let listed: Vec<String> =
        globs.flat_map(|glob| files.list(&glob)).filter(|path| is_of_notes(path)).collect();
    // One that tells of no release of late was given up for something else.
    let of_late = |found: &NotesFile| found.last_told.is_none();
    let newest = || listed.iter().filter_map(read).find(of_late);
    newest().or_else(|| by_version(files, tags, &read)).or_else(|| listed.iter().find_map(read))
}

/// The newest release that these headings tell, where they tell none of the three newest.
fn last_told(text: &str, tags: &TagHabits, coming: &BTreeSet<String>) -> Option<String> {
    let plain = tags.versions.iter().rev().filter(|released| !released.version.is_prerelease());
    let late: BTreeSet<String> = plain.take(LATE).map(|one| one.version.as_str().to_owned()).collect();
    let told = |version: &str| !headings(text, &BTreeSet::from([version.to_owned()])).is_empty();
    if !headings(text, &late).is_empty() || !headings(text, coming).is_empty() {
        return None;
    }
    let newest = tags.versions.iter().rev().map(|released| released.version.as_str());
    newest.skip(late.len()).find(|version| told(version)).map(str::to_owned)
}

fn is_of_notes(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let stem = file.split('.').next().unwrap_or(&file);
    NAMES.contains(&stem)
}

/// A file for each release or line, such as `CHANGELOG/CHANGELOG-3.6.md`.
fn by_version(
    files: &dyn TreeReader,
    tags: &TagHabits,
    read: &dyn Fn(&String) -> Option<NotesFile>,
) -> Option<NotesFile> {
    let plain = tags.versions.iter().rev().filter(|released| !released.version.is_prerelease());
    plain.take(LATE).find_map(|newest| of_version(files, &newest.version, read))
}

fn of_version(
    files: &dyn TreeReader,
    newest: &Version,
    read: &dyn Fn(&String) -> Option<NotesFile>,
) -> Option<NotesFile> {
    let numbers: Vec<&str> = newest.numbers().collect();
    let (line, major) = (numbers.get(..2)?.join("."), format!("{}.x", numbers.first()?));
    let listed = ["*/*", "*/*/*"].into_iter().flat_map(|glob| files.list(glob));
    let folders = listed.filter(|path| {
        let folder = path.rsplit('/').nth(1).unwrap_or_default().to_lowercase();
        NAMES.contains(&folder.as_str())
    });
    folders.filter(|path| path.contains(&line) || path.contains(&major)).find_map(|path| {
        let found = read(&path)?;
        let whole = newest.as_str();
        if !path.contains(&line) {
            return Some(NotesFile { path: path.replace(&major, "{major}.x"), ..found });
        }
        let form = if path.contains(whole) {
            path.replace(whole, "{version}")
        } else {
            path.replace(&line, "{major}.{minor}")
        };
        Some(NotesFile { path: form, ..found })
    })
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
            || line.starts_with([' ', '\t', '-', '*'])
            || !(is_marked || stands_alone && line.split_whitespace().count() < 5)
        {
            return None;
        }
        let title = with_placeholders(line.trim_end(), version, pattern, known);
        let (title, date) = with_date(&title);
        let below = lines[at + 1..].iter().map(|line| line.trim()).skip(usize::from(is_rule(at + 1)));
        let released = below.take(3).find(|line| line.starts_with("Released ")).map(with_date);
        let date = date.or(released.as_ref().and_then(|(_, date)| *date));
        let released = released.filter(|(_, date)| date.is_some()).map(|(line, _)| line);
        Some(Heading { title, date, released, is_markdown: line.starts_with('#') })
    });
    found.take(10).collect()
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

/// Fragments that towncrier collects.
fn towncrier(files: &dyn TreeReader, told: Option<&NotesFile>) -> Option<Fact<NotesKeys>> {
    let (path, settings) = ["towncrier.toml", "pyproject.toml"].iter().find_map(|path| {
        let table: toml::Table = text_of(files, path)?.parse().ok()?;
        Some((*path, table.get("tool")?.get("towncrier")?.as_table()?.clone()))
    })?;
    let text = |key: &str| settings.get(key).and_then(|value| value.as_str());
    // Without a folder of their own they lie in the package.
    let in_package = || {
        let (above, package) = (text("package_dir").unwrap_or("."), text("package")?.replace('.', "/"));
        let above = above.trim_matches(['.', '/']);
        Some(
            [above, &package, "newsfragments"]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("/"),
        )
    };
    let folder = text("directory").map(str::to_owned).or_else(in_package)?;
    let folder = folder.trim_end_matches('/').to_owned();
    let into = settings.get("filename").and_then(|name| name.as_str()).unwrap_or("NEWS.rst");
    let ending = into.rsplit('.').next().unwrap_or("rst");
    let types = fragment_types(&settings);
    let of_type = types
        .iter()
        .find(|(name, _)| name == "security")
        .or_else(|| types.iter().find(|(name, _)| name == "bugfix"))
        .or(types.first())?;
    let mut keys = vec![
        // No issue: its id is none that the project's templates could link to.
        ("file", string(&format!("{folder}/+{{ghsa}}.{}.{ending}", of_type.0))),
        ("entry", string("{summary}.")),
    ];
    let heading = told.and_then(|told| usual(&told.headings));
    keys.extend(heading.map(heading_keys).unwrap_or_default());
    let types: Vec<String> = types
        .iter()
        .map(|(name, section)| format!("    {{ name = {}, section = {} }},\n", string(name), string(section)))
        .collect();
    let collect = format!(
        "{{ into = {}, fragments = {}, types = [\n{}] }}",
        string(into),
        string(&format!("{folder}/*.{ending}")),
        types.concat()
    );
    keys.push(("collect", collect));
    Some(Fact::guessed(keys, format!("{path} says that towncrier collects fragments")))
}

/// Names and sections of the types of fragments; without any, towncrier's own.
fn fragment_types(settings: &toml::Table) -> Vec<(String, String)> {
    let listed =
        settings.get("type").and_then(|types| types.as_array()).into_iter().flatten().filter_map(|kind| {
            let text = |key: &str| kind.get(key)?.as_str().map(str::to_owned);
            Some((text("directory")?, text("name")?))
        });
    let tables = settings.get("fragment").and_then(|types| types.as_table()).into_iter().flatten();
    let tables = tables.map(|(key, kind)| {
        let name = kind.get("name").and_then(|name| name.as_str()).unwrap_or(key);
        (key.clone(), name.to_owned())
    });
    let found: Vec<(String, String)> = listed.chain(tables).collect();
    if !found.is_empty() {
        return found;
    }
    let usual = [
        ("feature", "Features"),
        ("bugfix", "Bugfixes"),
        ("doc", "Improved Documentation"),
        ("removal", "Deprecations and Removals"),
        ("misc", "Misc"),
    ];
    usual.map(|(name, section)| (name.to_owned(), section.to_owned())).to_vec()
}

/// Fragments of changesets: of the package that is called like the repository, where there is one.
fn changesets(files: &dyn TreeReader, name: &str, packages: &[FoundPackage]) -> Option<Fact<NotesKeys>> {
    files.entry(".changeset/config.json")?;
    let is_main = |package: &&FoundPackage| package.name.rsplit('/').next() == Some(name);
    let main: Vec<&FoundPackage> = packages.iter().filter(is_main).collect();
    let of = if main.is_empty() { packages.iter().collect() } else { main };
    let named: Vec<String> = of.iter().map(|package| format!("\"{}\": patch\n", package.name)).collect();
    let keys = vec![
        ("file", string(".changeset/{ghsa}.md")),
        ("preamble", string(&format!("---\n{}---\n", named.concat()))),
        ("entry", string("{summary}")),
    ];
    Some(Fact::guessed(keys, ".changeset/config.json says that changesets are collected"))
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
        assert!(found("A text that tells of 1.2.3 among many other words.\n").is_empty());
    }
}
