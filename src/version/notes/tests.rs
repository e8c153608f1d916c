use std::collections::BTreeMap;

use super::rule::MissingFile;

use super::*;
use crate::numbering::{Scheme, Version, semver};

const WASMTIME: &str = "## 36.0.13\n\nReleased 2026-07-31.\n\n### Fixed\n\n* Stores can mix up type indices between engines.\n  [GHSA-hgjw-h833-99q9](https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-hgjw-h833-99q9)\n\n--------------------------------------------------------------------------------\n\n## 36.0.12\n\nReleased 2026-06-24.\n\n### Fixed\n\n* One.\n  [#1](x)\n\n* Two.\n  [#2](x)\n";

const WAMR: &str = "## WAMR-2.4.1\n\n### Breaking Changes\n\n- wasi_socket_ext.c: fix error reporting (#4476)\n- lib-socket: make getaddrinfo return EAI\\_ values (#4498)\n\n### Bug Fixes\n\n### Others\n\n---\n\n## WAMR-2.4.0\n";

pub(super) fn rule(text: &str) -> NotesRule {
    toml::from_str(text).unwrap()
}

fn wasmtime() -> NotesRule {
    rule(
        "file = 'RELEASES.md'\nheading = '## {version}'\nreleased = 'Released {date}'\nsection = '### Fixed'\nentry = \"* {summary}.\\n  [{ghsa}]({url})\"",
    )
}

fn wamr() -> NotesRule {
    rule(
        "file = 'RELEASE_NOTES.md'\nheading = '## WAMR-{version}'\nsection = '### Bug Fixes'\nentry = '- {cve}. {summary}'",
    )
}

pub(super) fn entry(summary: &str, ghsa: &str) -> NoteEntry {
    NoteEntry {
        summary: summary.into(),
        ghsa: ghsa.parse().unwrap(),
        cve: Some("CVE-2025-58749".parse().unwrap()),
        url: format!("https://github.com/bytecodealliance/wasmtime/security/advisories/{ghsa}"),
        severity: None,
        own: crate::version::OwnWords::default(),
    }
}

fn sandbox() -> NoteEntry {
    entry("Filesystem sandbox escape when paths or symlinks contain trailing slashes.", "GHSA-vqjp-4c8c-hfgg")
}

/// What a tree with this changelog, or without one, becomes; `None` if nothing changes.
pub(super) fn told(
    rule: &NotesRule,
    text: Option<&str>,
    version: &Version,
    date: Option<&str>,
    entries: &[NoteEntry],
) -> Result<Option<String>, NotesError> {
    let path = rule.file.as_str().to_owned();
    let files: BTreeMap<String, String> = text.map(|text| (path, text.to_owned())).into_iter().collect();
    let date = date.map(|date| date.parse().unwrap());
    let mut changes = rule.write(&files, &NotedRelease::of(version, date, entries))?;
    Ok(changes.pop().map(|change| change.content))
}

pub(super) fn insert(rule: &NotesRule, text: &str, version: &str, entries: &[NoteEntry]) -> String {
    let version = Scheme::Numbers.parse(version).unwrap();
    told(rule, Some(text), &version, Some("2026-08-20"), entries).unwrap().expect("nothing changed")
}

#[test]
fn headings_may_be_the_items_of_a_list_as_in_the_news_of_gnu_projects() {
    let news = rule("file = 'NEWS'\nheading = '* Version {version} ({date})'\nentry = '  - {summary}'");
    let text = "* Version 1.2.3 (2026-01-07)\n\n  - one 1.2\n\n* Version 1.2.2 (2025-01-07)\n\n  - two\n";
    let written = insert(&news, text, "1.2.4", &[entry("A limit.", "GHSA-vqjp-4c8c-hfgg")]);
    assert_eq!(written, format!("* Version 1.2.4 (2026-08-20)\n\n  - A limit.\n\n{text}"));
    let org = rule("file = 'NEWS.org'\nheading = '* {version}'\nentry = '- {summary}'");
    let text = "* 1.2.3\n- one\n* 1.2.2\n- two\n";
    let written = insert(&org, text, "1.2.4", &[entry("A limit.", "GHSA-vqjp-4c8c-hfgg")]);
    assert!(written.starts_with("* 1.2.4\n") && written.ends_with(text), "{written}");
}

#[test]
fn bp_50_fresh_section_is_what_wasmtime_wrote_on_2026_08_20() {
    let expected = format!(
        "## 36.0.14\n\nReleased 2026-08-20\n\n### Fixed\n\n* Filesystem sandbox escape when paths or symlinks contain trailing slashes.\n  [GHSA-vqjp-4c8c-hfgg](https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-vqjp-4c8c-hfgg)\n\n--------------------------------------------------------------------------------\n\n{WASMTIME}"
    );
    assert_eq!(insert(&wasmtime(), WASMTIME, "36.0.14", &[sandbox()]), expected);
}

#[test]
fn second_advisory_joins_the_section_and_a_third_run_changes_nothing() {
    let rule = wasmtime();
    let first = insert(&rule, WASMTIME, "36.0.14", &[sandbox()]);
    let other = entry("Panic when lifting `flags`", "GHSA-m758-wjhj-p3jq");
    let both = insert(&rule, &first, "36.0.14", &[sandbox(), other.clone()]);
    assert!(both.contains("GHSA-vqjp-4c8c-hfgg)\n\n* Panic when lifting `flags`.\n  [GHSA-m758-wjhj-p3jq]("));
    assert!(both.ends_with(WASMTIME));
    assert_eq!(both.lines().filter(|line| line.starts_with("-----")).count(), 2);
    let again = told(&rule, Some(&both), &semver("36.0.14"), None, &[other, sandbox()]).unwrap();
    assert_eq!(again, None);
}

#[test]
fn entry_that_people_reworded_survives() {
    let rule = wasmtime();
    let text =
        insert(&rule, WASMTIME, "36.0.14", &[sandbox()]).replace("Filesystem sandbox", "Severe sandbox");
    let again = told(&rule, Some(&text), &semver("36.0.14"), None, &[sandbox()]).unwrap();
    assert_eq!(again, None);
}

#[test]
fn default_branch_gets_the_missing_heading_before_the_separator() {
    let text = "## 49.0.0\n\nUnreleased.\n\n### Added\n\n### Changed\n\n--------\n\nRelease notes for previous releases\n\n* [48.0.x](x)\n";
    let expected = text.replace(
        "### Changed\n\n",
        "### Changed\n\n### Fixed\n\n* A.\n  [GHSA-vqjp-4c8c-hfgg](https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-vqjp-4c8c-hfgg)\n\n",
    );
    let entries = [entry("A", "GHSA-vqjp-4c8c-hfgg")];
    // Without a date: it is not released today.
    let changed = told(&wasmtime(), Some(text), &semver("49.0.0"), None, &entries).unwrap();
    assert_eq!(changed.unwrap(), expected);
}

#[test]
fn wamr_style_is_tight_with_three_dashes() {
    let fix = entry("Fix a potential hang issue in LLVMJIT mode", "GHSA-vqjp-4c8c-hfgg");
    let text = insert(&wamr(), WAMR, "2.4.2", std::slice::from_ref(&fix));
    let section = "## WAMR-2.4.2\n\n### Bug Fixes\n\n- CVE-2025-58749. Fix a potential hang issue in LLVMJIT mode\n\n---\n\n";
    assert_eq!(text, format!("{section}{WAMR}"));
    let existing = insert(&wamr(), WAMR, "2.4.1", &[fix]);
    assert_eq!(
        existing,
        WAMR.replace(
            "### Bug Fixes\n\n",
            "### Bug Fixes\n\n- CVE-2025-58749. Fix a potential hang issue in LLVMJIT mode\n\n"
        )
    );
}

#[test]
fn line_endings_and_a_missing_last_newline_are_kept() {
    let rule = rule("file = 'C.md'\nheading = '## [{version}] - {date}'\nentry = '- {summary} ({ghsa})'");
    let text = "# Changes\r\n\r\n## [Unreleased]\r\n\r\n## [1.0.0] - 2025-01-01\r\n- old";
    let fresh = insert(&rule, text, "1.0.1", &[entry("New", "GHSA-vqjp-4c8c-hfgg")]);
    assert_eq!(
        fresh,
        "# Changes\r\n\r\n## [Unreleased]\r\n\r\n## [1.0.1] - 2026-08-20\r\n- New (GHSA-vqjp-4c8c-hfgg)\r\n\r\n## [1.0.0] - 2025-01-01\r\n- old"
    );
    let extended = insert(&rule, text, "1.0.0", &[entry("New", "GHSA-vqjp-4c8c-hfgg")]);
    assert_eq!(extended, format!("{text}\r\n- New (GHSA-vqjp-4c8c-hfgg)"));
}

#[test]
fn older_line_goes_below_newer_releases_and_above_link_targets() {
    let rule = rule("file = 'C.md'\nheading = '## {version}'\nentry = '- {summary}'");
    let text = "## 2.0.0\n\n- two\n\n## 1.0.0\n\n- one\n\n[2.0.0]: x\n";
    let one = entry("fix", "GHSA-vqjp-4c8c-hfgg");
    assert_eq!(
        insert(&rule, text, "1.0.1", std::slice::from_ref(&one)),
        text.replace("## 1.0.0", "## 1.0.1\n\n- fix\n\n## 1.0.0")
    );
    assert_eq!(insert(&rule, text, "0.9.1", &[one]), text.replace("- one\n", "- one\n\n## 0.9.1\n\n- fix\n"));
}

#[test]
fn headings_in_code_blocks_are_not_releases() {
    let rule = rule("file = 'C.md'\nheading = '## {version}'\nentry = '- {summary}'");
    let text = "# Log\n\n```\n## 9.9.9\n```\n\n## 1.0.0\n\n- one\n";
    let new = insert(&rule, text, "1.0.1", &[entry("fix", "GHSA-vqjp-4c8c-hfgg")]);
    assert_eq!(new, text.replace("## 1.0.0", "## 1.0.1\n\n- fix\n\n## 1.0.0"));
}

#[test]
fn missing_file_is_made_only_if_the_rule_says_so() {
    let mut rule = wamr();
    let version = semver("1.0.1");
    assert!(matches!(told(&rule, None, &version, None, &[sandbox()]), Err(NotesError::Missing { .. })));
    rule.missing = MissingFile::Create;
    let text = told(&rule, None, &version, None, &[entry("A", "GHSA-vqjp-4c8c-hfgg")]).unwrap().unwrap();
    assert_eq!(text, "## WAMR-1.0.1\n\n### Bug Fixes\n\n- CVE-2025-58749. A\n");
}

#[test]
fn what_the_rule_wants_and_the_release_lacks_is_named() {
    let mut lacking = sandbox();
    lacking.cve = None;
    let message = told(&wamr(), Some(WAMR), &semver("2.4.2"), None, &[lacking]).unwrap_err().to_string();
    assert_eq!(message, "release notes in `RELEASE_NOTES.md` want `{cve}`, but GHSA-vqjp-4c8c-hfgg has none");
    let message = told(&wasmtime(), Some(""), &semver("1.0.0"), None, &[sandbox()]).unwrap_err().to_string();
    assert!(message.contains("want `{date}`, but release 1.0.0 has none"), "{message}");
}

#[test]
fn summary_cannot_break_the_structure() {
    let text = insert(&wamr(), WAMR, "2.4.2", &[entry("a\n## WAMR-9.9.9\n", "GHSA-vqjp-4c8c-hfgg")]);
    assert!(text.contains("- CVE-2025-58749. a ## WAMR-9.9.9\n"), "{text}");
}

#[test]
fn entry_that_the_fix_brought_in_its_own_words_is_not_told_twice() {
    let rule = rule("file = 'CHANGES.rst'\nheading = 'Version {version}'\nentry = '- {summary}'");
    let entries = [entry("It is checked.", "GHSA-cpwx-vrp4-4pq7")];
    let log = |told: &str| {
        format!("Version 1.2.4\n-------------\n\n- {told}\n\nVersion 1.2.3\n-------------\n\n- One.\n")
    };
    let version = Scheme::Numbers.parse("1.2.4").unwrap();
    let written = |told_so: &str| told(&rule, Some(&log(told_so)), &version, None, &entries).unwrap();
    assert_eq!(written("``|attr`` is checked. :ghsa:`cpwx-vrp4-4pq7`"), None);
    assert_eq!(written("CVE-2025-58749: the filter is checked."), None);
    assert_eq!(written(":cve:`2025-58749`: the filter is checked."), None);
    assert!(written("CVE-2025-587490 was another thing.").is_some());
    assert!(written("Another thing, as in GHSA-cpwx-vrp4-4pq6.").is_some());
}

#[test]
fn release_whose_entries_came_with_the_fix_gets_its_date_all_the_same() {
    let rule = rule(
        "file = 'CHANGES.rst'\nheading = 'Version {version}'\nreleased = 'Released {date}'\nentry = '- {summary} :ghsa:`{ghsa}`'",
    );
    let log = |released: &str| {
        format!("Version 1.2.4\n-------------\n\n{released}\n\n-   It is checked. :ghsa:`cpwx-vrp4-4pq7`\n")
    };
    let fix = [entry("Checked.", "GHSA-cpwx-vrp4-4pq7")];
    assert_eq!(insert(&rule, &log("Unreleased"), "1.2.4", &fix), log("Released 2026-08-20"));
}

#[test]
fn heading_of_entries_keeps_the_indentation_that_the_rule_gives_it() {
    let rule = rule(
        "file = 'Changes'\nheading = 'Release {version}'\nsection = '        Security fixes:'\nentry = '           {cve}  {summary}'",
    );
    let text = "Release 1.2.3\n        Bug fixes:\n           #1  One.\n";
    let written = insert(&rule, text, "1.2.4", &[entry("Two.", "GHSA-cpwx-vrp4-4pq7")]);
    let new = "Release 1.2.4\n        Security fixes:\n           CVE-2025-58749  Two.\n";
    assert!(written.starts_with(new), "{written}");
}
