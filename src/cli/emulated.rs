//! The stage of a rehearsal: an emulated world in the run's folder, reached by its wire and nothing else.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;
use tokio::net::TcpListener;

use super::derived;
use super::mirrors::Mirrors;
use super::problem::{Problem, io_problem};
use crate::clock::Clock;
use crate::control::{Home, Rehearsal};
use crate::emulator::history::settle;
use crate::emulator::spec::WorldSpec;
use crate::emulator::{Emulator, EmulatorError, Serving};
use crate::folder::Folder;
use crate::git::Store;
use crate::github::Pacing;
use crate::ids::Login;
use crate::input::Source;
use crate::jobs::Runner;
use crate::mail::Mailer;
use crate::planning::InputFiles;
use crate::registry::Registry;
use crate::wording::with_causes;
use crate::world::{Endpoints, World};

/// There while a world is laid out; what stands beside it is ours and may be thrown away.
const UNFINISHED: &str = "unfinished";

/// An emulated world that answers.
pub(super) struct Stage {
    serving: Serving,
    clock: Clock,
    folder: Folder,
    token: String,
}

impl Stage {
    /// Whether a directory is to be planned or rehearsed in an emulated world.
    pub(super) fn is_wanted(directory: &Path, mirrors: &Mirrors) -> bool {
        directory.join("world.toml").is_file() || !mirrors.is_empty()
    }

    /// Lays out a new world in the rehearsal's folder: the one that `world.toml` tells, or one made of mirrors.
    pub(super) async fn create(home: &Home, files: &InputFiles, mirrors: &Mirrors) -> Result<Stage, Problem> {
        let mut spec = specification(files, mirrors)?;
        files.check_disclosure(spec.start)?;
        let token = token_of(&spec, &files.inputs().release.manager)?;
        make_room(home)?;
        copy_files(home, files)?;
        let sources = home.folder.root().join("sources");
        settle(&mut spec, files.directory(), &mirrors.by_repo(), &sources).map_err(|error| {
            Problem::input(with_causes(&error), "give a copy of the repository with --mirror OWNER/REPO=PATH")
        })?;
        let clock = Clock::simulated(spec.start);
        let emulator = Emulator::create(home.folder.root(), &spec, clock.clone()).map_err(no_world)?;
        lend(home, files)?;
        home.remember(&Rehearsal { token: token.clone(), start: spec.start })?;
        let flag = home.folder.root().join(UNFINISHED);
        std::fs::remove_file(&flag).map_err(|error| io_problem("remove", &flag, &error))?;
        Stage::serve(emulator, clock, home.folder.clone(), token).await
    }

    /// Opens the world of a kept rehearsal again, also after it was killed; its clock goes on where it stood.
    pub(super) async fn open(home: &Home) -> Result<Stage, Problem> {
        let Rehearsal { token, start } = home.memory()?;
        let mut clock = Clock::simulated(start);
        let emulator = Emulator::open(home.folder.root(), |now| {
            clock = Clock::simulated(now);
            clock.clone()
        })
        .map_err(no_world)?;
        Stage::serve(emulator, clock, home.folder.clone(), token).await
    }

    async fn serve(
        emulator: Emulator,
        clock: Clock,
        folder: Folder,
        token: String,
    ) -> Result<Stage, Problem> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| Problem::outside(&error).hinted("the rehearsal needs a port on 127.0.0.1"))?;
        let serving = emulator.serve(listener).map_err(no_world)?;
        Ok(Stage { serving, clock, folder, token })
    }

    /// The hour in this world.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Connects to this world as a real run connects to the real one.
    pub(super) async fn connect(&self) -> Result<Arc<World>, Problem> {
        let endpoints = Endpoints {
            api: self.serving.api_base.clone(),
            git: self.serving.git_base.clone(),
            token: SecretString::from(self.token.clone()),
            mailer: Mailer::directory(self.folder.mail(), self.clock.clone()),
            registry: Registry::below(&self.serving.registry_base)
                .map_err(|error| Problem::internal(&error))?,
            pacing: Pacing::unhurried(),
            clock: self.clock.clone(),
            cores: Runner::machine_cores(),
            logs: self.folder.root().join("logs"),
        };
        Ok(Arc::new(super::world::connect(endpoints).await?))
    }

    /// Stops answering. Everything is on disk.
    pub(super) async fn close(self) {
        self.serving.shutdown().await;
    }
}

/// Lets the run's stores read the objects of the world's repositories, which lie on the same disk: a real run fetches
/// a history once and keeps it, a rehearsal begins with nothing every time.
fn lend(home: &Home, files: &InputFiles) -> Result<(), Problem> {
    for repo in files.inputs().repos() {
        let lender = home.folder.root().join("git").join(format!("{}.git", repo.name));
        if lender.is_dir() {
            Store::create_borrowing(&home.folder.store(&repo.name), &lender)
                .map_err(|error| Problem::outside(&error))?;
        }
    }
    Ok(())
}

/// The world that is wanted, before its sources are found.
fn specification(files: &InputFiles, mirrors: &Mirrors) -> Result<WorldSpec, Problem> {
    let path = files.directory().join("world.toml");
    if path.is_file() {
        return Ok(read_world(&path)?);
    }
    if mirrors.is_empty() {
        return Err(Problem::input(
            format!(
                "`{}` has no `world.toml`, so there is nothing to rehearse in",
                files.directory().display()
            ),
            "give your own copies of the repositories with --mirror OWNER/REPO=PATH; `git clone --mirror` makes one",
        ));
    }
    derived::world(files.inputs(), &mirrors.by_repo())
}

/// Reads a `world.toml`.
pub(super) fn read_world(path: &Path) -> Result<WorldSpec, crate::input::InputError> {
    Source::read(path, "world")?.parse()
}

/// The token of a person of the world.
fn token_of(spec: &WorldSpec, login: &Login) -> Result<String, Problem> {
    let user = spec.users.iter().find(|user| user.login == *login);
    user.map(|user| user.token.clone()).ok_or_else(|| {
        Problem::input(
            format!("the incident manager `{login}` is nobody in `world.toml`"),
            "write a `[[users]]` with this login and `admin = true`",
        )
    })
}

/// An empty folder: what a killed attempt left is cleared away, what is not ours is left alone.
fn make_room(home: &Home) -> Result<(), Problem> {
    let root = home.folder.root();
    home.create()?;
    let flag = root.join(UNFINISHED);
    let fail = |error| io_problem("make room in", root, &error);
    if flag.exists() {
        for part in ["git", "sources", "inputs", "store", "mail"] {
            remove(&root.join(part)).map_err(fail)?;
        }
        for part in ["world.db", "world.db-wal", "world.db-shm", "requests.jsonl", "journal.db"] {
            remove(&root.join(part)).map_err(fail)?;
        }
        return Ok(());
    }
    let foreign = std::fs::read_dir(root)
        .map_err(fail)?
        .filter_map(Result::ok)
        .find(|entry| entry.file_name() != "lock");
    if let Some(entry) = foreign {
        return Err(Problem::input(
            format!("`{}` holds `{}` and no rehearsal", root.display(), entry.file_name().display()),
            "give an empty or a new directory",
        ));
    }
    std::fs::write(&flag, "the world is being laid out\n").map_err(fail)
}

fn remove(path: &Path) -> std::io::Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies the user's files, so that the rehearsal can be taken up without them.
fn copy_files(home: &Home, files: &InputFiles) -> Result<(), Problem> {
    for name in files.names() {
        let relative = Path::new(&name);
        let inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside {
            return Err(Problem::input(
                format!("`{name}` lies outside of `{}`", files.directory().display()),
                "a rehearsal keeps copies of all files: put it beside release.toml or below",
            ));
        }
        let (from, to) = (files.directory().join(relative), home.files.join(relative));
        let copied = std::fs::create_dir_all(to.parent().unwrap_or(&home.files))
            .and_then(|()| std::fs::copy(&from, &to));
        copied.map_err(|error| io_problem("copy", &from, &error))?;
    }
    Ok(())
}

/// What the emulator refuses is in its specification; the rest is the machine's.
pub(super) fn no_world(error: EmulatorError) -> Problem {
    match &error {
        EmulatorError::Specification { .. } | EmulatorError::MissingRepository(_) => {
            Problem::input(with_causes(&error), "correct `world.toml`, or the mirrors that were given")
        }
        EmulatorError::NoWorld { .. } => {
            Problem::input(with_causes(&error), "give the directory that was kept with --keep")
        }
        _ => Problem::outside(&error).hinted("check the disk, and that `git` can be run"),
    }
}
