//! Opening a world again, also after SIGKILL: what was half done becomes done or never begun.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use super::{EmulatedWorld, EmulatorError, FACTS, WorldFacts, at};
use crate::clock::Clock;
use crate::emulator::store::{DocumentStore, Table};
use crate::ids::{Login, RepoName};

impl EmulatedWorld {
    /// Opens the world in `dir`; `clock` makes its clock from the last saved hour.
    pub(crate) fn open(
        dir: &Path,
        clock: impl FnOnce(Timestamp) -> Clock,
    ) -> Result<EmulatedWorld, EmulatorError> {
        let file = dir.join("world.db");
        if !file.is_file() {
            return Err(EmulatorError::NoWorld { dir: dir.to_owned() });
        }
        let dir = &fs::canonicalize(dir).map_err(at(dir))?;
        let store = DocumentStore::open(&file)?;
        let facts: Table<WorldFacts> = store.table("facts")?;
        let saved = facts.get(FACTS).ok_or_else(|| EmulatorError::NoWorld { dir: dir.clone() })?.now;
        let mut world = EmulatedWorld::load(dir, store, clock(saved))?;
        world.sweep()?;
        world.settle()?;
        world.begin()?;
        world.catch_up()?;
        world.commit()?;
        Ok(world)
    }

    /// Removes directories that the model does not know: forks half made or half deleted.
    fn sweep(&self) -> Result<(), EmulatorError> {
        let root = EmulatedWorld::git_root(&self.dir);
        for owner in fs::read_dir(&root).map_err(at(&root))? {
            let owner = owner.map_err(at(&root))?.path();
            for entry in fs::read_dir(&owner).map_err(at(&owner))? {
                let path = entry.map_err(at(&owner))?.path();
                let known = self.repositories.values().any(|repository| self.path(&repository.name) == path);
                if !known {
                    fs::remove_dir_all(&path).map_err(at(&path))?;
                }
            }
        }
        Ok(())
    }

    /// A base branch that moved makes its pull request merged; one that did not leaves it open.
    fn settle(&mut self) -> Result<(), EmulatorError> {
        let begun: Vec<String> = self
            .pulls
            .iter()
            .filter(|(_, pull)| pull.merging.is_some())
            .map(|(key, _)| key.clone())
            .collect();
        begun.iter().try_for_each(|key| self.settle_merge(key))
    }

    /// Reacts to pushes that arrived and were not yet noticed.
    fn catch_up(&mut self) -> Result<(), EmulatorError> {
        let names: Vec<RepoName> = self.repositories.values().map(|one| one.name.clone()).collect();
        for name in names {
            if let Ok(owner) = name.owner().parse::<Login>() {
                self.observe(&name, &owner)?;
            }
        }
        Ok(())
    }
}
