//! From files and a snapshot to a plan.

use super::dependencies::dependency_order;
use super::error::PlanError;
use super::expansion;
use super::graph::Plan;
use super::inputs::Inputs;
use super::next_release::line_release;
use super::order;
use super::target::{CarriedRelease, Target};
use crate::catalog::Repo;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::release::Advisory;
use crate::snapshot::Snapshot;

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
    let graph = order::graph(expansion::steps(&inputs, &targets), &targets);
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
                targets.push(target);
            }
        }
    }
    Ok(targets)
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
    Ok(Some(Target {
        repo: repo.name.clone(),
        branch: branch.clone(),
        base: state.head.clone(),
        advisories,
        release,
        carries,
    }))
}

fn concerns(advisory: &Advisory, repo: &RepoName, branch: &BranchName) -> bool {
    advisory.fix_in(repo).is_some_and(|fix| fix.branches.is_empty() || fix.branches.contains(branch))
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
