//! The whole world, repository by repository and advisory by advisory.

use jiff::SignedDuration;

use super::making::Making;
use super::people::people;
use super::private::{advisory, private_repository};
use super::public::{fork, public_repository};
use crate::catalog::{PrivateSide, PublishFrom};
use crate::emulator::spec::WorldSpec;
use crate::ids::RepoName;
use crate::plan::Inputs;
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::mirrors::Mirrors;

/// How long before its disclosure a release is rehearsed.
const BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The world in which these inputs are rehearsed.
pub(in crate::rehearsal) fn world(inputs: &Inputs, mirrors: &Mirrors) -> Result<WorldSpec, RehearsalError> {
    mirrors.check_used(&repositories(inputs))?;
    let mut world = WorldSpec::empty(inputs.release.disclosure.checked_sub(BEFORE)?);
    world.users = people(inputs);
    let making = Making { inputs, mirrors };
    for repo in &inputs.catalog.repos {
        let is_fixed = inputs.repos().any(|fixed| fixed.name == repo.name);
        if is_fixed || mirrors.of(&repo.name).is_some() {
            let (public, packages) = public_repository(making, repo)?;
            world.repos.push(public);
            world.packages.extend(packages);
            if let PublishFrom::Fork(name) = &repo.publish_from {
                world.repos.push(fork(name, repo));
            }
            if let PrivateSide::Repository(name) = &repo.private {
                world.repos.push(private_repository(making, repo, name)?);
            }
        }
    }
    for reported in &inputs.release.advisories {
        world.advisories.push(advisory(making, reported)?);
    }
    Ok(world)
}

/// The repositories that may have a mirror: those of the catalog, their private sides and the forks of advisories.
pub(in crate::rehearsal) fn repositories(inputs: &Inputs) -> Vec<RepoName> {
    let mut names: Vec<RepoName> = inputs.catalog.repos.iter().map(|repo| repo.name.clone()).collect();
    names.extend(inputs.catalog.repos.iter().filter_map(|repo| match &repo.private {
        PrivateSide::Repository(name) => Some(name.clone()),
        PrivateSide::AdvisoryFork => None,
    }));
    names.extend(inputs.release.advisories.iter().filter_map(|advisory| inputs.advisory_fork(advisory)));
    names
}
