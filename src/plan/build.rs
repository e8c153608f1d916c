//! From files and a snapshot to a plan.

use super::dependencies::dependency_order;
use super::expansion;
use super::graph::Plan;
use super::inputs::Inputs;
use super::order;
use super::target::{CarriedRelease, LineRelease, Target};
use crate::catalog::Repo;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::numbering::Version;
use crate::release::Advisory;
use crate::snapshot::{BranchState, Snapshot};

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The snapshot lacks a branch that the catalog calls supported.
    #[error("`{repo}` has no branch `{branch}`")]
    NoBranch {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// The snapshot lacks a repository.
    #[error("the repository `{0}` was not found")]
    NoRepository(RepoName),
    /// The snapshot lacks an advisory.
    #[error("the advisory {advisory} was not found in `{repo}`")]
    NoAdvisory {
        /// The advisory.
        advisory: GhsaId,
        /// Where it should be.
        repo: RepoName,
    },
    /// A line is released, but nothing says how.
    #[error("nothing says how `{repo}` is released: it has no {missing}, and the workflow has none either")]
    NoRule {
        /// The repository.
        repo: RepoName,
        /// `version` or `release`.
        missing: &'static str,
    },
    /// The version of a line could not be read.
    #[error("the version of `{repo}` on `{branch}` is unknown")]
    NoVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// No rule tells which version comes after the present one.
    #[error("`{repo}` states {from} on `{branch}`, and no rule tells which version comes next")]
    NoNextVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// The present version.
        from: Version,
    },
    /// Repositories depend on each other.
    #[error("these repositories wait for each other's release: {}", circle(.0))]
    Cycle(Vec<RepoName>),
}

/// A cycle in words, back to where it began.
fn circle(repos: &[RepoName]) -> String {
    let names: Vec<String> = repos.iter().chain(repos.first()).map(|name| format!("`{name}`")).collect();
    names.join(" -> ")
}

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
    let is_line = *branch != repo.default_branch;
    let release = is_line.then(|| line_release(inputs, repo, branch, state)).transpose()?;
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

fn line_release(
    inputs: &Inputs,
    repo: &Repo,
    branch: &BranchName,
    state: &BranchState,
) -> Result<LineRelease, PlanError> {
    let missing = |missing| PlanError::NoRule { repo: repo.name.clone(), missing };
    inputs.version_rule(repo).ok_or_else(|| missing("version"))?;
    let rule = inputs.release_rule(repo).ok_or_else(|| missing("release"))?;
    let from = state
        .version
        .clone()
        .ok_or_else(|| PlanError::NoVersion { repo: repo.name.clone(), branch: branch.clone() })?;
    let to = from.next_patch().ok_or_else(|| PlanError::NoNextVersion {
        repo: repo.name.clone(),
        branch: branch.clone(),
        from: from.clone(),
    })?;
    Ok(LineRelease { tag: rule.tag_of(&to), from, to })
}
