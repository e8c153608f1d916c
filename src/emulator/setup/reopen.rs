//! Opening a world again, also after SIGKILL: what was half done becomes done or never begun.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use super::moved;
use crate::clock::Clock;
use crate::emulator::reactions::{begin, observe};
use crate::emulator::store::{DocumentStore, Table};
use crate::emulator::world::{EmulatedWorld, EmulatorError, FACTS, WorldFacts, at};
use crate::ids::{Login, RepoName};

/// Opens the world in `dir`; `clock` makes its clock from the last saved time.
pub(crate) fn open(
    dir: &Path,
    clock: impl FnOnce(Timestamp) -> Clock,
) -> Result<EmulatedWorld, EmulatorError> {
    let file = dir.join("world.db");
    if !file.is_file() {
        return Err(EmulatorError::NoWorld { dir: dir.to_owned() });
    }
    let dir = &fs::canonicalize(dir).map_err(at(dir))?;
    moved::mend(dir).map_err(at(dir))?;
    let store = DocumentStore::open(&file)?;
    let facts: Table<WorldFacts> = store.table("facts")?;
    let saved = facts.get(FACTS).ok_or_else(|| EmulatorError::NoWorld { dir: dir.clone() })?.now;
    let mut world = EmulatedWorld::load(dir, store, clock(saved))?;
    sweep(&world)?;
    settle(&mut world)?;
    begin(&mut world)?;
    catch_up(&mut world)?;
    world.commit()?;
    Ok(world)
}

/// Removes directories that the model does not know: forks half made or half deleted.
fn sweep(world: &EmulatedWorld) -> Result<(), EmulatorError> {
    let root = EmulatedWorld::git_root(world.dir());
    for owner in fs::read_dir(&root).map_err(at(&root))? {
        let owner = owner.map_err(at(&root))?.path();
        for entry in fs::read_dir(&owner).map_err(at(&owner))? {
            let path = entry.map_err(at(&owner))?.path();
            let known = world.repositories.values().any(|repository| world.path(&repository.name) == path);
            if !known {
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
    }
    Ok(())
}

/// A base branch that moved makes its pull request merged; one that did not leaves it open.
fn settle(world: &mut EmulatedWorld) -> Result<(), EmulatorError> {
    let begun: Vec<String> =
        world.pulls.iter().filter(|(_, pull)| pull.merging.is_some()).map(|(key, _)| key.clone()).collect();
    begun.iter().try_for_each(|key| world.settle_merge(key))
}

/// Reacts to pushes that arrived and were not yet noticed.
fn catch_up(world: &mut EmulatedWorld) -> Result<(), EmulatorError> {
    let names: Vec<RepoName> = world.repositories.values().map(|one| one.name.clone()).collect();
    for name in names {
        if let Ok(owner) = name.owner().parse::<Login>() {
            observe(world, &name, &owner)?;
        }
    }
    Ok(())
}
