//! The house keeps its order: which room may name which, who prints, who may end the embargo.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use regex::Regex;

/// Each room and the rooms that it may name. Data flows from the files to the plan, the run, the steps and the world.
const ROOMS: &[(&str, &[&str])] = &[
    ("ids", &[]),
    ("archive_address", &[]),
    ("clock", &[]),
    ("credit", &[]),
    ("failure", &[]),
    ("input", &[]),
    ("kinds", &[]),
    ("matrix", &["input", "skip_mark"]),
    ("code_owners", &["path_glob"]),
    ("merge_rules", &["code_owners", "ids", "push_rules"]),
    ("push_rules", &[]),
    ("shared_answers", &[]),
    ("skip_mark", &[]),
    ("weakness", &[]),
    ("next_action", &["ids"]),
    ("pace", &[]),
    ("path_glob", &[]),
    ("private_folder", &[]),
    ("programs", &[]),
    ("tls", &[]),
    ("token", &["clock"]),
    ("wording", &[]),
    ("by_hand", &["ids", "wording"]),
    ("numbering", &[]),
    ("ecosystem", &["numbering"]),
    ("egress", &["ids"]),
    ("folder", &["ids"]),
    ("snapshot", &["ids", "merge_rules", "numbering"]),
    ("records", &["ecosystem", "ids", "numbering"]),
    ("jobs", &["ids", "private_folder"]),
    ("runner", &["git", "ids", "jobs", "matrix", "private_folder", "version", "wording"]),
    ("workers", &["git", "ids", "jobs", "matrix", "private_folder", "runner", "steps", "wording"]),
    ("version", &["ids", "numbering", "wording"]),
    ("registry", &["ecosystem", "failure", "ids", "tls"]),
    ("git", &["egress", "failure", "ids", "private_folder", "programs", "shared_answers", "tls", "token"]),
    ("backport", &["git", "ids", "numbering", "path_glob", "private_folder", "wording"]),
    ("resolution", &["backport", "ids", "programs"]),
    (
        "github",
        &[
            "clock",
            "credit",
            "egress",
            "failure",
            "ids",
            "merge_rules",
            "pace",
            "push_rules",
            "shared_answers",
            "tls",
            "token",
        ],
    ),
    ("mail", &["archive_address", "clock", "egress", "failure", "ids", "tls"]),
    (
        "catalog",
        &[
            "archive_address",
            "ecosystem",
            "ids",
            "input",
            "jobs",
            "merge_rules",
            "numbering",
            "path_glob",
            "registry",
            "version",
        ],
    ),
    ("release", &["catalog", "credit", "ids", "input", "weakness"]),
    ("workflow", &["catalog", "input", "kinds", "version"]),
    (
        "plan",
        &[
            "catalog",
            "code_owners",
            "ids",
            "kinds",
            "merge_rules",
            "numbering",
            "pace",
            "push_rules",
            "release",
            "snapshot",
            "version",
            "wording",
            "workflow",
        ],
    ),
    ("world", &["backport", "clock", "git", "github", "mail", "registry", "runner", "jobs", "token"]),
    (
        "steps",
        &[
            "backport",
            "by_hand",
            "catalog",
            "ecosystem",
            "egress",
            "failure",
            "folder",
            "git",
            "github",
            "ids",
            "jobs",
            "kinds",
            "mail",
            "matrix",
            "merge_rules",
            "next_action",
            "numbering",
            "plan",
            "records",
            "push_rules",
            "registry",
            "release",
            "runner",
            "skip_mark",
            "snapshot",
            "version",
            "wording",
            "workflow",
            "world",
            "private_folder",
        ],
    ),
    (
        "planning",
        &[
            "backport",
            "catalog",
            "code_owners",
            "folder",
            "git",
            "github",
            "ids",
            "input",
            "jobs",
            "matrix",
            "merge_rules",
            "numbering",
            "plan",
            "push_rules",
            "release",
            "snapshot",
            "steps",
            "version",
            "wording",
            "workflow",
            "world",
            "registry",
        ],
    ),
    (
        "discovery",
        &[
            "backport",
            "ecosystem",
            "git",
            "ids",
            "matrix",
            "merge_rules",
            "numbering",
            "steps",
            "version",
            "wording",
        ],
    ),
    ("run", &["failure", "folder", "ids", "kinds", "next_action", "plan", "steps", "world"]),
    (
        "report",
        &[
            "by_hand",
            "failure",
            "ids",
            "jobs",
            "kinds",
            "next_action",
            "plan",
            "release",
            "run",
            "runner",
            "steps",
            "wording",
            "workflow",
        ],
    ),
    (
        "control",
        &[
            "folder",
            "ids",
            "input",
            "kinds",
            "next_action",
            "plan",
            "report",
            "run",
            "steps",
            "wording",
            "world",
        ],
    ),
    // Client and emulator agree by the wire only.
    (
        "emulator",
        &["clock", "ids", "numbering", "private_folder", "programs", "push_rules", "skip_mark", "weakness"],
    ),
    (
        "rehearsal",
        &[
            "catalog",
            "clock",
            "control",
            "ecosystem",
            "emulator",
            "folder",
            "git",
            "github",
            "ids",
            "input",
            "jobs",
            "mail",
            "merge_rules",
            "numbering",
            "plan",
            "planning",
            "push_rules",
            "registry",
            "release",
            "report",
            "run",
            "runner",
            "steps",
            "version",
            "world",
        ],
    ),
];

/// The room that may name every other but the emulator.
const COMMAND_LINE: &str = "cli";
/// Who may give a person's answer: the shells, and the rehearsal that answers in their place.
const SHELLS: [&str; 2] = [COMMAND_LINE, "rehearsal"];

/// The house as it stands, read once.
pub(crate) static HOUSE: LazyLock<Vec<File>> = LazyLock::new(house);

/// Making an expression takes far longer than using it on a file.
pub(crate) fn expression(pattern: &str) -> Regex {
    static MADE: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    made.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap()).clone()
}

/// One source file without its tests and comments.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) code: String,
}

impl File {
    pub(crate) fn new(path: impl Into<PathBuf>, text: &str) -> File {
        let untested = expression(r"#\[cfg\(test\)\]\s*(#\[[^\]]*\]\s*)*mod \w+ \{");
        let end = untested.find(text).map_or(text.len(), |found| found.start());
        let code: Vec<&str> =
            text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        File { path: path.into(), code: code.join("\n") }
    }

    /// The first name of its path: a directory or a file of `src`.
    fn room(&self) -> String {
        let first = self.path.iter().next().unwrap().to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    }

    pub(crate) fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    /// How many modules deep its code is, below the crate.
    fn depth(&self) -> usize {
        self.path.iter().count() - usize::from(self.name() == "mod.rs")
    }

    fn says(&self, pattern: &str) -> Option<String> {
        let found = expression(pattern).find(&self.code)?;
        Some(format!("{}: `{}`", self.path.display(), found.as_str().trim()))
    }
}

/// Everything below `src` that is not a test.
fn house() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !["tests", "cases"].contains(&name.as_str()) {
                open.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                files.push(File::new(path.strip_prefix(&root).unwrap(), &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(files.len() > 200, "only {} files were found", files.len());
    files
}

/// The rooms that a file names.
fn named(file: &File) -> BTreeSet<String> {
    let rooms = expression(r"\bcrate::(\w+)");
    rooms.captures_iter(&file.code).map(|found| found[1].to_owned()).collect()
}

fn wrong_directions(file: &File) -> Vec<String> {
    let room = file.room();
    if room == COMMAND_LINE || ["lib", "main"].contains(&room.as_str()) {
        return Vec::new();
    }
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: the room `{room}` has no place in the table", file.path.display())];
    };
    let mut wrong: Vec<String> = named(file)
        .into_iter()
        .filter(|other| *other != room && !may.contains(&other.as_str()))
        .map(|other| format!("{}: `{room}` may not use `{other}`", file.path.display()))
        .collect();
    // What the reading above would not see.
    wrong.extend(file.says(r"\bcrate::[{*]"));
    let up = format!(r"\b(super::){{{},}}", file.depth());
    wrong.extend(file.says(&up));
    wrong
}

/// The command line's own emulated world is a rehearsal's, too: what is emulated is decided in one room.
fn names_the_emulator(file: &File) -> Option<String> {
    if ["emulator", "rehearsal"].contains(&file.room().as_str()) {
        return None;
    }
    file.says(r"\bcrate::emulator\b")
}

fn prints_or_exits(file: &File) -> Option<String> {
    let words = r"\b(e?print(ln)?|dbg)!|\bio::std(out|err)\b|\bprocess::exit\b";
    if file.room() == COMMAND_LINE { None } else { file.says(words) }
}

fn ends_the_embargo(file: &File) -> Option<String> {
    let may = [Path::new("steps/people/embargo.rs"), Path::new("egress/permit.rs")];
    if may.contains(&file.path.as_path()) { None } else { file.says(r"\bby_release_day_gate\b") }
}

fn asks_whether_it_is_real(file: &File) -> Option<String> {
    if file.room() == COMMAND_LINE { None } else { file.says(r"(?i)\bdry_?run\b|\bis_(rehears|emulat)\w+") }
}

/// A project's own words stand in its workflow and its templates, which two tables name, and in no other project's.
fn speaks_for_a_project(file: &File) -> Option<String> {
    let may = [Path::new("workflow.rs"), Path::new("mail/template.rs")];
    let names = r"(?i)wamr|wasmtime|bytecode.?alliance";
    if file.room() == COMMAND_LINE || may.contains(&file.path.as_path()) { None } else { file.says(names) }
}

/// What is under embargo passes through temporary folders: others than their owner may not look into them.
fn opens_a_folder(file: &File) -> Option<String> {
    let is_theirs = file.path == Path::new("private_folder.rs");
    if is_theirs { None } else { file.says(r"\btempdir(_in)?\(|\bTempDir::(new|with)") }
}

/// What git's objects are made of is the business of the engine that merges them.
fn opens_objects(file: &File) -> Option<String> {
    if ["backport", "git"].contains(&file.room().as_str()) { None } else { file.says(r"\bgit::plumbing\b") }
}

/// Commands are words of the command line alone: what people can do is a value below it.
fn words_a_command(file: &File) -> Option<String> {
    let commands = "abort|approve|assess|backport|completions|confirm|decide|emulate|log|plan|rehearse|resolve|resume|\
                    run|schema|status|waive";
    let worded = format!(r#"[`"]lockgate [a-z]\w*|\blockgate ({commands})\b"#);
    if file.room() == COMMAND_LINE { None } else { file.says(&worded) }
}

/// A table of contents declares, exports and at most hands on; it computes nothing.
fn computes(file: &File) -> Option<String> {
    if !["mod.rs", "lib.rs", "main.rs"].contains(&file.name()) {
        return None;
    }
    file.says(r"(?m)^\s*(pub(\([^)]*\))? )?(impl|struct|trait|static|let|if|for|while|loop)\b.*$")
}

/// A row of the table of rooms.
type Row<'a> = (&'a str, &'a [&'a str]);

/// Rows of rooms that are not there.
fn gone(table: &[Row<'_>], there: &BTreeSet<String>) -> Vec<String> {
    let rows = table.iter().filter(|(room, _)| !there.contains(*room));
    rows.map(|(room, _)| format!("`{room}` is gone")).collect()
}

/// The rooms that may use each other, directly or by way of others.
fn circle<'a>(table: &[Row<'a>]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut open: BTreeMap<&str, BTreeSet<&str>> =
        table.iter().map(|(room, may)| (*room, may.iter().copied().collect())).collect();
    while let Some(leaf) = open.iter().find(|(_, may)| may.is_empty()).map(|(room, _)| *room) {
        open.remove(leaf);
        open.values_mut().for_each(|may| {
            may.remove(leaf);
        });
    }
    open
}

/// The rooms that may name this one.
fn may_name(table: &[Row<'_>], wanted: &str) -> Vec<String> {
    table.iter().filter(|(_, may)| may.contains(&wanted)).map(|(room, _)| (*room).to_owned()).collect()
}

/// Whether a room that is no shell may take decisions that are people's.
fn decides_for_people((room, may): &Row<'_>) -> bool {
    may.contains(&"control") && !SHELLS.contains(room)
}

fn no_faults(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    no_faults(HOUSE.iter().flat_map(wrong_directions));
}

#[test]
fn table_tells_of_rooms_that_are_there() {
    let there: BTreeSet<String> = HOUSE.iter().map(File::room).collect();
    no_faults(gone(ROOMS, &there));
}

#[test]
fn table_has_no_circle() {
    let open = circle(ROOMS);
    assert!(open.is_empty(), "these use each other: {open:?}");
}

#[test]
fn emulator_is_known_to_rehearsals_alone() {
    no_faults(HOUSE.iter().filter_map(names_the_emulator));
    let knows_the_client = may_name(ROOMS, "github").contains(&"emulator".to_owned());
    assert!(!knows_the_client, "client and emulator agree by the wire only");
}

#[test]
fn rehearsals_are_known_to_the_command_line_alone() {
    no_faults(may_name(ROOMS, "rehearsal"));
}

#[test]
fn only_shells_and_rehearsals_decide_for_people() {
    no_faults(ROOMS.iter().filter(|room| decides_for_people(room)).map(|(room, _)| (*room).to_owned()));
}

#[test]
fn only_the_command_line_prints_and_exits() {
    no_faults(HOUSE.iter().filter_map(prints_or_exits));
}

#[test]
fn only_the_release_day_gate_ends_the_embargo() {
    no_faults(HOUSE.iter().filter_map(ends_the_embargo));
}

#[test]
fn nothing_below_the_command_line_asks_whether_it_is_real() {
    no_faults(HOUSE.iter().filter_map(asks_whether_it_is_real));
}

#[test]
fn no_room_speaks_for_a_project() {
    no_faults(HOUSE.iter().filter_map(speaks_for_a_project));
}

#[test]
fn temporary_folders_are_their_owners_alone() {
    no_faults(HOUSE.iter().filter_map(opens_a_folder));
}

#[test]
fn only_the_engine_of_backports_opens_objects() {
    no_faults(HOUSE.iter().filter_map(opens_objects));
}

#[test]
fn only_the_command_line_words_commands() {
    no_faults(HOUSE.iter().filter_map(words_a_command));
}

#[test]
fn tables_of_contents_hold_no_logic() {
    no_faults(HOUSE.iter().filter_map(computes));
}

#[test]
fn every_rule_sees_a_violation() {
    let spoilt = |path: &str, text: &str| File::new(path, text);
    let direction = |path: &str, text: &str| wrong_directions(&spoilt(path, text)).len();
    assert_eq!(direction("plan/build.rs", "use crate::github::Client;\n"), 1);
    assert_eq!(direction("github/client.rs", "use crate::emulator::spec;\n"), 1);
    assert_eq!(direction("emulator/world.rs", "use crate::github::Client;\n"), 1);
    assert_eq!(direction("steps/gate.rs", "fn f() { crate::emulator::f() }\n"), 1);
    assert_eq!(direction("steps/gate.rs", "use crate::{run, cli};\n"), 1);
    assert_eq!(direction("run/engine.rs", "use crate::control::Home;\n"), 1);
    assert_eq!(direction("control/drive.rs", "use crate::github::Client;\n"), 1);
    assert_eq!(direction("catalog.rs", "use super::github::Client;\n"), 1);
    assert_eq!(direction("plan/build.rs", "use super::super::github::Client;\n"), 1);
    assert_eq!(direction("attic/mod.rs", "use crate::ids::Login;\n"), 1);
    assert_eq!(direction("plan/build.rs", "use super::step::Step;\nuse crate::ids::Login;\n"), 0);
    assert_eq!(
        direction("plan/build.rs", "// crate::github\n#[cfg(test)]\nmod tests { use crate::cli; }\n"),
        0
    );
    let table: [Row<'_>; 3] = [("ids", &["run"]), ("run", &["ids", "rehearsal"]), ("rehearsal", &[])];
    assert_eq!(gone(&table, &["ids", "run"].map(str::to_owned).into()), ["`rehearsal` is gone"]);
    assert_eq!(circle(&table).into_keys().collect::<Vec<_>>(), ["ids", "run"]);
    assert_eq!(may_name(&table, "rehearsal"), ["run"]);
    assert!(decides_for_people(&("steps", &["plan", "control"])));
    assert!(!decides_for_people(&("rehearsal", &["control", "emulator"])));
    assert!(names_the_emulator(&spoilt("cli/plan.rs", "use crate::emulator::Emulator;\n")).is_some());
    assert!(
        names_the_emulator(&spoilt("rehearsal/service.rs", "use crate::emulator::Emulator;\n")).is_none()
    );
    assert_eq!(direction("control/drive.rs", "use crate::rehearsal::rehearse;\n"), 1);
    assert!(prints_or_exits(&spoilt("steps/gate.rs", "println!(\"x\");")).is_some());
    assert!(prints_or_exits(&spoilt("cli/terminal.rs", "println!(\"x\");")).is_none());
    assert!(ends_the_embargo(&spoilt("steps/open_bump.rs", "Disclosed::by_release_day_gate(d)")).is_some());
    assert!(asks_whether_it_is_real(&spoilt("world.rs", "if self.dry_run {")).is_some());
    assert!(opens_a_folder(&spoilt("git/a.rs", "let room = tempfile::tempdir()?;")).is_some());
    assert!(opens_objects(&spoilt("steps/local.rs", "use crate::git::plumbing::oid;")).is_some());
    assert!(opens_objects(&spoilt("backport/picking/pick.rs", "use crate::git::plumbing::oid;")).is_none());
    assert!(speaks_for_a_project(&spoilt("steps/mail/sending.rs", "\"wamr-advance\".into()")).is_some());
    assert!(
        speaks_for_a_project(&spoilt("cli/plan.rs", "--mirror bytecodealliance/wasmtime=w.git")).is_none()
    );
    assert!(words_a_command(&spoilt("steps/gate.rs", "\"then `lockgate resume`\"")).is_some());
    assert!(words_a_command(&spoilt("report/status.rs", "\"lockgate resume\"")).is_some());
    assert!(words_a_command(&spoilt("report/status.rs", "\"continue: lockgate waive {step}\"")).is_some());
    assert!(words_a_command(&spoilt("cli/command.rs", "\"lockgate resume\"")).is_none());
    assert!(computes(&spoilt("plan/mod.rs", "mod build;\nimpl Plan {\n")).is_some());
    assert!(computes(&spoilt("plan/mod.rs", "mod build;\npub use build::build;\n")).is_none());
}
