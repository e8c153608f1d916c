//! Repositories with their releases and pull requests, as they are before the world begins.

use std::collections::BTreeMap;

use super::people::meet;
use super::pulls::add_pull;
use super::sources::taken_over;
use crate::emulator::ci;
use crate::emulator::git::{branches, read_ref, watched_refs};
use crate::emulator::model::{
    AccountKind, MakeLatest, ReleaseState, RepositoryKind, StoredAsset, StoredRelease, StoredRepository,
};
use crate::emulator::spec::{PastRelease, ProtectionSpec, RepoSpec};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};

pub(super) fn add_initial(world: &mut EmulatedWorld, spec: &RepoSpec) -> Result<(), EmulatorError> {
    let owner = world.owner(&spec.name);
    meet(world, &owner, AccountKind::Organization)?;
    for login in spec.collaborators.keys() {
        meet(world, login, AccountKind::User)?;
    }
    if let Some(key) = spec.protection.iter().find_map(ProtectionSpec::misplaced) {
        return Err(EmulatorError::specification(format!(
            "`{key}` of a rule of `{}` needs `kind = \"ruleset\"`: GitHub has it in rulesets only",
            spec.name
        )));
    }
    if let Some((name, key)) = spec.rulesets.iter().find_map(|one| Some((&one.name, one.misplaced()?))) {
        return Err(EmulatorError::specification(format!(
            "`{key}` does not fit the target of the ruleset `{name}` of `{}`: paths are of `push`, the rest of `branch` and \
             `tag`",
            spec.name
        )));
    }
    let mut references = BTreeMap::new();
    let mut lenders = Vec::new();
    if let Some(parent) = &spec.fork_of {
        if world.repositories.get(parent.as_str()).is_none() {
            return Err(EmulatorError::specification(format!(
                "`{}` is a fork of the unknown `{parent}`",
                spec.name
            )));
        }
        references = watched_refs(&*world.git(parent)?)?;
        lenders.push(world.path(parent));
    }
    if let Some(source) = &spec.source {
        references.extend(taken_over(source)?);
        lenders.push(source.path.clone());
    }
    let repository = StoredRepository {
        id: world.new_id()?,
        name: spec.name.clone(),
        formerly: spec.formerly.clone(),
        turns_public: spec.turns_public,
        kind: spec.fork_of.clone().map_or(RepositoryKind::Root, RepositoryKind::Fork),
        default_branch: spec.default_branch.to_string(),
        visibility: spec.visibility,
        collaborators: spec.collaborators.clone(),
        protection: spec.protection.clone(),
        rulesets: spec.rulesets.clone(),
        merge_methods: spec.merge_methods.clone(),
        checks: spec.checks.clone(),
        release: spec.release.clone(),
        latest: None,
        immutable_releases: spec.immutable_releases,
        burnt_tags: spec.burnt_tags.clone(),
        next_number: 1,
        created_at: world.now,
        pushed_at: world.now,
    };
    world.add_repository(repository, &references, &lenders)?;
    check_initial_branches(world, &spec.name, &owner)?;
    let mut marked = None;
    for release in &spec.releases {
        let id = add_past_release(world, &spec.name, release, &owner)?;
        marked = if release.latest { Some(id) } else { marked };
    }
    if let Some(id) = marked {
        world.label(&spec.name, id, MakeLatest::True)?;
    }
    spec.pulls.iter().try_for_each(|pull| add_pull(world, &spec.name, pull))
}

/// The checks of the initial heads ran before the world began.
fn check_initial_branches(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    owner: &Login,
) -> Result<(), EmulatorError> {
    for (branch, tip) in branches(&*world.git(repo)?)? {
        ci::start_checks(world, repo, &ci::Trunk::pushed(&branch, tip), owner)?;
    }
    Ok(())
}

fn add_past_release(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    spec: &PastRelease,
    owner: &Login,
) -> Result<u64, EmulatorError> {
    if read_ref(&*world.git(repo)?, &format!("refs/tags/{}", spec.tag)).is_none() {
        return Err(EmulatorError::specification(format!(
            "the release `{}` of `{repo}` has no tag",
            spec.tag
        )));
    }
    let at = spec.published_at.unwrap_or(world.now);
    let mut assets = Vec::new();
    for name in &spec.assets {
        let (id, name) = (world.new_id()?, name.clone());
        assets.push(StoredAsset { id, name, size: 1024, digest: None, uploaded_at: at });
    }
    let release = StoredRelease {
        id: world.new_id()?,
        repo: repo.clone(),
        tag: spec.tag.clone(),
        target: world.repository(repo)?.default_branch.clone(),
        name: Some(spec.tag.clone()),
        body: None,
        author: owner.clone(),
        prerelease: spec.prerelease,
        publication: ReleaseState::Published(at),
        immutable: false,
        created_at: at,
        updated_at: at,
        assets,
    };
    let id = release.id;
    world.releases.insert(StoredRelease::key(repo, id), release);
    world.label(repo, id, MakeLatest::True)?;
    Ok(id)
}
