//! What fixes write into notes themselves.

use std::collections::BTreeMap;

use super::tests::{entry, rule};
use super::*;
use crate::numbering::{Version, semver};

const FIRST: &str = "GHSA-23cf-ghjm-pqrv";
const SECOND: &str = "GHSA-3g8f-wv5j-m2cx";

const RULE: &str = "file = 'CHANGELOG.md'\nheading = '## [{version}] - {date}'\nsection = '### Security'\nentry = '- {summary} ([{ghsa}]({url}))'";

/// Keep a Changelog, with something that waits.
const WAITS: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A new pump.\n\n## [1.2.3] - 2026-01-07\n\n### Security\n\n- An old one.\n";

fn files(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("CHANGELOG.md".to_owned(), text.to_owned())])
}

/// The notes after one commit for each advisory, which leave these texts behind, and the release's on top.
fn released(rule: &NotesRule, version: &str, texts: &[&str]) -> String {
    let (version, summaries) = (semver(version), ["Long input", "Short input"]);
    let own = |pair: &[&str]| own(rule, &version, pair[0], pair[1]);
    let entries: Vec<NoteEntry> = texts
        .windows(2)
        .zip(summaries.iter().zip([FIRST, SECOND]))
        .map(|(pair, (summary, ghsa))| NoteEntry { own: own(pair), cve: None, ..entry(summary, ghsa) })
        .collect();
    let release = NotedRelease::of(&version, Some("2026-08-20".parse().unwrap()), &entries);
    let last = files(texts.last().unwrap());
    let text = rule.write(&last, &release).unwrap().pop().map(|change| change.content);
    let text = text.unwrap_or_else(|| (*texts.last().unwrap()).to_owned());
    assert!(rule.write(&files(&text), &release).unwrap().is_empty(), "a second time it writes more: {text}");
    text
}

fn own(rule: &NotesRule, version: &Version, before: &str, after: &str) -> OwnWords {
    let changed = ["CHANGELOG.md".to_owned()];
    rule.own_words([&files(before), &files(after)], &changed, version)
}

fn line(text: &str) -> String {
    format!("- {text}\n")
}

#[test]
fn what_a_fix_writes_under_unreleased_is_its_releases_and_told_once() {
    let fixed = WAITS.replace("pump.\n\n", "pump.\n\n### Security\n\n- Refuse long input.\n\n");
    let told = released(&rule(RULE), "1.2.4", &[WAITS, &fixed]);
    let section = "## [1.2.4] - 2026-08-20\n\n### Security\n\n- Refuse long input.\n\n";
    assert_eq!(told, WAITS.replace("## [1.2.3]", &format!("{section}## [1.2.3]")));
}

#[test]
fn second_fix_keeps_its_line_beside_the_first_and_what_waited_stays() {
    let first = WAITS.replace("pump.\n\n", "pump.\n\n### Security\n\n- Refuse long input.\n\n");
    let second = first.replace("long input.\n", "long input.\n- Refuse short input (GHSA-3g8f-wv5j-m2cx).\n");
    let told = released(&rule(RULE), "1.2.4", &[WAITS, &first, &second]);
    let section = "## [1.2.4] - 2026-08-20\n\n### Security\n\n- Refuse long input.\n- Refuse short input (GHSA-3g8f-wv5j-m2cx).\n\n";
    assert_eq!(told, WAITS.replace("## [1.2.3]", &format!("{section}## [1.2.3]")));
}

#[test]
fn heading_that_came_with_the_fix_goes_where_it_is_left_empty_and_one_that_was_there_stays() {
    let none = "# Changelog\n\n## [1.2.3] - 2026-01-07\n\n### Security\n\n- An old one.\n";
    let fixed =
        none.replace("\n\n## [1", "\n\n## [Unreleased]\n\n### Fixed\n\n- Refuse long input.\n\n## [1");
    let section = "## [1.2.4] - 2026-08-20\n\n### Fixed\n\n- Refuse long input.\n\n";
    let expected = none.replace("## [1.2.3]", &format!("{section}## [1.2.3]"));
    assert_eq!(released(&rule(RULE), "1.2.4", &[none, &fixed]), expected);

    let empty = none.replace("\n\n## [1", "\n\n## [Unreleased]\n\n### Fixed\n\n## [1");
    let fixed = empty.replace("### Fixed\n", "### Fixed\n\n- Refuse long input.\n");
    let expected = empty.replace("## [1.2.3]", &format!("{section}## [1.2.3]"));
    assert_eq!(released(&rule(RULE), "1.2.4", &[&empty, &fixed]), expected);
}

#[test]
fn what_the_rule_releases_holds_the_fixs_own_line_and_no_second_one() {
    let fixed = WAITS.replace("pump.\n", "pump.\n- Refuse long input.\n");
    let takes =
        |how: &str| released(&rule(&format!("{RULE}\nunreleased = '{how}'")), "1.2.4", &[WAITS, &fixed]);
    let head = "## [1.2.4] - 2026-08-20";
    assert_eq!(takes("rename"), fixed.replace("## [Unreleased]", head));
    assert_eq!(takes("release"), fixed.replace("## [Unreleased]", &format!("## [Unreleased]\n\n{head}")));
}

#[test]
fn section_of_the_release_that_came_with_the_fix_is_kept_and_those_of_others_are_not_taken() {
    let ours = "## [1.2.4] - 2026-08-20\n\n### Security\n\n- Refuse long input.\n\n";
    let older = "\n## [1.1.9] - 2026-08-20\n\n### Security\n\n- Refuse long input.\n";
    let fixed = format!("{}{older}", WAITS.replace("## [1.2.3]", &format!("{ours}## [1.2.3]")));
    assert_eq!(released(&rule(RULE), "1.2.4", &[WAITS, &fixed]), fixed);
    // A fix that tells of other lines alone says nothing about this release.
    let fixed = format!("{WAITS}{older}");
    let told = released(&rule(RULE), "1.2.4", &[WAITS, &fixed]);
    assert!(told.contains("## [1.2.4] - 2026-08-20\n\n### Security\n\n- Long input ([GHSA-23cf"), "{told}");
    assert!(told.ends_with(older), "{told}");
}

#[test]
fn line_that_a_merge_put_into_a_release_that_is_out_comes_into_its_own() {
    let fixed = WAITS.replace("old one.\n", "old one.\n- Refuse long input.\n");
    let told = released(&rule(RULE), "1.2.4", &[WAITS, &fixed]);
    let section = "## [1.2.4] - 2026-08-20\n\n### Security\n\n- Refuse long input.\n\n";
    assert_eq!(told, WAITS.replace("## [1.2.3]", &format!("{section}## [1.2.3]")));
}

#[test]
fn correction_of_an_old_entry_is_no_word_about_the_fix() {
    let fixed = WAITS.replace("An old one.", "An old one, with its id.");
    assert_eq!(own(&rule(RULE), &semver("1.2.4"), WAITS, &fixed), OwnWords::default());
    let told = released(&rule(RULE), "1.2.4", &[WAITS, &fixed]);
    assert!(
        told.contains("- Long input ([GHSA-23cf") && told.ends_with("- An old one, with its id.\n"),
        "{told}"
    );
}

#[test]
fn entry_of_several_lines_at_the_top_of_plain_news_is_moved_whole() {
    let news =
        rule("file = 'CHANGELOG.md'\nheading = \"{version} / {date}\\n------\"\nentry = '* {summary}'");
    let text = "* One that waits\n\n1.2.3 / 2026-01-07\n------\n\n* Two\n";
    let fixed = format!("* Refuse long input\n  and tell why\n{text}");
    let told = released(&news, "1.2.4", &[text, &fixed]);
    let section = "1.2.4 / 2026-08-20\n------\n\n* Refuse long input\n  and tell why\n\n";
    assert_eq!(told, text.replace("1.2.3 /", &format!("{section}1.2.3 /")));
}

#[test]
fn fragment_of_the_fixs_own_is_its_entry() {
    let towncrier = rule(
        "file = 'changes/{ghsa}.security.rst'\nentry = '{summary}.'\nheading = '{version} ({date})'\n[collect]\ninto = 'CHANGES.rst'\nfragments = 'changes/*.rst'\ntypes = [{ name = 'security', section = 'Security' }]",
    );
    let news = "Changes\n=======\n\n1.2.3 (2026-01-07)\n------------------\n\nSecurity\n~~~~~~~~\n\n- One.\n";
    let before = BTreeMap::from([("CHANGES.rst".to_owned(), news.to_owned())]);
    let mut after = before.clone();
    after.insert("changes/77.security.rst".to_owned(), "Long input is refused.\n".to_owned());
    let changed = ["changes/77.security.rst".to_owned()];
    let version = semver("1.2.4");
    let own = towncrier.own_words([&before, &after], &changed, &version);
    let entries = [NoteEntry { own, ..entry("Long input", FIRST) }];
    let release = NotedRelease::of(&version, Some("2026-08-20".parse().unwrap()), &entries);
    let text = &towncrier.write(&after, &release).unwrap()[0].content;
    assert!(text.contains("Security\n~~~~~~~~\n\n- Long input is refused.\n\n"), "{text}");
    assert!(!text.contains("- Long input.\n"), "{text}");

    let changesets = rule("file = '.changeset/{ghsa}.md'\nentry = '{summary}'");
    let after = BTreeMap::from([(".changeset/brave-cats.md".to_owned(), "Refused.\n".to_owned())]);
    let changed = [".changeset/brave-cats.md".to_owned()];
    let own = changesets.own_words([&BTreeMap::<String, String>::new(), &after], &changed, &version);
    let entries = [NoteEntry { own, ..entry("Long input", FIRST) }, entry("Short input", SECOND)];
    let written = changesets.write(&after, &NotedRelease::of(&version, None, &entries)).unwrap();
    let paths: Vec<&str> = written.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, [".changeset/GHSA-3g8f-wv5j-m2cx.md"]);
}

#[test]
fn debian_changelog_and_files_of_a_release_hold_the_fixs_own_line_alone() {
    let debian = rule("file = 'debian/changelog'\nentry = '  * {summary}'");
    let text = "pump (1.2.4-1) UNRELEASED; urgency=high\n\n  * One.\n\n -- Ada <ada@pump.example>  Wed, 07 Jan 2026 10:00:00 +0000\n\npump (1.2.3-1) unstable; urgency=low\n\n  * Two.\n\n -- Ada <ada@pump.example>  Tue, 06 Jan 2026 10:00:00 +0000\n";
    let fixed = text.replace("One.\n", "One.\n  * Refuse long input.\n").replace("10:00", "11:00");
    let at = |path: &str, text: &str| BTreeMap::from([(path.to_owned(), text.to_owned())]);
    let (path, version) = ("debian/changelog", semver("1.2.4"));
    let own = debian.own_words([&at(path, text), &at(path, &fixed)], &[path.to_owned()], &version);
    assert_eq!(own.first_line(), Some("* Refuse long input."));
    let entries = [NoteEntry { own, ..entry("Long input", FIRST) }];
    let told = debian.write(&at(path, &fixed), &NotedRelease::of(&version, None, &entries)).unwrap();
    assert!(told.is_empty(), "{told:?}");

    let by_release = rule("file = 'news/{version}.md'\nentry = '- {summary}'");
    let path = "news/1.2.4.md";
    let own = by_release.own_words(
        [&BTreeMap::<String, String>::new(), &at(path, "- Refuse long input.\n")],
        &[path.to_owned()],
        &version,
    );
    let entries = [NoteEntry { own, ..entry("Long input", FIRST) }];
    let release = NotedRelease::of(&version, None, &entries);
    assert!(by_release.write(&at(path, "- Refuse long input.\n"), &release).unwrap().is_empty());
}

#[test]
fn two_fixes_that_begin_one_section_are_put_below_one_heading() {
    let rule = rule(RULE);
    let with = |title: &str, said: &str| {
        WAITS.replace("pump.\n\n", &format!("pump.\n\n### {title}\n\n{}\n", line(said)))
    };
    let joined =
        |ours: &str, theirs: &str| rule.joined("CHANGELOG.md", [WAITS, ours, theirs], &semver("1.2.4"));
    let both = with("Security", "Long.").replace("- Long.\n", "- Long.\n- Short.\n");
    assert_eq!(joined(&with("Security", "Long."), &with("Security", "Short.")), Some(both));
    let both = with("Security", "Long.").replace("- Long.\n", "- Long.\n\n### Fixed\n\n- Short.\n");
    assert_eq!(joined(&with("Security", "Long."), &with("Fixed", "Short.")), Some(both));
    // A heading that the branch lacks stands where the fix has it, so that a second one joins it there.
    let above = WAITS.replace("### Added", "### Security\n\n- Short.\n\n### Added");
    let other = |text: &str| text.replace("A new pump.\n", "A new pump.\n- Another.\n");
    assert_eq!(joined(&other(WAITS), &above), Some(other(&above)));
    let same = with("Security", "Long.");
    assert_eq!(joined(&same, &same), Some(same.clone()));
    // The branch lacks the place, or the fix does more than add.
    let bare = WAITS.replace("## [Unreleased]\n\n### Added\n\n- A new pump.\n\n", "");
    assert_eq!(joined(&bare, &with("Security", "Short.")), None);
    assert_eq!(joined(&with("Security", "Long."), &WAITS.replace("new pump", "newer pump")), None);
}
