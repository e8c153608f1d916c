//! `docs/cases.md` lists every case that tests are named for, with those tests; `docs/architecture.md` has every room, and
//! the tests that hold what must always hold. Neither names what is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Every source file of the repository.
fn sources() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open: Vec<PathBuf> = ["src", "tests"].iter().map(|folder| root.join(folder)).collect();
    let mut texts = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                texts.push(fs::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let test = Regex::new(r"#\[(?:tokio::)?test[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:async )?fn (\w+)").unwrap();
    let names = |text: &String| -> Vec<String> {
        test.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    sources().iter().flat_map(names).collect()
}

/// The page: each case or rule with the tests of its row.
fn rows() -> Vec<(String, BTreeSet<String>)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cases.md");
    let name = Regex::new(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`").unwrap();
    let text = fs::read_to_string(page).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| {
        let first = row.split(" | ").next().unwrap().to_owned();
        let tests = row.rsplit(" | ").next().unwrap();
        (first, name.captures_iter(tests).map(|found| found[1].to_owned()).collect())
    })
    .collect()
}

#[test]
fn every_test_named_for_a_case_is_listed_with_it() {
    let rows = rows();
    let numbered = Regex::new(r"^(bp|en|rd)_(\d\d)_").unwrap();
    let mut seen = 0;
    for test in tests() {
        let Some(found) = numbered.captures(&test) else { continue };
        seen += 1;
        let case = format!("{}-{}", found[1].to_uppercase(), &found[2]);
        let row = rows.iter().find(|(name, _)| *name == case);
        let (_, listed) =
            row.unwrap_or_else(|| panic!("`{test}` is about {case}, which docs/cases.md lacks"));
        assert!(listed.contains(&test), "docs/cases.md does not list `{test}` with {case}");
    }
    assert!(seen > 100, "only {seen} tests are named for a case");
}

#[test]
fn every_test_that_is_listed_is_there() {
    let tests = tests();
    let gone: Vec<String> =
        rows().into_iter().flat_map(|(_, listed)| listed).filter(|name| !tests.contains(name)).collect();
    assert!(gone.is_empty(), "docs/cases.md lists tests that are gone: {gone:?}");
}

#[test]
fn every_case_says_what_covers_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cases.md");
    let text = fs::read_to_string(page).unwrap();
    let case = Regex::new(r"(?m)^\| (?:BP|EN|RD)-\d\d \| .+ \| (.+) \|$").unwrap();
    let covers: Vec<String> = case.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert_eq!(covers.len(), 50 + 16 + 26);
    for cell in covers {
        assert!(cell.starts_with('`'), "{cell}");
    }
}

/// The engine and the day itself are what must not fail: each of their cases has a story or a test of its own.
#[test]
fn every_case_of_the_engine_and_of_the_day_has_a_test_of_its_number() {
    let numbered = |name: &str| name.starts_with("EN-") || name.starts_with("RD-");
    let rows: Vec<_> = rows().into_iter().filter(|(name, _)| numbered(name)).collect();
    assert_eq!(rows.len(), 16 + 26);
    for (name, listed) in rows {
        let prefix = format!("{}_", name.to_lowercase().replace('-', "_"));
        assert!(listed.iter().any(|test| test.starts_with(&prefix)), "no test is named for {name}");
    }
}

#[test]
fn every_room_is_on_the_map_and_what_the_map_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    for entry in fs::read_dir(root.join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let room = if name.ends_with(".rs") { format!("`{name}`") } else { format!("`{name}/`") };
        assert!(page.contains(&room), "docs/architecture.md has no room {room}");
    }

    let file = Regex::new(r"`([a-z_]+/[a-z_/]+\.rs)`").unwrap();
    let gone = file.captures_iter(&page).map(|found| found[1].to_owned());
    let gone: Vec<String> = gone.filter(|path| !root.join("src").join(path).is_file()).collect();
    assert!(gone.is_empty(), "docs/architecture.md names files that are gone: {gone:?}");

    let tests = tests();
    let long = Regex::new(r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`").unwrap();
    let gone = long.captures_iter(&page).map(|found| found[1].to_owned());
    let gone: Vec<String> = gone.filter(|name| !tests.contains(name)).collect();
    assert!(gone.is_empty(), "docs/architecture.md names tests that are gone: {gone:?}");
}
