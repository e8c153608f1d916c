//! Planning a CI matrix and running it: workflows of our own in memory, and those at the head of a real project where its mirror is given
//! (`LOCKGATE_BENCH_MIRROR`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use lockgate::{
    ActionFiles, Architecture, Capabilities, CiEvent, EventKind, Library, OperatingSystem, Store,
    WorkflowFile, plan_event,
};

use crate::table::{Failure, Table, median};
use crate::{crew, makespan, overhead};

const SAMPLES: usize = 9;
/// The aim: milliseconds for a hundred entries, reading the files included.
const AIM: f64 = 50.0;
const WORKFLOWS: &str = ".github/workflows/";

/// Texts by path.
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

impl ActionFiles for Texts {
    fn action(&self, folder: &str) -> Option<String> {
        let either = ["yml", "yaml"].map(|end| format!("{folder}/action.{end}"));
        either.iter().find_map(|path| self.0.get(path).cloned())
    }
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    planned(table, "ten workflows of our own", &own())?;
    makespan::measure(table)?;
    overhead::measure(table)?;
    crew::measure(table)?;
    match std::env::var_os("LOCKGATE_BENCH_MIRROR") {
        Some(mirror) => planned(table, "the mirror's head", &of_mirror(&PathBuf::from(mirror))?),
        None => {
            table.note("matrix: no mirror was given (LOCKGATE_BENCH_MIRROR)");
            Ok(())
        }
    }
}

/// Reads and plans everything as it is written, which is the most that an event can start.
fn planned(table: &mut Table, what: &str, texts: &Texts) -> Result<(), Failure> {
    let (mut times, mut entries) = (Vec::new(), 0);
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let files = texts.0.iter().filter(|(path, _)| path.starts_with(WORKFLOWS));
        let read = files.map(|(path, text)| (path.clone(), WorkflowFile::read(path, text)));
        let library = Library::of(read.collect(), texts);
        entries = plan_event(&library, &event(), Some(&machine()), &|_| true).entries().count();
        times.push(started.elapsed());
    }
    let hundreds = entries as f64 / 100.0;
    let found = median(times).as_secs_f64() * 1e3 / hundreds;
    table.at_most(format!("matrix: {what}, {entries} entries, for each hundred"), found, AIM, "ms");
    Ok(())
}

pub(crate) fn event() -> CiEvent {
    let repository = Some(("acme".to_owned(), "pump".to_owned()));
    CiEvent {
        kind: EventKind::All,
        action: None,
        branch: "main".into(),
        repository,
        commit: "0".repeat(40),
        skip: None,
    }
}

pub(crate) fn machine() -> Capabilities {
    let programs = ["cargo", "git", "make"].map(|program| (program.to_owned(), None));
    Capabilities {
        system: OperatingSystem::Linux,
        architecture: Architecture::X64,
        processor_flags: Default::default(),
        programs: programs.into(),
        labels: Default::default(),
        actions: Default::default(),
    }
}

/// Ten files with a product of eighty each, steps with conditions, and a local action.
fn own() -> Texts {
    let job = "on: push
jobs:
  test:
    name: ${{ matrix.os }} ${{ matrix.mode }} ${{ matrix.level }}
    strategy:
      matrix:
        os: [ubuntu-24.04, ubuntu-24.04-arm, macos-15, windows-2025]
        mode: [debug, release, asan, tsan, fuzz]
        level: [0, 1, 2, 3]
        include: [{ os: ubuntu-24.04, flags: -j2 }]
    runs-on: ${{ matrix.os }}
    env: { MODE: '${{ matrix.mode }}' }
    steps:
      - uses: actions/checkout@v4
      - uses: ./tools/setup
        with: { mode: '${{ matrix.mode }}' }
      - run: make test LEVEL=${{ matrix.level }}
        if: runner.os == 'Linux' && matrix.mode != 'fuzz'
      - run: cargo test --profile ${{ matrix.mode }}
";
    let action = "inputs: { mode: { default: debug } }
runs: { using: composite, steps: [{ run: 'make ${{ inputs.mode }}', shell: bash }] }
";
    let files = (0..10).map(|number| (format!("{WORKFLOWS}ci{number}.yml"), job.to_owned()));
    Texts(files.chain([("tools/setup/action.yml".to_owned(), action.to_owned())]).collect())
}

/// The YAML files of the head that planning may read.
fn of_mirror(mirror: &std::path::Path) -> Result<Texts, Failure> {
    let store = Store::open(mirror)?;
    let tree = store.tree_of(&store.resolve("HEAD")?)?;
    let mut texts = BTreeMap::new();
    for path in store.paths(&tree)? {
        let is_read =
            path.starts_with(WORKFLOWS) || path.ends_with("/action.yml") || path.ends_with("/action.yaml");
        if let (true, Some(bytes)) = (is_read, store.read_file_in_tree(&tree, &path)?) {
            texts.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(Texts(texts))
}
