//! Which headings of a changelog are releases, and where a new one goes among them.

use super::forms::{after, refusal};

#[test]
fn releases_from_old_to_new_get_the_next_below() {
    let text = "# Log\n\n## 1.0.0\n\n- a\n\n## 1.1.0\n\n- b\n\n## 2.0.0\n\n- c\n";
    assert_eq!(
        after("C.md", "## {version}", "", text, "1.1.1"),
        text.replace("- b\n", "- b\n\n## 1.1.1\n\n- Long input exhausts memory\n")
    );
}

#[test]
fn releases_by_date_are_asked_about_unless_the_catalog_says_so() {
    let text = "## 3.1.1\n\n- a\n\n## 2.2.9\n\n- b\n\n## 3.1.0\n\n- c\n\n## 2.2.8\n\n- d\n";
    let message = refusal("C.md", "## {version}", text, "2.2.10");
    assert!(
        message.contains("in no order of their versions") && message.contains("\"by-date\""),
        "{message}"
    );
    let by_date = after("C.md", "## {version}", "order = 'by-date'", text, "2.2.10");
    assert!(by_date.starts_with("## 2.2.10\n\n"), "{by_date}");
    let by_version = after("C.md", "## {version}", "order = 'newest-first'", text, "2.2.10");
    assert!(by_version.contains("- a\n\n## 2.2.10\n"), "{by_version}");
    // The newest of all is at the top either way.
    assert!(after("C.md", "## {version}", "", text, "3.1.2").starts_with("## 3.1.2\n"));
}

#[test]
fn a_swap_far_from_the_place_is_not_asked_about_and_a_near_one_is() {
    let text = |swapped: usize| {
        let mut patches: Vec<usize> = (0..30).rev().collect();
        patches.swap(swapped, swapped + 1);
        patches.iter().map(|patch| format!("## 3.1.{patch}\n\n- a\n\n")).collect::<String>()
    };
    let newer = format!("## 3.2.0\n\n- n\n\n{}", text(20));
    let changed = after("C.md", "## {version}", "", &newer, "3.1.30");
    assert!(changed.starts_with("## 3.2.0\n\n- n\n\n## 3.1.30\n"), "{changed}");
    let near = format!("## 3.2.0\n\n- n\n\n{}", text(2));
    assert!(refusal("C.md", "## {version}", &near, "3.1.30").contains("in no order of their versions"));
}

/// As rack's notes are: from new to old in lines, with older lines released after newer ones, above a past that has no order.
#[test]
fn days_of_the_headings_tell_an_order_by_version_from_one_by_date() {
    let section = |version: &str, date: &str| format!("## [{version}] - {date}\n\n- a\n\n");
    let releases = [
        ("3.1.4", "2025-10-07"),
        ("3.1.3", "2025-06-01"),
        ("3.1.2", "2025-05-01"),
        ("2.2.9", "2025-10-07"),
        ("2.2.8", "2025-06-01"),
        ("2.2.7", "2025-05-01"),
        ("2.2.6", "2025-04-01"),
        ("2.2.5", "2025-03-01"),
        ("2.2.4", "2025-02-01"),
        ("2.2.3", "2025-01-01"),
        ("2.0.9", "2020-02-08"),
        ("2.1.2", "2020-01-27"),
        ("1.9.8", "2019-12-08"),
        ("2.0.7", "2019-04-02"),
    ];
    let by_version: String = releases.iter().map(|(version, date)| section(version, date)).collect();
    let changed = after("C.md", "## [{version}] - {date}", "", &by_version, "2.2.10");
    let (above, below) = changed.split_once("## [2.2.10]").expect(&changed);
    assert!(above.contains("[3.1.2]") && below.contains("[2.2.9]"), "{changed}");

    let mut sorted = releases;
    sorted.sort_by_key(|(_, date)| std::cmp::Reverse(*date));
    let by_date: String = sorted.iter().map(|(version, date)| section(version, date)).collect();
    let changed = after("C.md", "## [{version}] - {date}", "", &by_date, "2.2.10");
    assert!(changed.starts_with("## [2.2.10]"), "{changed}");

    let near =
        section("3.1.4", "2025-10-07") + &section("2.0.9", "2020-02-08") + &section("2.1.2", "2020-01-27");
    assert!(
        refusal("C.md", "## [{version}] - {date}", &near, "2.0.10").contains("in no order of their versions")
    );
}

#[test]
fn title_of_a_file_that_names_its_line_is_no_release() {
    let line = "=".repeat(40);
    let text = |title: &str| {
        let under = "=".repeat(title.len());
        format!(
            "{title}\n{under}\n\n------\nLOW: no need\n------\n\n{line}\nFoo 7.4.0    Released Mon 29 Jul 2024\n{line}\n\nBug fixes\n=========\n\n* a\n"
        )
    };
    for title in ["Foo 7.4 release notes", "Foo release notes", "Changes in Foo 7.4"] {
        let text = text(title);
        let heading = "Foo {version}    Released {date}";
        let changed = after("NOTES", heading, "section = 'Security fixes'", &text, "7.4.1");
        let (above, below) = changed.split_once("Foo 7.4.1    Released").expect(&changed);
        assert!(above.starts_with(title) && below.contains("Foo 7.4.0"), "{changed}");
        assert!(below.contains("\nSecurity fixes\n==============\n"), "{changed}");
        assert!(above.ends_with(&format!("\n{line}\n")) && !changed.contains('~'), "{changed}");
    }
}

/// As Redis writes them: how far a release is, behind its version, and a title that is all that names one otherwise.
#[test]
fn stages_behind_versions_are_of_them_and_a_title_alone_is_no_release() {
    let line = "=".repeat(40);
    let head = |words: &str| format!("{line}\nFoo {words}\n{line}\n\nBug fixes\n=========\n\n* a\n\n\n");
    let title = "Foo 7.4 release notes\n=====================\n\n";
    let heading = "Foo {version}    Released {date}";
    let released = |heads: &[&str]| {
        let text = format!("{title}{}", heads.iter().map(|words| head(words)).collect::<String>());
        after("NOTES", heading, "section = 'Security fixes'", &text, "7.4.1")
    };
    let changed = released(&["7.4.0 GA   Released Mon Jul 29 2024", "7.4 RC2   Released Thu 27 Jun 2024"]);
    let place = |words: &str| changed.find(words).unwrap();
    assert!(
        place("release notes") < place("Foo 7.4.1") && place("Foo 7.4.1") < place("Foo 7.4.0"),
        "{changed}"
    );
    let message = refusal("NOTES", heading, &format!("{title}* a\n"), "7.4.1");
    assert!(message.contains("no heading of the form"), "{message}");
}

/// As traefik's are: a line under the heading, and the entries set off from it.
#[test]
fn section_is_set_off_from_the_line_below_the_heading_as_in_the_releases_before() {
    let release =
        |version: &str| format!("## {version}\n[All Commits](x/{version})\n\n**Bug fixes:**\n- a\n\n");
    let text = format!("{}{}", release("1.2.3"), release("1.2.2"));
    let more = "released = '[All Commits](x/{version})'\nsection = '**Bug fixes:**'";
    let changed = after("C.md", "## {version}", more, &text, "1.2.4");
    assert!(changed.starts_with("## 1.2.4\n[All Commits](x/1.2.4)\n\n**Bug fixes:**\n- "), "{changed}");
}
