//! Changelogs as projects keep them: where a new entry belongs, form by form.

use std::collections::BTreeMap;

use rstest::rstest;

use super::tests::{entry, insert, rule, told};
use super::*;
use crate::numbering::{Scheme, semver};

const GHSA: &str = "GHSA-vqjp-4c8c-hfgg";

fn fix() -> NoteEntry {
    entry("Long input exhausts memory", GHSA)
}

/// The text after a release, of a rule with this file, heading and further keys.
pub(super) fn after(file: &str, heading: &str, more: &str, text: &str, version: &str) -> String {
    let rule = rule(&format!("file = '{file}'\nheading = \"{heading}\"\nentry = '- {{summary}}'\n{more}"));
    insert(&rule, text, version, &[fix()])
}

pub(super) fn refusal(file: &str, heading: &str, text: &str, version: &str) -> String {
    let rule = rule(&format!("file = '{file}'\nheading = \"{heading}\"\nentry = '- {{summary}}'"));
    let version = Scheme::Numbers.parse(version).unwrap();
    told(&rule, Some(text), &version, Some("2026-08-20"), &[fix()]).unwrap_err().to_string()
}

/// Headings that are no more those of the rule: the entry is above the newest, in the rule's own form.
#[rstest]
#[case("## v1.2.3", "## v1.2.2")]
#[case("## 1.2", "## 1.1")]
#[case("## [1.2.3] - 2025-01-07", "## [1.2.2] - 2024-12-01")]
#[case(
    "## [1.2.3](https://example.com/compare/v1.2.2...v1.2.3) (2025-01-07)",
    "## [1.2.2](https://example.com/x) (2024-12-01)"
)]
#[case("# Version 1.2.3", "# Version 1.2.2")]
#[case("## Release 1.2.3 (January 7, 2025)", "## Release 1.2.2 (December 1, 2024)")]
#[case("## Pump 1.2.3", "## Pump 1.2.2")]
#[case("## VERSION-1.2.3", "## VERSION-1.2.2")]
#[case("### **1.2.3** / 2025-01-07", "### **1.2.2** / 2024-12-01")]
#[case("## 2025-01-07, Version 1.2.3 'Iron' (LTS), @ada", "## 2024-12-01, Version 1.2.2 'Iron' (LTS), @ada")]
#[case("1.2.3\n=====", "1.2.2\n=====")]
#[case("v1.2.3 (2025-01-07)\n-------------------", "v1.2.2 (2024-12-01)\n-------------------")]
#[case("## :rocket: 1.2.3", "## v1.2.2")]
fn heading_of_another_form_is_still_one(#[case] newest: &str, #[case] older: &str) {
    let text = format!("# Changes\n\n{newest}\n\n- one\n\n{older}\n\n- two\n");
    let changed = after("CHANGELOG.md", "## {version}", "", &text, "1.2.4");
    let place = changed.find("exhausts").unwrap();
    assert!(place < changed.find("- one").unwrap(), "{changed}");
    assert!(changed.contains("1.2.4"), "{changed}");
    assert!(changed.ends_with(&text["# Changes\n\n".len()..]), "{changed}");
}

/// Forms of other markups, whose headings are neither Markdown's nor underlined.
#[rstest]
#[case("CHANGES.adoc", "== {version}", "= Changes", "== 1.2.3")]
#[case("CHANGES.adoc", "== {version} ({date})", "= Changes", "== 1.2.3 (2025-01-07)")]
#[case("History.rdoc", "=== {version} / {date}", "= History", "=== 1.2.3 / 2025-01-07")]
#[case("ChangeLog.textile", "h2. {version}", "h1. Changes", "h2. 1.2.3")]
#[case("CHANGES.txt", "v{version} ({date}):", "Changes", "v1.2.3 (2025-01-07):")]
#[case("Changes", "{version}  {date}", "Revision history for Pump", "1.2.3  2025-01-07")]
fn heading_of_another_markup_is_one(
    #[case] file: &str,
    #[case] heading: &str,
    #[case] top: &str,
    #[case] newest: &str,
) {
    let text = format!("{top}\n\n{newest}\n\n- one\n\n{}\n\n- two\n", newest.replace("1.2.3", "1.2.2"));
    let changed = after(file, heading, "", &text, "1.2.4");
    let words = newest.replace("1.2.3", "1.2.4").replace("2025-01-07", "2026-08-20");
    assert_eq!(
        changed,
        text.replacen(newest, &format!("{words}\n\n- Long input exhausts memory\n\n{newest}"), 1)
    );
}

#[test]
fn underline_is_as_wide_as_letters_that_take_two_places() {
    let text = "変更履歴\n========\n\n版 1.2.9\n--------\n\n* 一\n\n版 1.2.8\n--------\n\n* 二\n";
    let changed = after("CHANGES.rst", "版 {version}", "", text, "1.2.10");
    let section = "版 1.2.10\n---------\n\n- Long input exhausts memory\n\n版 1.2.9\n";
    assert_eq!(changed, text.replace("版 1.2.9\n", section));
}

#[test]
fn link_targets_that_compare_with_two_dots_are_followed() {
    let text = "## [1.2.3]\n\n- a\n\n## [1.2.2]\n\n- b\n\n[unreleased]: x/compare/v1.2.3..main\n[1.2.3]: x/compare/v1.2.2..v1.2.3\n[1.2.2]: x/tag/v1.2.2\n";
    let changed = after("C.md", "## [{version}]", "", text, "1.2.4");
    let targets = "[unreleased]: x/compare/v1.2.4..main\n[1.2.4]: x/compare/v1.2.3..v1.2.4\n[1.2.3]: x/compare/v1.2.2..v1.2.3\n";
    assert!(changed.contains(targets), "{changed}");
}

#[test]
fn heading_within_a_release_is_none_of_its_own() {
    let text = "# Log\n\n## 1.2.3\n\n### Upgrade to OpenSSL 3.0.1\n\n- a\n\n### Migrating from 1.1\n\n- b\n\n## 1.2.2\n\n- c\n";
    let changed = after("C.md", "## {version}", "", text, "1.2.4");
    assert_eq!(changed, text.replace("## 1.2.3", "## 1.2.4\n\n- Long input exhausts memory\n\n## 1.2.3"));
    let older = after("C.md", "## {version}", "", text, "1.1.9");
    assert!(older.ends_with("- c\n\n## 1.1.9\n\n- Long input exhausts memory\n"), "{older}");
}

#[test]
fn section_of_the_release_is_found_in_another_form() {
    let text = "## v1.2.4\n\n- one\n\n## v1.2.3\n\n- two\n";
    let changed = after("C.md", "## {version}", "", text, "1.2.4");
    assert_eq!(changed, text.replace("- one\n", "- one\n- Long input exhausts memory\n"));
}

#[test]
fn text_without_any_heading_of_a_release_is_refused_with_its_line() {
    let message =
        refusal("C.md", "## {version}", "# News\n\n## Summer\n\n- one\n\n## Winter\n\n- two\n", "1.2.4");
    assert_eq!(
        message,
        "cannot tell where the section of 1.2.4 belongs in `C.md`: it has text, but no heading of the form \
         `## {version}` nor another one with a version; line 3 is `## Summer`. Write `heading` in the catalog as the file \
         has it"
    );
    let plain = refusal("NEWS", "{version}", "News\n====\n\nIn 1.2.3:\n\n* one\n", "1.2.4");
    assert!(plain.contains("line 6 is `* one`"), "{plain}");
}

#[test]
fn title_and_introduction_are_no_text_to_be_afraid_of() {
    let text = "# Changelog\n\nThe form is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).\n\n## [Unreleased]\n\n### Added\n\n- a thing\n";
    let changed = after("C.md", "## {version}", "", text, "1.0.0");
    assert_eq!(changed, format!("{text}\n## 1.0.0\n\n- Long input exhausts memory\n"));
    let empty = after("C.md", "## {version}", "", "# Changelog\n", "1.0.0");
    assert_eq!(empty, "# Changelog\n\n## 1.0.0\n\n- Long input exhausts memory\n");
}

const KEPT: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a thing that waits\n\n## [1.2.3] - 2025-01-07\n\n### Fixed\n\n- one\n\n## [1.2.2] - 2024-12-01\n\n### Fixed\n\n- two\n\n[Unreleased]: https://example.com/acme/pump/compare/v1.2.3...HEAD\n[1.2.3]: https://example.com/acme/pump/compare/v1.2.2...v1.2.3\n[1.2.2]: https://example.com/acme/pump/releases/tag/v1.2.2\n";

#[test]
fn keep_a_changelog_gets_its_link_targets_and_unreleased_entries_stay() {
    let changed = after("C.md", "## [{version}] - {date}", "section = '### Security'", KEPT, "1.2.4");
    let expected = KEPT
        .replace(
            "## [1.2.3] - ",
            "## [1.2.4] - 2026-08-20\n\n### Security\n\n- Long input exhausts memory\n\n## [1.2.3] - ",
        )
        .replace(
            "v1.2.3...HEAD\n",
            "v1.2.4...HEAD\n[1.2.4]: https://example.com/acme/pump/compare/v1.2.3...v1.2.4\n",
        );
    assert_eq!(changed, expected);
}

#[test]
fn unreleased_entries_become_the_releases_where_the_rule_says_so() {
    let more = "section = '### Security'\nunreleased = 'release'";
    let changed = after("C.md", "## [{version}] - {date}", more, KEPT, "1.2.4");
    let expected = KEPT
        .replace(
            "## [Unreleased]\n\n### Added\n\n- a thing that waits\n",
            "## [Unreleased]\n\n## [1.2.4] - 2026-08-20\n\n### Added\n\n- a thing that waits\n\n### Security\n\n- Long input exhausts memory\n",
        )
        .replace("v1.2.3...HEAD\n", "v1.2.4...HEAD\n[1.2.4]: https://example.com/acme/pump/compare/v1.2.3...v1.2.4\n");
    assert_eq!(changed, expected);
}

#[test]
fn unreleased_becomes_the_heading_of_the_release_where_the_rule_says_so() {
    let more = "section = '### Security'\nunreleased = 'rename'";
    let changed = after("C.md", "## [{version}] - {date}", more, KEPT, "1.2.4");
    let expected = KEPT
        .replace("## [Unreleased]", "## [1.2.4] - 2026-08-20")
        .replace("that waits\n", "that waits\n\n### Security\n\n- Long input exhausts memory\n")
        .replace(
            "v1.2.3...HEAD\n",
            "v1.2.4...HEAD\n[1.2.4]: https://example.com/acme/pump/compare/v1.2.3...v1.2.4\n",
        );
    assert_eq!(changed, expected);
    let text = "UNRELEASED\n==========\n\n1.2.3 / 2025-01-07\n==================\n\n- one\n";
    let changed = after("History.md", "{version} / {date}", "unreleased = 'rename'", text, "1.2.4");
    let heading = "1.2.4 / 2026-08-20\n==================\n\n- Long input exhausts memory\n";
    assert_eq!(changed, text.replace("UNRELEASED\n==========\n", heading));
}

/// The text after a release of another line is told of in it, by a rule that takes what waits.
fn carried(how: &str, text: &str, version: &str) -> String {
    let rule =
        format!("file = 'C.md'\nheading = '## [{{version}}]'\nentry = '- {{summary}}'\nunreleased = '{how}'");
    let files = BTreeMap::from([("C.md".to_owned(), text.to_owned())]);
    let (version, entries) = (semver(version), [fix()]);
    let release = NotedRelease::of(&version, None, &entries).of_another_line();
    self::rule(&rule).write(&files, &release).unwrap().remove(0).content
}

#[test]
fn release_of_another_line_leaves_what_waits_and_stands_in_order() {
    let text = "# Log\n\n## Unreleased\n\n- a thing that nobody has yet\n\n## [2.0.0]\n\n- two\n\n## [1.0.0]\n\n- one\n";
    let told = |text: &str, newer: &str, older: &str| {
        text.replace(older, &format!("{newer}\n\n- Long input exhausts memory\n\n{older}"))
    };
    for how in ["release", "rename", "keep"] {
        let older = carried(how, text, "1.0.1");
        assert_eq!(older, told(text, "## [1.0.1]", "## [1.0.0]"));
        assert_eq!(carried(how, &older, "2.0.1"), told(&older, "## [2.0.1]", "## [2.0.0]"));
    }
}

#[test]
fn file_of_a_release_names_the_one_before_and_ends_as_the_rule_says() {
    let rule = rule(
        "file = 'releases/v{version}.toml'\npreamble = \"previous = 'v{previous}'\\npreface = '\\n* **pump**\\n\"\nentry = '  * {summary} ({ghsa})'\npostamble = \"'\\n\\n[notes]\\n\"",
    );
    let (version, before, entries) = (semver("1.2.4"), semver("1.2.3"), [fix()]);
    let release = NotedRelease::of(&version, None, &entries);
    let mut files = BTreeMap::<String, String>::new();
    let made = rule.write(&files, &release.after(Some(&before))).unwrap().remove(0);
    let begin =
        format!("previous = 'v1.2.3'\npreface = '\n* **pump**\n  * Long input exhausts memory ({GHSA})\n");
    let end = "'\n\n[notes]\n";
    assert_eq!(made.content, format!("{begin}{end}"));
    files.insert(made.path, made.content);
    let entries = [fix(), entry("Another", "GHSA-m758-wjhj-p3jq")];
    let more = NotedRelease::of(&version, None, &entries).after(Some(&before));
    let again = rule.write(&files, &more).unwrap().remove(0);
    assert_eq!(again.content, format!("{begin}  * Another (GHSA-m758-wjhj-p3jq)\n{end}"));
    let message = rule.write(&BTreeMap::<String, String>::new(), &release).unwrap_err().to_string();
    assert!(message.contains("want `{previous}`, but release 1.2.4 has none"), "{message}");
}

#[test]
fn release_before_is_the_one_that_tags_tell_and_else_the_one_in_the_file() {
    let rule = rule("file = 'C.md'\nheading = '## {previous}...{version}'\nentry = '- {summary}'");
    let files = BTreeMap::from([("C.md".to_owned(), "## 1.2.2...1.2.3\n\n- one\n".to_owned())]);
    let (version, tagged, entries) = (semver("1.3.0"), semver("1.2.9"), [fix()]);
    let release = NotedRelease::of(&version, None, &entries);
    let told = |release: &NotedRelease<'_>| rule.write(&files, release).unwrap().remove(0).content;
    assert!(told(&release.after(Some(&tagged))).starts_with("## 1.2.9...1.3.0\n"));
    assert!(!told(&release).contains("1.2.9"));
}

#[test]
fn link_targets_from_old_to_new_and_of_releases_grow_as_they_are() {
    let text = "## [1.2.3]\n\n- a\n\n## [1.2.2]\n\n- b\n\n[1.2.2]: https://example.com/r/v1.2.2\n[1.2.3]: https://example.com/r/v1.2.3";
    let changed = after("C.md", "## [{version}]", "", text, "1.2.4");
    assert!(changed.ends_with("r/v1.2.3\n[1.2.4]: https://example.com/r/v1.2.4"), "{changed}");
    let older = "## [2.0.0]\n\n- c\n\n## [1.2.3]\n\n- a\n\n[unreleased]: x/compare/v2.0.0...HEAD\n[2.0.0]: x/compare/v1.2.3...v2.0.0\n[1.2.3]: x/tag/v1.2.3\n";
    let changed = after("C.md", "## [{version}]", "", older, "1.2.4");
    assert!(
        changed.contains("v2.0.0...HEAD\n[2.0.0]: x/compare/v1.2.3...v2.0.0\n[1.2.4]: x/tag/v1.2.4\n"),
        "{changed}"
    );
}

#[test]
fn underlines_are_as_long_as_their_titles_and_none_is_put_between_releases() {
    let text = "Changes\n=======\n\n1.2.9\n-----\n\n* One.\n\n1.2.8\n-----\n\n* Two.\n";
    let expected = text.replace("1.2.9\n", "1.2.10\n------\n\n- Long input exhausts memory\n\n1.2.9\n");
    // The line under the title in the rule's heading, in `released` as catalogs of before have it, or in the file alone.
    assert_eq!(after("CHANGES.rst", "{version}", "released = '-----'", text, "1.2.10"), expected);
    assert_eq!(after("CHANGES.rst", "{version}\\n-----", "", text, "1.2.10"), expected);
    assert_eq!(after("CHANGES.rst", "{version}", "", text, "1.2.10"), expected);
}

#[test]
fn dated_titles_sections_and_labels_of_restructured_text_are_followed() {
    let text = "=======\nChanges\n=======\n\n.. towncrier release notes start\n\n.. _v2-6-2:\n\n2.6.2 (2025-12-11)\n==================\n\nBugfixes\n--------\n\n- One.\n\n.. _v2-6-1:\n\n2.6.1 (2025-12-08)\n==================\n\nBugfixes\n--------\n\n- Two.\n";
    let changed = after("CHANGES.rst", "{version} ({date})", "section = 'Bugfixes'", text, "2.6.3");
    let section = ".. _v2-6-3:\n\n2.6.3 (2026-08-20)\n==================\n\nBugfixes\n--------\n\n- Long input exhausts memory\n\n";
    assert_eq!(changed, text.replace(".. _v2-6-2:", &format!("{section}.. _v2-6-2:")));
    let again = after("CHANGES.rst", "{version} ({date})", "section = 'Bugfixes'", text, "2.6.2");
    assert_eq!(again, text.replace("- One.\n", "- One.\n- Long input exhausts memory\n"));
}

#[test]
fn released_line_two_blank_lines_and_wide_underlines_stay_as_they_are() {
    let text = "Version 3.0.2\n-------------\n\nReleased 2025-10-18\n\n-   One.\n\n\nVersion 3.0.1\n-------------\n\nReleased 2025-01-01\n\n-   Two.\n";
    let more = "released = 'Released {date}'";
    let changed = after("CHANGES.rst", "Version {version}", more, text, "3.0.10");
    let section =
        "Version 3.0.10\n--------------\n\nReleased 2026-08-20\n\n- Long input exhausts memory\n\n\n";
    assert_eq!(changed, format!("{section}{text}"));
    let wide = "News\n====\n\n1.1\n~~~~~~~~~~~~\n\n* a\n\n1.0.1\n~~~~~~~~~~~~\n\n* b\n";
    let changed = after("NEWS.rst", "{version}", "", wide, "1.2");
    assert_eq!(changed, wide.replace("1.1\n", "1.2\n~~~~~~~~~~~~\n\n- Long input exhausts memory\n\n1.1\n"));
    let over = "====\n1.1\n====\n\n* a\n";
    assert!(after("NEWS.rst", "{version}", "", over, "1.2").starts_with("====\n1.2\n====\n\n- Long"));
}

#[test]
fn plain_lines_are_headings_in_a_plain_file() {
    let text = "Project: pump\n------------------------------------------------------------------------\n=== Releases ===\n------------------------------------------------------------------------\n\n2.18.5 (not yet released)\n\n#1433: A thing\n (reported by X)\n\n2.18.4.1 (06-Jun-2025)\n\n#1400: 2.18.4 was broken\n";
    let more = "date-format = '%d-%b-%Y'";
    let changed = after("VERSION-2.x", "{version} ({date})", more, text, "2.18.5");
    let expected = text
        .replace("(not yet released)", "(20-Aug-2026)")
        .replace(" (reported by X)\n", " (reported by X)\n\n- Long input exhausts memory\n");
    assert_eq!(changed, expected);
    let changed = after("VERSION-2.x", "{version} ({date})", more, text, "2.18.4.2");
    let section = "2.18.4.2 (20-Aug-2026)\n\n- Long input exhausts memory\n\n2.18.4.1 (";
    assert_eq!(changed, text.replace("2.18.4.1 (", section));
}

#[test]
fn open_date_of_the_release_is_filled_in() {
    let text = "## 45.0.1\n\nUnreleased.\n\n### Fixed\n\n- one\n\n## 45.0.0\n\nReleased 2026-01-01.\n\n### Fixed\n\n- two\n";
    let more = "released = 'Released {date}.'\nsection = '### Fixed'";
    let changed = after("RELEASES.md", "## {version}", more, text, "45.0.1");
    let expected = text
        .replace("Unreleased.", "Released 2026-08-20.")
        .replace("- one\n", "- one\n- Long input exhausts memory\n");
    assert_eq!(changed, expected);
}

#[test]
fn front_matter_stays_at_the_top() {
    let text = "---\ntitle: Releases 1.0\nlayout: page\n---\n\n## 1.2.3\n\n- one\n\n## 1.2.2\n\n- two\n";
    let section = "## 1.2.4\n\n- Long input exhausts memory\n\n";
    assert_eq!(
        after("releases.md", "## {version}", "", text, "1.2.4"),
        text.replace("## 1.2.3", &format!("{section}## 1.2.3"))
    );
    let bare = "---\ntitle: Releases\n---\n";
    let changed = after("releases.md", "## {version}", "", bare, "1.2.4");
    assert_eq!(changed, format!("{bare}\n## 1.2.4\n\n- Long input exhausts memory\n"));
}

#[test]
fn previous_release_is_known_to_a_heading() {
    let text = "<a name=\"1.2.3\"></a>\n## [1.2.3](x/compare/v1.2.2...v1.2.3) (2025-01-07)\n\n- one\n";
    let heading = "## [{version}](x/compare/v{previous}...v{version}) ({date})";
    let changed = after("C.md", heading, "", text, "1.2.4");
    let section = "<a name=\"1.2.4\"></a>\n## [1.2.4](x/compare/v1.2.3...v1.2.4) (2026-08-20)\n\n- Long input exhausts memory\n\n";
    assert_eq!(changed, format!("{section}{text}"));
}

#[test]
fn each_release_can_have_a_file_and_an_index_names_it() {
    let rule = rule(
        "file = 'docs/releases/{version}.md'\npreamble = \"---\\ntitle: {version}\\n---\\n\"\nheading = '# Pump {version}'\nentry = '- {summary}'\nindex = { file = 'docs/index.md', entry = '- [{version}](releases/{version}.md)' }",
    );
    let index = "# Releases\n\n- [1.2.3](releases/1.2.3.md)\n- [1.2.2](releases/1.2.2.md)\n";
    let mut files = BTreeMap::from([("docs/index.md".to_owned(), index.to_owned())]);
    let changes = rule.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[fix()])).unwrap();
    let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["docs/index.md", "docs/releases/1.2.4.md"]);
    assert_eq!(changes[0].content, index.replace("- [1.2.3]", "- [1.2.4](releases/1.2.4.md)\n- [1.2.3]"));
    assert_eq!(
        changes[1].content,
        "---\ntitle: 1.2.4\n---\n\n# Pump 1.2.4\n\n- Long input exhausts memory\n"
    );
    for change in changes {
        files.insert(change.path, change.content);
    }
    assert_eq!(rule.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[fix()])).unwrap(), vec![]);
}

#[test]
fn changeset_begins_with_what_it_raises() {
    let rule = rule(
        "file = '.changeset/{ghsa}.md'\npreamble = \"---\\n'pump': patch\\n---\\n\\n\"\nentry = '{summary}'",
    );
    let change = rule
        .write(&BTreeMap::<String, String>::new(), &NotedRelease::of(&semver("1.2.4"), None, &[fix()]))
        .unwrap()
        .remove(0);
    assert_eq!(change.content, "---\n'pump': patch\n---\n\nLong input exhausts memory\n");
}

#[test]
fn fragments_are_a_file_for_each_advisory() {
    let towncrier = rule("file = 'newsfragments/{ghsa}.security.rst'\nentry = '{summary}'");
    let files = BTreeMap::<String, String>::new();
    let other = entry("Another", "GHSA-m758-wjhj-p3jq");
    let changes =
        towncrier.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[fix(), other])).unwrap();
    let made: Vec<(&str, &str)> =
        changes.iter().map(|change| (change.path.as_str(), change.content.as_str())).collect();
    assert_eq!(
        made,
        [
            ("newsfragments/GHSA-m758-wjhj-p3jq.security.rst", "Another\n"),
            ("newsfragments/GHSA-vqjp-4c8c-hfgg.security.rst", "Long input exhausts memory\n")
        ]
    );
    let changesets =
        rule("file = '.changeset/{cve}.md'\nentry = \"---\\n'@acme/pump': patch\\n---\\n\\n{summary}\"");
    let change =
        changesets.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[fix()])).unwrap().remove(0);
    assert_eq!(change.path, ".changeset/CVE-2025-58749.md");
    assert_eq!(change.content, "---\n'@acme/pump': patch\n---\n\nLong input exhausts memory\n");
    let taken = BTreeMap::from([(change.path, "something else".to_owned())]);
    let message = changesets
        .write(&taken, &NotedRelease::of(&semver("1.2.4"), None, &[fix()]))
        .unwrap_err()
        .to_string();
    assert!(message.contains("is there already and does not name GHSA-vqjp-4c8c-hfgg"), "{message}");
}

const DEBIAN: &str = "pump (1:1.2.3-2) unstable; urgency=medium\n\n  * One.\n\n -- Ada <ada@acme.example>  Tue, 07 Jan 2025 10:00:00 +0000\n\npump (1:1.2.2-1) unstable; urgency=medium\n\n  * Two.\n\n -- Ada <ada@acme.example>  Sun, 01 Dec 2024 10:00:00 +0000\n";

#[test]
fn debian_changelog_gets_a_signed_block_on_top() {
    let rule = rule(
        "file = 'debian/changelog'\nentry = '* {summary} ({cve})'\nmaintainer = 'Ada <ada@acme.example>'",
    );
    let changed = insert(&rule, DEBIAN, "1.2.4", &[fix()]);
    let block = "pump (1:1.2.4-1) unstable; urgency=medium\n\n  * Long input exhausts memory (CVE-2025-58749)\n\n -- Ada <ada@acme.example>  Thu, 20 Aug 2026 00:00:00 +0000\n\n";
    assert_eq!(changed, format!("{block}{DEBIAN}"));
    let extended = insert(&rule, DEBIAN, "1.2.3", &[fix()]);
    assert_eq!(
        extended,
        DEBIAN.replace("  * One.\n", "  * One.\n  * Long input exhausts memory (CVE-2025-58749)\n")
    );
    let again = told(&rule, Some(&changed), &semver("1.2.4"), None, &[fix()]).unwrap();
    assert_eq!(again, None);
    let repacked = DEBIAN.replace("1.2.3-2", "1.2.3+dfsg-2");
    let message = told(&rule, Some(&repacked), &semver("1.2.4"), None, &[fix()]).unwrap_err().to_string();
    assert!(message.contains("say it with `heading`"), "{message}");
    let ubuntu = DEBIAN.replace("1.2.3-2", "1.2.3-2ubuntu1");
    let message = told(&rule, Some(&ubuntu), &semver("1.2.4"), None, &[fix()]).unwrap_err().to_string();
    assert!(message.contains("say it with `heading`"), "{message}");
}

#[test]
fn latin_1_stays_latin_1() {
    let rule = rule("file = 'NEWS.md'\nheading = '## {version}'\nentry = '- {summary}'");
    let text = b"## 1.2.3\n\n- von J\xF6rg\n".to_vec();
    let files = BTreeMap::from([("NEWS.md".to_owned(), crate::version::TreeFile::File(text))]);
    let change = rule
        .write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[entry("für alle", GHSA)]))
        .unwrap()
        .remove(0);
    assert_eq!(change.bytes, b"## 1.2.4\n\n- f\xFCr alle\n\n## 1.2.3\n\n- von J\xF6rg\n");
    let polish = [entry("złe", GHSA)];
    let message =
        rule.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &polish)).unwrap_err().to_string();
    assert_eq!(message, "failed to write `NEWS.md`: `ł` cannot be written in ISO 8859-1");
}

#[test]
fn link_to_the_changelog_stays_a_link() {
    let rule = rule("file = 'NEWS.md'\nheading = '## {version}'\nentry = '- {summary}'");
    let files = BTreeMap::from([
        ("NEWS.md".to_owned(), crate::version::TreeFile::Link("docs/news.md".to_owned())),
        ("docs/news.md".to_owned(), crate::version::TreeFile::File(b"## 1.2.3\n\n- one\n".to_vec())),
    ]);
    let change = rule.write(&files, &NotedRelease::of(&semver("1.2.4"), None, &[fix()])).unwrap().remove(0);
    assert_eq!(change.path, "docs/news.md");
}

/// A section of reStructuredText is a title of its own, below that of its release.
#[rstest]
#[case("1.2.3\n-----\n\n- one\n", "Security", "1.2.4\n-----\n\nSecurity\n~~~~~~~~\n\n- Long input")]
#[case(
    "1.2.3\n~~~~~\n\nFixed\n^^^^^\n\n- one\n",
    "Security",
    "1.2.4\n~~~~~\n\nSecurity\n^^^^^^^^\n\n- Long input"
)]
#[case("1.2.3\n-----\n\n- one\n", "安全", "1.2.4\n-----\n\n安全\n~~~~\n\n- Long input")]
#[case("1.2.3\n-----\n\n- one\n", "**Security**", "1.2.4\n-----\n\n**Security**\n\n- Long input")]
#[case(
    "1.2.4\n-----\n\nFixed\n~~~~~\n\n- z\n\n1.2.3\n-----\n\n- one\n",
    "Security",
    "- z\n\nSecurity\n~~~~~~~~\n\n- Long input"
)]
fn section_gets_a_line_of_its_length(#[case] releases: &str, #[case] section: &str, #[case] expected: &str) {
    let text = format!("Changelog\n=========\n\n{releases}");
    let changed = after("CHANGES.rst", "{version}", &format!("section = '{section}'"), &text, "1.2.4");
    assert!(changed.contains(expected), "{changed}");
}

#[test]
fn link_targets_of_restructuredtext_are_added() {
    let log = "Changelog\n=========\n\n`Unreleased`_\n-------------\n\n`1.2.3`_ (2026-01-01)\n---------------------\n\n- a\n\n\
               .. _Unreleased: https://x.example/compare/v1.2.3...HEAD\n\
               .. _1.2.3: https://x.example/compare/v1.2.2...v1.2.3\n";
    let changed = after("CHANGES.rst", "`{version}`_ ({date})", "", log, "1.2.4");
    let targets = ".. _Unreleased: https://x.example/compare/v1.2.4...HEAD\n\
                   .. _1.2.4: https://x.example/compare/v1.2.3...v1.2.4\n\
                   .. _1.2.3: https://x.example/compare/v1.2.2...v1.2.3\n";
    assert!(changed.ends_with(targets), "{changed}");
    assert!(changed.contains("`1.2.4`_ (2026-08-20)\n---------------------\n"), "{changed}");
    // A label that is no address is none of these.
    let labelled = log.replace(".. _1.2.3: https://x.example/compare/v1.2.2...v1.2.3\n", "");
    let changed = after("CHANGES.rst", "`{version}`_ ({date})", "", &labelled, "1.2.4");
    assert!(!changed.contains(".. _1.2.4"), "{changed}");
}

/// Sections of a release that is still to come, as PHP, OpenSSL and GNU projects have them.
#[rstest]
#[case(
    "NEWS",
    "{date}, PHP {version}",
    "section = '- Core:'\ndate-format = '%d %b %Y'",
    "PHP                NEWS\n|||||||||||||||||||||||\n?? ??? ????, PHP 1.2.4\n\n- Core:\n  . One. (ada)\n\n17 Mar 2026, PHP 1.2.3\n\n- Core:\n  . Two.\n",
    "?? ??? ????",
    "20 Aug 2026",
    "  . One. (ada)\n"
)]
#[case(
    "CHANGES.md",
    "### Changes between 1.2.3 and {version} [{date}]",
    "date-format = '%-d %b %Y'",
    "CHANGES\n=======\n\n### Changes between 1.2.3 and 1.2.4 [xx XXX xxxx]\n\n- One.\n\n### Changes between 1.2.2 and 1.2.3 [4 Jun 2026]\n\n- Two.\n",
    "xx XXX xxxx",
    "20 Aug 2026",
    "- One.\n"
)]
#[case(
    "NEWS",
    "* Noteworthy changes in release {version} ({date}) [stable]",
    "section = '** Bug fixes'",
    "GNU pump NEWS        -*- outline -*-\n\n* Noteworthy changes in release 1.2.4 (????-??-??) [stable]\n\n** Bug fixes\n\n- One.\n\n* Noteworthy changes in release 1.2.3 (2026-01-01) [stable]\n\n** Bug fixes\n\n- Two.\n",
    "????-??-??",
    "2026-08-20",
    "- One.\n"
)]
fn section_whose_date_is_unknown_is_the_releases_and_gets_its_date(
    #[case] file: &str,
    #[case] heading: &str,
    #[case] more: &str,
    #[case] text: &str,
    #[case] unknown: &str,
    #[case] date: &str,
    #[case] last: &str,
) {
    let changed = after(file, heading, more, text, "1.2.4");
    let mark = &last[..last.len() - last.trim_start().len()];
    let entry = format!("{last}{mark}- Long input exhausts memory\n");
    assert_eq!(changed, text.replace(unknown, date).replacen(last, &entry, 1));
}

#[test]
fn entry_of_debian_that_waits_is_released() {
    let text = "pump (1.2.4-1) UNRELEASED; urgency=medium\n\n  * Pending.\n\n -- Ada <ada@x.example>  Thu, 01 Jan 2026 10:00:00 +0000\n\npump (1.2.3-1) unstable; urgency=low\n\n  * Old.\n\n -- Ada <ada@x.example>  Mon, 01 Dec 2025 10:00:00 +0000\n";
    for item in ["* {summary}", "  * {summary}"] {
        let rule = rule(&format!("file = 'debian/changelog'\nentry = '{item}'"));
        let changed = insert(&rule, text, "1.2.4", &[fix()]);
        let expected = text
            .replace("UNRELEASED", "unstable")
            .replace("  * Pending.\n", "  * Pending.\n  * Long input exhausts memory\n")
            .replace("Thu, 01 Jan 2026 10", "Thu, 20 Aug 2026 00");
        assert_eq!(changed, expected);
    }
}
