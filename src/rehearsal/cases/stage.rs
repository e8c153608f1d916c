//! A release on a stage: rehearsed, photographed on the way, and put back to any of these moments.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::outcome::requests;
use crate::control::{Home, Opened};
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::planning::InputFiles;
use crate::rehearsal::{Audience, Gates, Mirrors, News, RehearsalError, Scenario, Setting, rehearse};
use crate::run::{Event, Notice, Reporter, StampedEvent, StopReason};

/// A copy of a fixture, and the folder of its rehearsal.
pub(super) struct Stage {
    folder: tempfile::TempDir,
    /// How many folders of rehearsals were left behind.
    left: u32,
}

impl Stage {
    /// The fixture of this name.
    pub(super) fn of(fixture: &str) -> Stage {
        let stage = Stage { folder: tempfile::tempdir().unwrap(), left: 0 };
        copy(&root().join("fixtures").join(fixture), &stage.files());
        stage
    }

    /// A small release: one repository, two lines.
    pub(super) fn small() -> Stage {
        let stage = Stage::of("conflict");
        stage.edit("catalog.toml", "\"release/1.x\", ", "");
        stage
    }

    /// Replaces the first of this in one of its files.
    pub(super) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.files().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// One step at a time: no other is under way when a fact is written, so that every moment has one state of the world.
    pub(super) fn one_by_one(self) -> Stage {
        let release = fs::read_to_string(self.files().join("release.toml")).unwrap();
        let named = release.lines().find_map(|line| line.strip_prefix("workflow = ")).unwrap();
        let file = format!("{}.toml", named.trim_matches('"'));
        let workflow = fs::read_to_string(root().join("workflows").join(file)).unwrap();
        let one = if workflow.contains("[policy]\n") {
            workflow.replacen("[policy]\n", "[policy]\nparallel = 1\n", 1)
        } else {
            format!("{workflow}\n[policy]\nparallel = 1\n")
        };
        fs::write(self.files().join("one.toml"), one).unwrap();
        self.edit("release.toml", named, "\"one.toml\"");
        self
    }

    pub(super) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Where the rehearsal is kept.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join(format!("out-{}", self.left))
    }

    /// Where a copy of it can be kept.
    pub(super) fn next_out(&self) -> PathBuf {
        self.folder.path().join(format!("out-{}", self.left + 1))
    }

    /// Leaves the folder behind: from here on the copy is the rehearsal.
    pub(super) fn turn_to_next_out(&mut self) {
        self.left += 1;
    }

    fn pictures(&self) -> PathBuf {
        self.folder.path().join("pictures")
    }

    /// Rehearses it in a scenario, or continues; without one, in the scenario that it was in.
    pub(super) async fn rehearse_in(
        &self,
        scenario: Option<Scenario>,
        audience: &dyn Audience,
    ) -> Result<StopReason, RehearsalError> {
        let files = InputFiles::load(&self.files()).unwrap();
        let home = Home::rehearsal(&self.out());
        let setting = Setting { gates: Gates::Answered, scenario, record: None, crew: None, workers: None };
        rehearse(&home, &files, &Mirrors::default(), &setting, audience).await
    }

    /// Rehearses it from its beginning to its end, undisturbed.
    pub(super) async fn calm(&self) -> Vec<StampedEvent> {
        self.watched_by(&Empty).await
    }

    /// The same, with a picture of the folder at each intent and each outcome of the first step of each kind.
    pub(super) async fn photographed(&self) -> Vec<StampedEvent> {
        self.watched_by(&Photographer { out: self.out(), pictures: self.pictures() }).await
    }

    async fn watched_by(&self, audience: &dyn Audience) -> Vec<StampedEvent> {
        assert_eq!(self.rehearse_in(None, audience).await.unwrap(), StopReason::Finished);
        Home::rehearsal(&self.out()).open().unwrap().events
    }

    /// Puts the folder back to this picture; its journal holds only so many events.
    pub(super) fn put_back(&self, picture: u64, events: u64) {
        self.clear();
        linked(&self.pictures().join(picture.to_string()), &self.out());
        if picture != events {
            let journal = Connection::open(self.out().join("journal.db")).unwrap();
            journal.execute("DELETE FROM event WHERE number > ?1", [events.cast_signed()]).unwrap();
            fs::remove_file(self.out().join("journal.last")).unwrap();
        }
    }

    /// The pictures, in their order, each with how many requests to the API there had been.
    pub(super) fn requests_by_picture(&self) -> Vec<(u64, usize)> {
        let pictures = fs::read_dir(self.pictures()).unwrap().flatten();
        let numbers = pictures.map(|picture| picture.file_name().to_string_lossy().parse().unwrap());
        let mut found: Vec<(u64, usize)> = numbers
            .map(|number: u64| (number, requests(&self.pictures().join(number.to_string())).len()))
            .collect();
        found.sort_unstable();
        found
    }

    /// Nothing was rehearsed.
    pub(super) fn clear(&self) {
        let _ = fs::remove_dir_all(self.out());
    }
}

/// A scenario of these faults.
pub(super) fn scenario<S: AsRef<str>>(faults: &[S]) -> Scenario {
    let table = |fault: &S| format!("[[faults]]\n{}\n", fault.as_ref());
    toml::from_str(&faults.iter().map(table).collect::<String>()).unwrap()
}

/// Nobody watches.
pub(super) struct Empty;

impl Audience for Empty {
    fn reporters(&self, _: &Opened) -> Vec<Box<dyn Reporter>> {
        Vec::new()
    }

    fn hear(&self, _: News) {}
}

struct Photographer {
    out: PathBuf,
    pictures: PathBuf,
}

impl Audience for Photographer {
    fn reporters(&self, opened: &Opened) -> Vec<Box<dyn Reporter>> {
        let kinds = opened.plan.steps().map(|step| (step.name.clone(), step.kind)).collect();
        let (out, pictures) = (self.out.clone(), self.pictures.clone());
        vec![Box::new(Camera { out, pictures, kinds, first: BTreeMap::new() })]
    }

    fn hear(&self, _: News) {}
}

struct Camera {
    out: PathBuf,
    pictures: PathBuf,
    kinds: BTreeMap<StepName, StepKind>,
    /// The first step of each kind that acted.
    first: BTreeMap<StepKind, StepName>,
}

impl Camera {
    fn is_wanted(&mut self, event: &Event) -> bool {
        match event {
            Event::Intent { step } => {
                let first = self.first.entry(self.kinds[step]).or_insert_with(|| step.clone());
                first == step
            }
            Event::Done { step, .. } => self.first.values().any(|first| first == step),
            _ => false,
        }
    }
}

impl Reporter for Camera {
    fn notice(&mut self, notice: &Notice) {
        if let Notice::Recorded(event) = notice
            && self.is_wanted(&event.record)
        {
            linked(&self.out, &self.pictures.join(event.number.to_string()));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    each(from, to, &|from, to| fs::copy(from, to).map(drop));
}

/// A copy in which what never changes, objects of git, is shared.
pub(super) fn linked(from: &Path, to: &Path) {
    each(from, to, &|from, to| {
        if from.components().any(|part| part.as_os_str() == "objects") {
            return fs::hard_link(from, to);
        }
        fs::copy(from, to).map(drop)
    });
}

fn each(from: &Path, to: &Path, file: &dyn Fn(&Path, &Path) -> std::io::Result<()>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            each(&entry.path(), &target, file);
        } else if entry.file_type().unwrap().is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), &target).unwrap();
        } else {
            // A lock or a half file may go away while it is looked at.
            let _ = file(&entry.path(), &target);
        }
    }
}
