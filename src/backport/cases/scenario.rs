//! Small random worlds for merges: a tree, and what two sides did to it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::git::plumbing::{TreeEntry, Updates};

/// A file: its mode and its bytes. A submodule's bytes are the digit that its commit is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScenarioFile {
    pub(super) mode: i32,
    pub(super) bytes: Vec<u8>,
}

pub(super) const PLAIN: i32 = 0o100_644;
const EXECUTABLE: i32 = 0o100_755;
const LINK: i32 = 0o120_000;
pub(super) const SUBMODULE: i32 = 0o160_000;

pub(super) type ScenarioFiles = BTreeMap<String, ScenarioFile>;

/// One thing that a side does. Which file it means is chosen among those that are there.
#[derive(Debug, Clone)]
enum ScenarioEdit {
    Lines { file: Index, at: Index, change: LineEdit },
    Delete { file: Index },
    Rename { file: Index, to: ScenarioPath },
    RenameDirectory { from: usize, to: usize },
    Add { to: ScenarioPath, text: usize },
    Mode { file: Index },
    Link { to: ScenarioPath, target: usize },
    Binary { file: Index, byte: u8 },
    Submodule { to: ScenarioPath, digit: u8 },
    LineEnds { file: Index },
    LastLine { file: Index },
    Below { file: Index },
}

#[derive(Debug, Clone)]
enum LineEdit {
    Replace(usize),
    Insert(usize),
    Remove,
}

/// A path, from few directories and few names, so that the sides meet.
#[derive(Debug, Clone)]
struct ScenarioPath {
    directory: usize,
    name: usize,
}

const DIRECTORIES: [&str; 6] = ["", "core/", "core/low/", "lib/", "lib/new/", "docs/"];
const NAMES: [&str; 5] = ["pump.c", "valve.c", "gate.c", "README", "run"];
/// Words of which few lines are made: the two sides write the same now and then.
const WORDS: [&str; 6] = ["}", "return;", "if (level > limit) {", "", "close(gate);", "level = next(level);"];

impl ScenarioPath {
    fn path(&self) -> String {
        format!("{}{}", DIRECTORIES[self.directory], NAMES[self.name])
    }
}

fn place() -> impl Strategy<Value = ScenarioPath> {
    (0..DIRECTORIES.len(), 0..NAMES.len()).prop_map(|(directory, name)| ScenarioPath { directory, name })
}

fn edit() -> impl Strategy<Value = ScenarioEdit> {
    let line = prop_oneof![
        3 => (0..WORDS.len()).prop_map(LineEdit::Replace),
        2 => (0..WORDS.len()).prop_map(LineEdit::Insert),
        1 => Just(LineEdit::Remove),
    ];
    let file = any::<Index>;
    prop_oneof![
        12 => (file(), any::<Index>(), line).prop_map(|(file, at, change)| ScenarioEdit::Lines { file, at, change }),
        2 => file().prop_map(|file| ScenarioEdit::Delete { file }),
        4 => (file(), place()).prop_map(|(file, to)| ScenarioEdit::Rename { file, to }),
        2 => (1..DIRECTORIES.len(), 1..DIRECTORIES.len())
            .prop_map(|(from, to)| ScenarioEdit::RenameDirectory { from, to }),
        3 => (place(), 0..4_usize).prop_map(|(to, text)| ScenarioEdit::Add { to, text }),
        1 => file().prop_map(|file| ScenarioEdit::Mode { file }),
        1 => (place(), 0..NAMES.len()).prop_map(|(to, target)| ScenarioEdit::Link { to, target }),
        1 => (file(), 0..3_u8).prop_map(|(file, byte)| ScenarioEdit::Binary { file, byte }),
        1 => (place(), 1..4_u8).prop_map(|(to, digit)| ScenarioEdit::Submodule { to, digit }),
        1 => file().prop_map(|file| ScenarioEdit::LineEnds { file }),
        1 => file().prop_map(|file| ScenarioEdit::LastLine { file }),
        1 => file().prop_map(|file| ScenarioEdit::Below { file }),
    ]
}

/// A tree, and what the branch and the fix did to it.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) base: ScenarioFiles,
    pub(super) ours: ScenarioFiles,
    pub(super) theirs: ScenarioFiles,
}

/// Any scenario.
pub(super) fn scenario() -> impl Strategy<Value = Scenario> {
    let side = || prop::collection::vec(edit(), 1..5);
    (prop::collection::vec((place(), 0..4_usize), 1..8), side(), side()).prop_map(|(files, ours, theirs)| {
        let base = files.iter().map(|(place, text)| ScenarioEdit::Add { to: place.clone(), text: *text });
        let base = base.fold(ScenarioFiles::new(), |files, edit| edit.on(files));
        let done = |edits: Vec<ScenarioEdit>| edits.iter().fold(base.clone(), |files, edit| edit.on(files));
        Scenario { ours: done(ours), theirs: done(theirs), base }
    })
}

impl ScenarioEdit {
    fn on(&self, mut files: ScenarioFiles) -> ScenarioFiles {
        match self {
            ScenarioEdit::Lines { file, at, change } => {
                change_text(&mut files, file, |lines| change.on(lines, at))
            }
            ScenarioEdit::Delete { file } => drop(take(&mut files, file)),
            ScenarioEdit::Rename { file, to } => {
                if let Some((_, taken)) = take(&mut files, file) {
                    put(&mut files, to.path(), taken);
                }
            }
            ScenarioEdit::RenameDirectory { from, to } => {
                rename_directory(&mut files, DIRECTORIES[*from], DIRECTORIES[*to])
            }
            ScenarioEdit::Add { to, text } => {
                put(&mut files, to.path(), ScenarioFile { mode: PLAIN, bytes: text_of(to, *text) })
            }
            ScenarioEdit::Mode { file } => {
                change(&mut files, file, |file| {
                    file.mode = if file.mode == PLAIN { EXECUTABLE } else { PLAIN }
                });
            }
            ScenarioEdit::Link { to, target } => {
                put(
                    &mut files,
                    to.path(),
                    ScenarioFile { mode: LINK, bytes: NAMES[*target].as_bytes().to_vec() },
                );
            }
            ScenarioEdit::Binary { file, byte } => {
                change(&mut files, file, |file| file.bytes.extend([0, *byte]))
            }
            ScenarioEdit::Submodule { to, digit } => {
                put(&mut files, to.path(), ScenarioFile { mode: SUBMODULE, bytes: vec![b'0' + digit] });
            }
            ScenarioEdit::LineEnds { file } => change_text(&mut files, file, |lines| {
                lines
                    .iter_mut()
                    .for_each(|line| *line = format!("{}\r\n", line.trim_end_matches(['\r', '\n'])));
            }),
            ScenarioEdit::LastLine { file } => change_text(&mut files, file, |lines| {
                if let Some(last) = lines.last_mut() {
                    *last = last.trim_end().to_owned() + " //";
                }
            }),
            ScenarioEdit::Below { file } => {
                if let Some((path, taken)) = take(&mut files, file) {
                    put(&mut files, format!("{path}/part"), taken);
                }
            }
        }
        files
    }
}

impl LineEdit {
    fn on(&self, lines: &mut Vec<String>, at: &Index) {
        let place = if lines.is_empty() { 0 } else { at.index(lines.len()) };
        match self {
            LineEdit::Insert(word) => lines.insert(place, format!("{}\n", WORDS[*word])),
            LineEdit::Replace(_) | LineEdit::Remove if lines.is_empty() => {}
            LineEdit::Replace(word) => lines[place] = format!("{}\n", WORDS[*word]),
            LineEdit::Remove => drop(lines.remove(place)),
        }
    }
}

/// A text that says where it stands, in lines that other files have too.
fn text_of(place: &ScenarioPath, text: usize) -> Vec<u8> {
    let line = |number: usize| match (number * (text + 3) + place.name) % 4 {
        0 => format!("{}\n", WORDS[(number + text) % WORDS.len()]),
        _ => format!("line {number} of {} {text}\n", NAMES[place.name]),
    };
    (1..=[0, 3, 9, 14][text]).map(line).collect::<String>().into_bytes()
}

fn key(files: &ScenarioFiles, file: &Index) -> Option<String> {
    (!files.is_empty()).then(|| files.keys().nth(file.index(files.len())).cloned())?
}

fn take(files: &mut ScenarioFiles, file: &Index) -> Option<(String, ScenarioFile)> {
    files.remove_entry(&key(files, file)?)
}

fn change(files: &mut ScenarioFiles, file: &Index, edit: impl FnOnce(&mut ScenarioFile)) {
    let key = key(files, file);
    if let Some(found) = key.and_then(|key| files.get_mut(&key))
        && matches!(found.mode, PLAIN | EXECUTABLE)
    {
        edit(found);
    }
}

fn change_text(files: &mut ScenarioFiles, file: &Index, edit: impl FnOnce(&mut Vec<String>)) {
    change(files, file, |file| {
        let Ok(text) = String::from_utf8(file.bytes.clone()) else { return };
        let mut lines = text.split_inclusive('\n').map(str::to_owned).collect();
        edit(&mut lines);
        file.bytes = lines.concat().into_bytes();
    });
}

fn rename_directory(files: &mut ScenarioFiles, from: &str, to: &str) {
    let inside: Vec<String> = files.keys().filter(|path| path.starts_with(from)).cloned().collect();
    for path in inside {
        if let Some(file) = files.remove(&path) {
            put(files, format!("{to}{}", &path[from.len()..]), file);
        }
    }
}

/// Puts a file; what stands in its way goes.
fn put(files: &mut ScenarioFiles, path: String, file: ScenarioFile) {
    let below = format!("{path}/");
    files.retain(|other, _| !other.starts_with(&below) && !path.starts_with(&format!("{other}/")));
    files.insert(path, file);
}

/// The files as entries of a tree, their blobs written.
pub(super) fn entries(files: &ScenarioFiles, repository: &git2::Repository) -> Updates {
    let entry = |file: &ScenarioFile| {
        let id = if file.mode == SUBMODULE {
            let digit = String::from_utf8(file.bytes.clone()).unwrap();
            git2::Oid::from_str(&digit.repeat(40)).unwrap()
        } else {
            repository.blob(&file.bytes).unwrap()
        };
        Some(TreeEntry { id, mode: file.mode })
    };
    files.iter().map(|(path, file)| (path.clone().into_bytes(), entry(file))).collect()
}
