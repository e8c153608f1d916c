//! Where a release lives: the directory of its files with the run beside them, or a kept rehearsal.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::folder::Folder;
use crate::plan::Plan;
use crate::planning::InputFiles;
use crate::run::{Event, Journal, Lock, StampedEvent, State};

/// The folder of a real run, beside the user's files.
const FOLDER: &str = ".lockgate";
/// Written when a rehearsal's world is laid out; makes its folder known as one.
const REHEARSAL: &str = "rehearsal.json";

/// Whether a run is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Against the services that the catalog names.
    Real,
    /// In an emulated world that lies in the run's own folder.
    Rehearsal,
}

/// One release on this machine.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// The user's files, or a rehearsal's copies of them.
    pub(super) files: PathBuf,
    /// The run.
    pub(super) folder: Folder,
    /// Whether it is real.
    pub(super) kind: Kind,
}

/// What a rehearsal must know to be taken up again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rehearsal {
    /// The token of the incident manager in the emulated world. It opens nothing else.
    pub(super) token: String,
    /// Where the world's own clock started.
    pub(super) start: Timestamp,
}

impl Home {
    /// The release in a directory: a kept rehearsal if it is one, else the user's files with a real run beside them.
    pub(super) fn find(directory: &Path) -> Home {
        if directory.join(REHEARSAL).is_file() {
            return Home::rehearsal(directory);
        }
        Home { files: directory.to_owned(), folder: Folder::at(directory.join(FOLDER)), kind: Kind::Real }
    }

    /// The rehearsal whose folder this is, or will be.
    pub(super) fn rehearsal(out: &Path) -> Home {
        Home { files: out.join("inputs"), folder: Folder::at(out), kind: Kind::Rehearsal }
    }

    /// Whether a rehearsal's world lies here.
    pub(super) fn is_known(&self) -> bool {
        self.folder.root().join(REHEARSAL).is_file()
    }

    /// Makes the folder. What it holds is under embargo: only its owner may read it, and git shall not see it.
    pub(super) fn create(&self) -> Result<(), Problem> {
        let made = || -> io::Result<()> {
            self.folder.create()?;
            match self.kind {
                Kind::Real => std::fs::write(self.folder.root().join(".gitignore"), "*\n"),
                Kind::Rehearsal => Ok(()),
            }
        };
        made().map_err(|error| io_problem("make the folder of the run", self.folder.root(), &error))
    }

    /// Whether a run was started here.
    pub(super) fn is_started(&self) -> bool {
        Journal::exists(&self.folder.journal())
    }

    /// Takes the lock in the name of this process.
    pub(super) fn lock(&self) -> Result<Lock, Problem> {
        let owner = format!("{}, process {}, since {:.0}", operator(), std::process::id(), Timestamp::now());
        Ok(Lock::take(&self.folder.lock(), &owner)?)
    }

    /// Opens the run that was started here.
    pub(super) fn open(&self) -> Result<Opened, Problem> {
        let journal = Journal::open(&self.folder.journal())?;
        let plan = journal.plan()?;
        let events = journal.events()?;
        let state = State::fold(&events);
        Ok(Opened { journal, plan, events, state, home: self.clone() })
    }

    /// The user's files are what the run was planned from, or the run is refused: nothing is guessed (EN-04).
    pub(super) fn check_unchanged(&self, plan: &Plan) -> Result<(), Problem> {
        let files = InputFiles::load(&self.files)?;
        if *files.inputs() == plan.inputs {
            return Ok(());
        }
        let mut changed = Vec::new();
        if files.inputs().catalog != plan.inputs.catalog {
            changed.push("the catalog");
        }
        if files.inputs().release != plan.inputs.release {
            changed.push("the release file");
        }
        if files.inputs().workflow != plan.inputs.workflow {
            changed.push("the workflow");
        }
        if files.inputs().patches != plan.inputs.patches {
            changed.push("a patch file");
        }
        if files.inputs().templates != plan.inputs.templates {
            changed.push("a mail template");
        }
        Err(Problem::input(
            format!(
                "{} in `{}` changed since the run was started from plan {}",
                changed.join(" and "),
                files.directory().display(),
                plan.digest()?.short()
            ),
            "put it back to go on with this run; or `lockgate abort`, move the folder `.lockgate` away, and \
             `lockgate run` a new one",
        ))
    }

    /// What the rehearsal here must know.
    pub(super) fn memory(&self) -> Result<Rehearsal, Problem> {
        let path = self.folder.root().join(REHEARSAL);
        let text = std::fs::read_to_string(&path).map_err(|error| io_problem("read", &path, &error))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Notes what the rehearsal here must know. From then on its folder counts as one, so this comes last.
    pub(super) fn remember(&self, rehearsal: &Rehearsal) -> Result<(), Problem> {
        let path = self.folder.root().join(REHEARSAL);
        let beside = path.with_extension("making");
        let written = std::fs::write(&beside, serde_json::to_string_pretty(rehearsal)? + "\n")
            .and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(|error| io_problem("write", &path, &error))
    }
}

/// A run that was started, as its journal has it.
pub(super) struct Opened {
    /// The journal.
    pub(super) journal: Journal,
    /// The plan.
    pub(super) plan: Plan,
    /// The facts.
    pub(super) events: Vec<StampedEvent>,
    /// Where it stands.
    pub(super) state: State,
    home: Home,
}

impl Opened {
    /// A command that goes on from here, as it must be typed: steps do not know in which directory the user stands.
    pub(super) fn command(&self, command: &str) -> String {
        let directory = match self.home.kind {
            Kind::Real => &self.home.files,
            Kind::Rehearsal => self.home.folder.root(),
        };
        in_directory(command, directory)
    }

    /// Writes what a person did. In a rehearsal it happens at the hour of the last event: time stands still there.
    pub(super) fn record(&mut self, record: Event) -> Result<(), Problem> {
        let at = match self.home.kind {
            Kind::Real => Timestamp::now(),
            Kind::Rehearsal => self.events.last().map_or_else(Timestamp::now, |last| last.at),
        };
        let stamped = self.journal.append(at, record)?;
        self.state.apply(&stamped);
        self.events.push(stamped);
        Ok(())
    }
}

/// The commands that take the directory as their argument; the others take `--dir`.
const DIRECTORY_IS_ARGUMENT: [&str; 4] = ["resume", "abort", "status", "log"];
/// The commands that are printed and need to know the directory.
const COMMANDS: [&str; 8] = ["resume", "abort", "status", "log", "approve", "confirm", "waive", "resolve"];

/// Adds the directory to the commands of ours in a text, unless it is the one in which the user stands.
fn in_directory(text: &str, directory: &Path) -> String {
    if directory == Path::new(".") {
        return text.to_owned();
    }
    let directory = quoted(directory);
    // A text that is a command and no more is read from left to right: what differs stands first.
    let alone = text.starts_with("lockgate ") && !text.contains(['`', ',']);
    let mut parts = text.split("lockgate ");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let word: String = part.chars().take_while(char::is_ascii_lowercase).collect();
        whole += "lockgate ";
        if !COMMANDS.contains(&word.as_str()) {
            whole += part;
        } else if DIRECTORY_IS_ARGUMENT.contains(&word.as_str()) {
            whole += &format!("{word} {directory}{}", &part[word.len()..]);
        } else if alone {
            whole += &format!("{part} --dir {directory}");
        } else {
            whole += &format!("{word} --dir {directory}{}", &part[word.len()..]);
        }
    }
    whole
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+@:,=".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A failure of the disk.
pub(super) fn io_problem(what: &str, path: &Path, error: &io::Error) -> Problem {
    let text = io::Error::new(error.kind(), format!("failed to {what} `{}`: {error}", path.display()));
    Problem::outside(&text).hinted("check the disk and the permissions")
}

/// Who sits here: `user@host`.
pub(super) fn operator() -> String {
    let user =
        std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "someone".into());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .or_else(|_| std::env::var("HOSTNAME"))
        .unwrap_or_else(|_| "localhost".into());
    format!("{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bp_17_printed_commands_work_from_where_the_user_stands() {
        let here = Path::new(".");
        assert_eq!(in_directory("lockgate resume", here), "lockgate resume");
        let out = Path::new("OUT");
        assert_eq!(in_directory("lockgate resume", out), "lockgate resume OUT");
        assert_eq!(
            in_directory("lockgate approve ready --as NAME", out),
            "lockgate approve ready --as NAME --dir OUT"
        );
        assert_eq!(in_directory("or push the resolved branch", out), "or push the resolved branch");
        assert_eq!(
            in_directory("mend it, then `lockgate resume`", out),
            "mend it, then `lockgate resume OUT`"
        );
        assert_eq!(
            in_directory("to go on without: lockgate waive prove/x --as NAME", out),
            "to go on without: lockgate waive --dir OUT prove/x --as NAME"
        );
        assert_eq!(in_directory("lockgate abort --as NAME", out), "lockgate abort OUT --as NAME");
        assert_eq!(
            in_directory("a branch that lockgate did not make", out),
            "a branch that lockgate did not make"
        );
        assert_eq!(in_directory("lockgate resume", Path::new("my release")), "lockgate resume 'my release'");
    }

    #[test]
    fn kept_rehearsal_is_known_by_what_lies_in_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Home::find(folder.path()).kind, Kind::Real);
        let home = Home::rehearsal(folder.path());
        let start = "2026-03-02T09:00:00Z".parse().unwrap();
        home.remember(&Rehearsal { token: "t".into(), start }).unwrap();
        assert_eq!(Home::find(folder.path()).kind, Kind::Rehearsal);
        assert_eq!(home.memory().unwrap().start, start);
    }
}
