//! Laying out a world from its specification.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;

use super::advisories::add_advisory;
use super::people::add_user;
use super::repositories::add_initial;
use crate::clock::Clock;
use crate::emulator::ci;
use crate::emulator::faults::FaultRule;
use crate::emulator::model::StoredPackage;
use crate::emulator::spec::WorldSpec;
use crate::emulator::store::DocumentStore;
use crate::emulator::world::{EmulatedWorld, EmulatorError, FACTS, WorldFacts, at};

/// How long before the start everything initial happened.
const BEFORE: SignedDuration = SignedDuration::from_hours(-24);

/// Lays out a new world in `dir`, which must not hold a finished one.
pub(crate) fn create(dir: &Path, spec: &WorldSpec, clock: Clock) -> Result<EmulatedWorld, EmulatorError> {
    let root = EmulatedWorld::git_root(dir);
    fs::create_dir_all(&root).map_err(at(&root))?;
    let dir = &fs::canonicalize(dir).map_err(at(dir))?;
    let file = dir.join("world.db");
    let mut world = EmulatedWorld::load(dir, DocumentStore::open(&file)?, clock)?;
    if world.facts().is_ok() {
        return Err(EmulatorError::specification(format!("`{}` holds a world already", dir.display())));
    }
    // The facts are committed last: without them an earlier attempt was killed, and its repositories go.
    fs::remove_dir_all(&root).map_err(at(&root))?;
    fs::create_dir_all(&root).map_err(at(&root))?;
    world.facts.insert(
        FACTS,
        WorldFacts {
            now: world.now,
            next_id: 1000,
            cve: spec.cve.clone(),
            cves_given: 0,
            private_forks: spec.private_forks.clone(),
            rate_limit: spec.rate_limit,
            record: spec.record,
        },
    );
    world.now = ci::later(spec.start, BEFORE);
    settle_in(&mut world, spec)?;
    world.now = spec.start;
    world.commit()?;
    Ok(world)
}

fn settle_in(world: &mut EmulatedWorld, spec: &WorldSpec) -> Result<(), EmulatorError> {
    for user in &spec.users {
        add_user(world, user)?;
    }
    for repo in &spec.repos {
        add_initial(world, repo)?;
    }
    for advisory in &spec.advisories {
        add_advisory(world, advisory)?;
    }
    for package in &spec.packages {
        let (ecosystem, name) = (package.ecosystem, package.name.clone());
        let key = StoredPackage::key(ecosystem, &name);
        world.packages.insert(key, StoredPackage { ecosystem, name, versions: package.versions.clone() });
    }
    for fault in &spec.faults {
        let fault =
            FaultRule::new(fault.clone()).map_err(|error| EmulatorError::specification(error.to_string()))?;
        let key = format!("{:010}", world.new_id()?);
        world.faults.insert(key, fault);
    }
    Ok(())
}
