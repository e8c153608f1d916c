//! What happens by itself when its time has come. Each effect may be applied twice with the result of once.

use std::collections::BTreeMap;

use git2::Oid;

use super::checks::reviewed;
use super::queue;
use crate::emulator::git::{object, read_ref, set_ref};
use crate::emulator::model::{
    CveProgress, DueEffect, MakeLatest, ReleaseState, Review, Scheduled, StoredAsset, StoredPackage,
    StoredPull, StoredRelease, StoredRun,
};
use crate::emulator::spec::{RegistryKind, ScriptedOutcome, StoredAdvisoryState};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// Lets it happen.
pub(crate) fn happen(world: &mut EmulatedWorld, scheduled: &Scheduled) -> Result<(), EmulatorError> {
    if let DueEffect::Tag { repo, .. } | DueEffect::Release { repo, .. } | DueEffect::Asset { repo, .. } =
        &scheduled.effect
        && world.repositories.get(repo.as_str()).is_none()
    {
        return Ok(());
    }
    match &scheduled.effect {
        DueEffect::OpenFork(ghsa) => world.open_private_fork(ghsa, &BTreeMap::new(), Vec::new()),
        DueEffect::AssignCve(ghsa) => assign_cve(world, ghsa),
        DueEffect::Approve { repo, number, by } => approve(world, repo, *number, by),
        DueEffect::QueueTurn { repo, number, entry } => queue::turn(world, repo, *number, *entry),
        DueEffect::Tag { repo, tag, commit } => {
            let commit = object(commit)?;
            let reference = format!("refs/tags/{tag}");
            let git = world.git(repo)?;
            if read_ref(&git, &reference).is_none() && is_refused(world, repo, &reference)? {
                return fail(world, repo, scheduled.run);
            }
            set_ref(&git, &reference, commit, Some(Oid::ZERO_SHA1))?;
            if read_ref(&git, &reference) == Some(commit) {
                world.remember(repo, &reference, Some(commit));
                return Ok(());
            }
            fail(world, repo, scheduled.run)
        }
        DueEffect::Release { repo, tag, name, target } => {
            if release_of(world, repo, tag).is_some() {
                return Ok(());
            }
            // The tag of an immutable release that was deleted is never given again.
            if world.repository(repo)?.burnt_tags.contains(tag) {
                return fail(world, repo, scheduled.run);
            }
            let owner = actor(world, repo, scheduled.run);
            let release = StoredRelease {
                id: world.new_id()?,
                repo: repo.clone(),
                tag: tag.clone(),
                target: target.clone(),
                name: Some(name.clone()),
                body: None,
                author: owner,
                prerelease: false,
                publication: ReleaseState::Published(world.now),
                immutable: world.repository(repo)?.immutable_releases,
                created_at: world.now,
                updated_at: world.now,
                assets: Vec::new(),
            };
            let id = release.id;
            world.releases.insert(StoredRelease::key(repo, id), release);
            world.label(repo, id, MakeLatest::True)
        }
        DueEffect::Asset { repo, tag, name } => upload(world, repo, tag, name),
        DueEffect::Publish { ecosystem, name, version } => {
            publish(world, *ecosystem, name, version);
            Ok(())
        }
    }
}

/// Somebody who was asked approves what they see.
fn approve(world: &mut EmulatedWorld, repo: &RepoName, number: u64, by: &Login) -> Result<(), EmulatorError> {
    let (id, now) = (world.new_id()?, world.now);
    let Some(pull) = world.pulls.get_mut(&StoredPull::key(repo, number)) else { return Ok(()) };
    let commit = pull.head.clone();
    if pull.reviews.iter().any(|review| review.author == *by && review.commit == commit) {
        return Ok(());
    }
    pull.requested_reviewers.retain(|asked| asked != by);
    let (author, state) = (by.clone(), "APPROVED".to_owned());
    pull.reviews.push(Review { id, author, state, body: String::new(), commit, submitted_at: now });
    let pull = pull.clone();
    reviewed(world, &pull, by)
}

/// The account of workflows, as rulesets may name it among those that bypass them.
const WORKFLOWS: &str = "github-actions";

/// Whether a ruleset keeps workflows from making a reference.
fn is_refused(world: &EmulatedWorld, repo: &RepoName, reference: &str) -> Result<bool, EmulatorError> {
    let workflows: Option<Login> = WORKFLOWS.parse().ok();
    let repository = world.repository(repo)?;
    Ok(workflows.is_some_and(|login| repository.refuses_new(reference, &login).is_some()))
}

/// A tag that is on another commit already, or that nobody may make, breaks the pipeline.
fn fail(world: &mut EmulatedWorld, repo: &RepoName, run: Option<u64>) -> Result<(), EmulatorError> {
    let Some(id) = run else { return Ok(()) };
    world.unschedule(id);
    let now = world.now;
    if let Some(run) = world.runs.get_mut(&StoredRun::key(repo, id)) {
        for job in &mut run.jobs {
            job.outcome = ScriptedOutcome::Failure;
            job.ends_at = Some(now);
        }
    }
    Ok(())
}

fn actor(world: &EmulatedWorld, repo: &RepoName, run: Option<u64>) -> Login {
    let known = run.and_then(|id| world.runs.get(&StoredRun::key(repo, id)));
    match known {
        Some(run) => run.actor.clone(),
        None => world.owner(repo),
    }
}

fn release_of(world: &EmulatedWorld, repo: &RepoName, tag: &str) -> Option<String> {
    let found = world.releases_of(repo).find(|release| release.tag == tag)?;
    Some(StoredRelease::key(repo, found.id))
}

fn upload(world: &mut EmulatedWorld, repo: &RepoName, tag: &str, name: &str) -> Result<(), EmulatorError> {
    let Some(key) = release_of(world, repo, tag) else { return Ok(()) };
    let asset = StoredAsset {
        id: world.new_id()?,
        name: name.to_owned(),
        size: 1024 + name.len() as u64,
        digest: None,
        uploaded_at: world.now,
    };
    if let Some(release) = world.releases.get_mut(&key)
        && !release.assets.iter().any(|known| known.name == asset.name)
    {
        release.updated_at = asset.uploaded_at;
        release.assets.push(asset);
    }
    Ok(())
}

fn publish(world: &mut EmulatedWorld, ecosystem: RegistryKind, name: &str, version: &str) {
    let key = StoredPackage::key(ecosystem, name);
    let known = world.packages.get(&key).map(|package| package.versions.clone()).unwrap_or_default();
    if known.iter().any(|known| known == version) {
        return;
    }
    let versions = known.into_iter().chain([version.to_owned()]).collect();
    world.packages.insert(key, StoredPackage { ecosystem, name: name.to_owned(), versions });
}

fn assign_cve(world: &mut EmulatedWorld, ghsa: &GhsaId) -> Result<(), EmulatorError> {
    let now = world.now;
    let given = world.facts()?.cves_given;
    let listed = world.facts()?.cve.numbers.get(given).cloned();
    let year = now.strftime("%Y").to_string();
    let invented = format!("CVE-{year}-{}", 90_001 + given).parse::<CveId>().ok();
    let Some(advisory) = world.advisories.get_mut(ghsa.as_str()) else { return Ok(()) };
    if advisory.cve_id.is_none() && advisory.state != StoredAdvisoryState::Closed {
        advisory.cve_id = listed.or(invented);
        advisory.cve_request = CveProgress::None;
        advisory.updated_at = now;
        world.facts_mut()?.cves_given += 1;
    }
    Ok(())
}
