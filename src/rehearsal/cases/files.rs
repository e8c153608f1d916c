//! Files of users, changed at random: each is read or refused with its place, at once and without a panic. What is read is planned
//! or refused, too. `PROPTEST_CASES=20000` tries more than the usual 256 of each.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tempfile::TempDir;

use crate::input::InputError;
use crate::plan::{build, check, demo_plan};
use crate::planning::InputFiles;
use crate::rehearsal::Scenario;
use crate::rehearsal::specification::read;

/// Longer takes no file, on a machine that does much beside.
const LONGEST: Duration = Duration::from_secs(10);

/// Values that fit nowhere, or where nobody expects them.
const ODD: [&str; 24] = [
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"../../etc/passwd\"",
    "\"-\"",
    "\"{version}\"",
    "\"{\"",
    "\"(?<version>\"",
    "\"v{version}{version}\"",
    "\"9999999999999999999999.0.0\"",
    "\"refs/heads/x\"",
    "\"a b\"",
    "\"é\u{202e}x\"",
    "\"1h\"",
    "\"-1h\"",
    "\"P9999999Y\"",
    "\"2026-02-30T00:00:00Z\"",
    "0",
    "-1",
    "9223372036854775807",
    "true",
    "[]",
    "{}",
    "[[[]]]",
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    DropLine(Index),
    RepeatLine(Index),
    SwapLines(Index, Index),
    /// What is after the `=` of a line.
    Value(Index, &'static str),
    Insert(Index, String),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        2 => index().prop_map(Change::DropLine),
        2 => index().prop_map(Change::RepeatLine),
        1 => (index(), index()).prop_map(|(one, other)| Change::SwapLines(one, other)),
        6 => (index(), select(&ODD[..])).prop_map(|(line, value)| Change::Value(line, value)),
        2 => (index(), "[\\[\\]{}=\"'#\\\\,.a-z0-9\u{0}\u{feff}é\n\r]{1,6}")
            .prop_map(|(place, text)| Change::Insert(place, text)),
        1 => index().prop_map(Change::Cut),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    changes.iter().fold(text.to_owned(), |text, change| one_changed(&text, change))
}

fn one_changed(text: &str, change: &Change) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let count = lines.len();
    match change {
        Change::DropLine(line) => drop(lines.remove(line.index(count))),
        Change::RepeatLine(line) => lines.insert(line.index(count), lines[line.index(count)].clone()),
        Change::SwapLines(one, other) => lines.swap(one.index(count), other.index(count)),
        Change::Value(line, value) => {
            let line = &mut lines[line.index(count)];
            if let Some((key, _)) = line.split_once('=') {
                *line = format!("{key}= {value}");
            }
        }
        Change::Insert(place, inserted) => {
            return format!("{}{inserted}{}", before(text, place), after(text, place));
        }
        Change::Cut(place) => return before(text, place).to_owned(),
    }
    lines.join("\n") + "\n"
}

/// A place in a text between two characters.
fn place_in(text: &str, place: &Index) -> usize {
    text.floor_char_boundary(place.index(text.len() + 1))
}

fn before<'a>(text: &'a str, place: &Index) -> &'a str {
    &text[..place_in(text, place)]
}

fn after<'a>(text: &'a str, place: &Index) -> &'a str {
    &text[place_in(text, place)..]
}

/// A refusal says something, and its place is one in the text.
fn check_refusal(error: &InputError) {
    assert!(!error.message.is_empty());
    if let Some(span) = &error.span {
        assert!(error.text.get(span.clone()).is_some(), "{span:?} is no place: {error}");
        assert!(error.line_and_column().is_some(), "{error}");
    }
}

/// Tries many changes of one text.
fn try_changes(text: &str, read: impl Fn(&str)) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let changes = proptest::collection::vec(change(), 1..5);
    let tried = runner.run(&changes, |changes| {
        let (text, begun) = (changed(text, &changes), Instant::now());
        read(&text);
        prop_assert!(begun.elapsed() < LONGEST, "it took {:?}", begun.elapsed());
        Ok(())
    });
    tried.unwrap();
}

/// The files of the demo, with a recipe of its own.
fn demo() -> (TempDir, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().to_owned();
    fs::create_dir(files.join("fixes")).unwrap();
    for file in fs::read_dir(root.join("fixtures/demo/fixes")).unwrap().flatten() {
        fs::copy(file.path(), files.join("fixes").join(file.file_name())).unwrap();
    }
    for file in ["catalog.toml", "release.toml", "world.toml"] {
        fs::copy(root.join("fixtures/demo").join(file), files.join(file)).unwrap();
    }
    fs::copy(root.join("workflows/wamr.toml"), files.join("recipe.toml")).unwrap();
    let release = fs::read_to_string(files.join("release.toml")).unwrap();
    fs::write(files.join("release.toml"), release.replace("\"wamr\"", "\"recipe.toml\"")).unwrap();
    (folder, files)
}

/// Reads a release of which one file is changed, and plans what can be read.
fn try_release(file: &str) {
    let (_folder, files) = demo();
    let snapshot = demo_plan("wamr").snapshot;
    let path = files.join(file);
    try_changes(&fs::read_to_string(&path).unwrap(), |text| {
        fs::write(&path, text).unwrap();
        match InputFiles::load(&files) {
            Err(error) => check_refusal(&error),
            Ok(inputs) => {
                let planned = build(inputs.inputs().clone(), snapshot.clone());
                drop(planned.map(|plan| check(&plan)));
            }
        }
    });
}

#[test]
fn catalog_changed_at_random_is_read_or_refused_with_its_place() {
    try_release("catalog.toml");
}

#[test]
fn release_file_changed_at_random_is_read_or_refused_with_its_place() {
    try_release("release.toml");
}

#[test]
fn workflow_changed_at_random_is_read_or_refused_with_its_place() {
    try_release("recipe.toml");
}

#[test]
fn world_changed_at_random_is_read_or_refused_with_its_place() {
    let (_folder, files) = demo();
    let path = files.join("world.toml");
    try_changes(&fs::read_to_string(&path).unwrap(), |text| {
        fs::write(&path, text).unwrap();
        if let Err(error) = read(&path) {
            check_refusal(&error);
        }
    });
}

#[test]
fn scenario_changed_at_random_is_read_or_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chaos.toml");
    let text = "[[faults]]\nwire = 'git'\nmethod = 'POST'\npath = 'git-receive-pack$'\nanswer = 'cut'\neffect = 'after'\n\n\
                [[faults]]\npath = '^/repos/.*/pulls$'\nafter = 1\ntimes = 3\nstatus = 429\nbody = '{}'\n\
                headers = { retry-after = '120' }\n";
    try_changes(text, |text| {
        fs::write(&path, text).unwrap();
        if let Err(error) = Scenario::read(&path) {
            check_refusal(&error);
        }
    });
}
