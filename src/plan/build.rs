//! From files and a snapshot to a plan.

use super::dependencies::dependency_order;
use super::edges;
use super::error::{PlanError, SharedPackage, SharedTag};
use super::expansion;
use super::graph::Plan;
use super::inputs::Inputs;
use super::merging;
use super::next_release::{line_release, released_elsewhere};
use super::policies;
use super::pushing;
use super::target::{CarriedRelease, LineRelease, StatedBase, Target};
use crate::catalog::{Repo, Trigger};
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::release::Advisory;
use crate::snapshot::{BranchState, Snapshot};

/// Computes the plan.
///
/// # Errors
/// When the snapshot lacks something that the files name, or a line has no rule for its release.
pub fn build(inputs: Inputs, snapshot: Snapshot) -> Result<Plan, PlanError> {
    for advisory in &inputs.release.advisories {
        if !snapshot.advisories.contains_key(&advisory.id) {
            return Err(PlanError::NoAdvisory { advisory: advisory.id.clone(), repo: advisory.repo.clone() });
        }
    }
    let targets = targets(&inputs, &snapshot)?;
    let graph = edges::graph(expansion::steps(&inputs, &targets), &targets);
    Ok(Plan::new(inputs, snapshot, targets, graph))
}

/// The branches that receive something, upstream repositories first.
fn targets(inputs: &Inputs, snapshot: &Snapshot) -> Result<Vec<Target>, PlanError> {
    let mut targets: Vec<Target> = Vec::new();
    for repo in dependency_order(&inputs.catalog)? {
        if !inputs.fixes(&repo.name) {
            continue;
        }
        for branch in repo.branches() {
            if let Some(target) = target(inputs, snapshot, &targets, repo, branch)? {
                merging::check(inputs, snapshot, &target)?;
                pushing::check(inputs, snapshot, &target)?;
                check_tags(&targets, &target)?;
                check_packages(&targets, &target)?;
                targets.push(target);
            }
        }
        policies::settle(inputs, repo, &mut targets)?;
    }
    Ok(targets)
}

/// Refuses a target that would make a tag that another one makes.
fn check_tags(others: &[Target], target: &Target) -> Result<(), PlanError> {
    let Some(release) = &target.release else { return Ok(()) };
    for other in others.iter().filter(|other| other.repo == target.repo) {
        let mut made = other.release.iter().flat_map(LineRelease::tags);
        if let Some(tag) = made.find(|tag| release.tags().any(|own| own == *tag)) {
            let (repo, branch) = (target.repo.clone(), target.branch.clone());
            let (other, tag) = (other.branch.clone(), tag.clone());
            return Err(PlanError::SameTag(Box::new(SharedTag { repo, branch, other, tag })));
        }
    }
    Ok(())
}

/// Refuses a target that would publish a version of a package that another one publishes: a registry takes it once.
fn check_packages(others: &[Target], target: &Target) -> Result<(), PlanError> {
    let own = target.release.iter().flat_map(|release| &release.packages);
    for package in own {
        let mut others = others.iter().filter(|other| other.repo == target.repo);
        let is_same = |other: &&Target| {
            let theirs = other.release.as_ref().and_then(|release| release.package(&package.name));
            theirs.is_some_and(|theirs| theirs.to == package.to)
        };
        if let Some(other) = others.find(is_same) {
            return Err(PlanError::SamePackage(Box::new(SharedPackage {
                repo: target.repo.clone(),
                branch: target.branch.clone(),
                other: other.branch.clone(),
                package: package.name.clone(),
                version: package.to.clone(),
            })));
        }
    }
    Ok(())
}

/// What this branch receives; `None` if nothing.
fn target(
    inputs: &Inputs,
    snapshot: &Snapshot,
    upstream: &[Target],
    repo: &Repo,
    branch: &BranchName,
) -> Result<Option<Target>, PlanError> {
    let advisories: Vec<GhsaId> = inputs
        .release
        .advisories
        .iter()
        .filter(|advisory| concerns(advisory, &repo.name, branch))
        .filter(|_| inputs.release.later(&repo.name, branch).is_none())
        .map(|advisory| advisory.id.clone())
        .collect();
    let carries = carries(upstream, repo, branch);
    if advisories.is_empty() && carries.is_empty() {
        return Ok(None);
    }
    let seen = snapshot.repos.get(&repo.name).ok_or_else(|| PlanError::NoRepository(repo.name.clone()))?;
    let state = seen
        .branches
        .get(branch)
        .ok_or_else(|| PlanError::NoBranch { repo: repo.name.clone(), branch: branch.clone() })?;
    let released = inputs.releases_from(repo, branch);
    let release = released.then(|| line_release(inputs, repo, branch, seen)).transpose()?;
    let elsewhere = if released { None } else { released_elsewhere(inputs, repo, branch)? };
    if let Some(release) = &release {
        check_assets(inputs, repo, release)?;
    }
    let named = || inputs.release.line(&repo.name, branch).and_then(|line| line.base.clone());
    let begins_at = named().filter(|_| state.is_new);
    let stated = released.then(|| stated_base(inputs, repo, state, branch, &carries)).transpose()?.flatten();
    Ok(Some(Target {
        repo: repo.name.clone(),
        branch: branch.clone(),
        base: stated.as_ref().and(state.base.clone()).unwrap_or_else(|| state.head.clone()),
        stated_base: stated,
        begins_at,
        merged_from: None,
        comes_last: false,
        bump_first: false,
        advisories,
        release,
        released_elsewhere: elsewhere,
        carries,
    }))
}

/// The base that the release file states for a branch. Only a tag that Lockgate pushes can be somewhere beside its branch.
fn stated_base(
    inputs: &Inputs,
    repo: &Repo,
    state: &BranchState,
    branch: &BranchName,
    carries: &[CarriedRelease],
) -> Result<Option<StatedBase>, PlanError> {
    let line = inputs.release.line(&repo.name, branch).filter(|_| !state.is_new);
    let Some(name) = line.and_then(|line| line.base.clone()) else { return Ok(None) };
    let pushes = inputs.release_rule(repo).is_some_and(|rule| rule.trigger == Trigger::PushTag);
    let because = match carries {
        _ if !pushes => {
            "its releases are started on the branch; a tag elsewhere is made with `trigger = \"push-tag\"`"
        }
        [_, ..] => "its bump carries the release of another repository, and follows that release",
        _ if repo.merges_up() => {
            "fixes are merged upwards, and what is merged into the next line is the head of this one"
        }
        _ if repo.is_bumped_first() => {
            "its bump comes before its fixes, and has to stand on the head of its line"
        }
        [] => return Ok(Some(StatedBase { name, head: state.head.clone() })),
    };
    let (repo, branch) = (repo.name.clone(), branch.clone());
    Err(PlanError::WrongBase { repo, branch, base: name, because: because.to_owned() })
}

/// The largest file that GitHub takes, in bytes.
const LARGEST: u64 = 2 << 30;

/// The files of a release that Lockgate makes are there, and are such as GitHub takes: it is too late on the day.
fn check_assets(inputs: &Inputs, repo: &Repo, release: &LineRelease) -> Result<(), PlanError> {
    let Some(rule) = inputs.release_rule(repo) else { return Ok(()) };
    let Some(made) = rule.made_release() else { return Ok(()) };
    for (asset, name) in rule.assets.iter().zip(rule.assets_of(&release.to)) {
        let path = made.path_of(&name);
        let because = match inputs.assets.get(&path) {
            None => format!("there is no file `{path}` beside the release file"),
            Some(file) if file.size == 0 => format!("`{path}` is empty, which GitHub refuses"),
            Some(file) if file.size >= LARGEST => {
                format!("`{path}` is larger than the 2 GiB that GitHub takes")
            }
            Some(_) => continue,
        };
        return Err(PlanError::WrongAsset { repo: repo.name.clone(), asset: asset.clone(), because });
    }
    Ok(())
}

fn concerns(advisory: &Advisory, repo: &RepoName, branch: &BranchName) -> bool {
    advisory.fix_in(repo).is_some_and(|fix| fix.is_for(branch))
}

/// The versions of other repositories, released here and now, that this line carries.
fn carries(upstream: &[Target], repo: &Repo, branch: &BranchName) -> Vec<CarriedRelease> {
    let released = |on: &RepoName, line: &BranchName| {
        let target = upstream.iter().find(|target| target.is(on, line))?;
        Some(CarriedRelease {
            repo: on.clone(),
            branch: line.clone(),
            version: target.release.as_ref()?.to.clone(),
        })
    };
    repo.depends
        .iter()
        .filter_map(|dependency| released(&dependency.on, dependency.lines.get(branch)?))
        .collect()
}
