//! A release on a stage: rehearsed, photographed after every event, and put back to any of these moments.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::control::{Home, Opened};
use crate::planning::InputFiles;
use crate::rehearsal::{Audience, Gates, Mirrors, News, RehearsalError, Scenario, Setting, rehearse};
use crate::run::{Notice, Reporter, StampedEvent, StopReason};

static CALM: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// A copy of a fixture, and the folder of its rehearsal.
pub(super) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// The fixture of this name. One step at a time: no other is under way when a fact is written, so that every moment has one
    /// state of the world.
    pub(super) fn of(fixture: &str) -> Stage {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        copy(&root().join("fixtures").join(fixture), &stage.files());
        let release = stage.files().join("release.toml");
        let text = fs::read_to_string(&release).unwrap();
        let named = text.lines().find_map(|line| line.strip_prefix("workflow = ")).unwrap();
        let name = named.trim_matches('"');
        let workflow = fs::read_to_string(root().join("workflows").join(format!("{name}.toml"))).unwrap();
        let one = if workflow.contains("[policy]\n") {
            workflow.replacen("[policy]\n", "[policy]\nparallel = 1\n", 1)
        } else {
            format!("{workflow}\n[policy]\nparallel = 1\n")
        };
        fs::write(stage.files().join("one.toml"), one).unwrap();
        fs::write(&release, text.replacen(named, "\"one.toml\"", 1)).unwrap();
        stage
    }

    pub(super) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Where the rehearsal is kept.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn shot(&self, number: u64) -> PathBuf {
        self.folder.path().join("shots").join(number.to_string())
    }

    /// A small release: one repository, two lines, several steps at a time.
    pub(super) fn small() -> Stage {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        copy(&root().join("fixtures/conflict"), &stage.files());
        let catalog = stage.files().join("catalog.toml");
        let text = fs::read_to_string(&catalog).unwrap();
        fs::write(&catalog, text.replacen("\"release/1.x\", ", "", 1)).unwrap();
        stage
    }

    /// Notes what a small release comes to when nothing goes wrong.
    pub(super) fn keep_calm_small(outcome: BTreeMap<String, String>) {
        let _ = CALM.set(outcome);
    }

    /// What was noted.
    pub(super) fn calm_small() -> BTreeMap<String, String> {
        CALM.get().cloned().unwrap_or_default()
    }

    /// Rehearses it, or continues.
    pub(super) async fn rehearse(&self, audience: &dyn Audience) -> Result<StopReason, RehearsalError> {
        self.rehearse_in(None, audience).await
    }

    /// The same, with what goes wrong.
    pub(super) async fn rehearse_in(
        &self,
        scenario: Option<Scenario>,
        audience: &dyn Audience,
    ) -> Result<StopReason, RehearsalError> {
        let files = InputFiles::load(&self.files()).unwrap();
        let home = Home::rehearsal(&self.out());
        let setting = Setting { gates: Gates::Answered, scenario };
        rehearse(&home, &files, &Mirrors::default(), &setting, audience).await
    }

    /// Rehearses it from the start, undisturbed.
    pub(super) async fn events(&self) -> Vec<StampedEvent> {
        assert_eq!(self.rehearse(&Empty).await.unwrap(), StopReason::Finished);
        Home::rehearsal(&self.out()).open().unwrap().events
    }

    /// Rehearses it once more from the start, and keeps the folder as it was after each of these events.
    pub(super) async fn photograph(&self, wanted: BTreeSet<u64>) -> Vec<StampedEvent> {
        fs::remove_dir_all(self.out()).unwrap();
        let camera =
            Camera { out: self.out(), shots: self.folder.path().join("shots"), wanted: Arc::new(wanted) };
        assert_eq!(self.rehearse(&camera).await.unwrap(), StopReason::Finished);
        Home::rehearsal(&self.out()).open().unwrap().events
    }

    /// Puts the folder back to the moment at which the journal held `events` events and the world was where it was after
    /// event `world`, which may be the later one.
    pub(super) fn put_back(&self, events: u64, world: u64) {
        let _ = fs::remove_dir_all(self.out());
        linked(&self.shot(world), &self.out());
        if events != world {
            for name in ["journal.db", "journal.db-wal", "journal.db-shm", "journal.last"] {
                let _ = fs::remove_file(self.out().join(name));
                let from = self.shot(events).join(name);
                if from.exists() {
                    fs::copy(from, self.out().join(name)).unwrap();
                }
            }
        }
    }

    /// Whether there is a picture of this moment: what people do is written between two drives.
    pub(super) fn has_shot(&self, number: u64) -> bool {
        self.shot(number).is_dir()
    }
}

/// Nobody watches.
pub(super) struct Empty;

impl Audience for Empty {
    fn reporters(&self, _: &Opened) -> Vec<Box<dyn Reporter>> {
        Vec::new()
    }

    fn hear(&self, _: News) {}
}

#[derive(Clone)]
struct Camera {
    out: PathBuf,
    shots: PathBuf,
    wanted: Arc<BTreeSet<u64>>,
}

impl Audience for Camera {
    fn reporters(&self, _: &Opened) -> Vec<Box<dyn Reporter>> {
        vec![Box::new(self.clone())]
    }

    fn hear(&self, _: News) {}
}

impl Reporter for Camera {
    fn notice(&mut self, notice: &Notice) {
        let Notice::Recorded(event) = notice else { return };
        if !self.wanted.contains(&event.number) {
            return;
        }
        linked(&self.out, &self.shots.join(event.number.to_string()));
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    each(from, to, &|from, to| fs::copy(from, to).map(drop));
}

/// A copy in which what never changes, objects of git, is shared.
fn linked(from: &Path, to: &Path) {
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
