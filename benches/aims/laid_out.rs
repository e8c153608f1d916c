//! A made release on disk, ready to be planned and rehearsed by the command itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measured::{Measured, measured};
use crate::release::{catalog, release, world};
use crate::repository::{git, import, output, project};
use crate::shape::Shape;
use crate::table::Failure;

/// A folder with the files of a release, and where its rehearsal is kept.
pub(crate) struct LaidOut {
    folder: tempfile::TempDir,
}

impl LaidOut {
    pub(crate) fn new(shape: &Shape) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        import(&at("public.git"), &project(shape, false))?;
        import(&at("private.git"), &project(shape, true))?;
        let fix = |number: usize| {
            output(git(&at("private.git")).args(["rev-parse", &format!("refs/heads/fix/{number}")]))
        };
        let fixes = (0..shape.advisories).map(fix).collect::<Result<Vec<_>, _>>()?;
        std::fs::write(at("catalog.toml"), catalog(shape))?;
        std::fs::write(at("release.toml"), release(shape, &fixes))?;
        std::fs::write(at("world.toml"), world(shape))?;
        Ok(Self { folder })
    }

    /// Where the rehearsal is kept.
    pub(crate) fn out(&self) -> PathBuf {
        self.path().join("OUT")
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `lockgate`, in the folder of the release.
    pub(crate) fn lockgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.current_dir(self.path()).args(arguments);
        command
    }

    /// The whole release, rehearsed and kept. The suite of each repository is `true`, so that what it costs to build a
    /// project stays out.
    pub(crate) fn rehearse(&self) -> Result<Measured, Failure> {
        measured(&mut self.lockgate(&["rehearse", ".", "--keep", "OUT"]))
    }

    /// Moves the whole, with its rehearsal, to a folder of the same file system that does not exist yet.
    pub(crate) fn keep(self, to: &Path) -> Result<(), Failure> {
        Ok(std::fs::rename(self.folder.keep(), to)?)
    }

    /// How many requests the rehearsal sent to the interface that count towards GitHub's hourly limit: not those of which
    /// nothing had changed.
    pub(crate) fn requests(&self) -> Result<usize, Failure> {
        let requests = std::fs::read_to_string(self.out().join("requests.jsonl"))?;
        Ok(requests.lines().filter(|line| !line.ends_with("\"status\":304}")).count())
    }
}
