//! Which world a rehearsal is in: the one that `world.toml` describes, or one made of mirrors.

use std::path::Path;

use super::derived;
use super::error::RehearsalError;
use super::mirrors::Mirrors;
use crate::emulator::spec::WorldSpec;
use crate::ids::{Login, RepoName};
use crate::input::{InputError, Source};
use crate::planning::InputFiles;

/// The description of a world, beside the user's files.
pub(super) const WORLD_FILE: &str = "world.toml";

/// The world that is wanted, before its repositories are found.
pub(super) fn specification(files: &InputFiles, mirrors: &Mirrors) -> Result<WorldSpec, RehearsalError> {
    let path = files.directory().join(WORLD_FILE);
    if path.is_file() {
        return described(&path, mirrors);
    }
    if mirrors.is_empty() {
        return Err(RehearsalError::NothingToRehearseIn { directory: files.directory().to_owned() });
    }
    derived::world(files.inputs(), mirrors)
}

/// The world of a `world.toml`.
pub(super) fn described(path: &Path, mirrors: &Mirrors) -> Result<WorldSpec, RehearsalError> {
    let spec = read(path)?;
    mirrors.check_used(&repositories(&spec))?;
    Ok(spec)
}

/// Every mirror is of a repository that this release knows.
///
/// # Errors
/// With one that it does not know.
pub fn check_mirrors(files: &InputFiles, mirrors: &Mirrors) -> Result<(), RehearsalError> {
    let path = files.directory().join(WORLD_FILE);
    if path.is_file() {
        return described(&path, mirrors).map(drop);
    }
    Ok(mirrors.check_used(&derived::repositories(files.inputs()))?)
}

pub(super) fn read(path: &Path) -> Result<WorldSpec, InputError> {
    Source::read(path, "world")?.parse()
}

/// What a `world.toml` may hold.
#[must_use]
pub fn world_schema() -> schemars::Schema {
    schemars::schema_for!(WorldSpec)
}

/// The repositories that may have a mirror: public ones, private ones and the forks of advisories.
fn repositories(spec: &WorldSpec) -> Vec<RepoName> {
    let own = spec.repos.iter().map(|repo| repo.name.clone());
    let forks = spec.advisories.iter().filter(|advisory| advisory.fork.is_some());
    own.chain(forks.map(|advisory| advisory.repo.private_fork(&advisory.ghsa))).collect()
}

/// The token of the incident manager, who lives in this world.
pub(super) fn token_of(spec: &WorldSpec, manager: &Login) -> Result<String, RehearsalError> {
    let user = spec.users.iter().find(|user| user.login == *manager);
    user.map(|user| user.token.clone()).ok_or_else(|| RehearsalError::UnknownManager(manager.clone()))
}
