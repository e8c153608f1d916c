//! From files and a snapshot to a plan.

use super::dependencies::dependency_order;
use super::expansion;
use super::graph::Plan;
use super::inputs::Inputs;
use super::next_release::line_release;
use super::order;
use super::target::{CarriedRelease, Target};
use crate::catalog::Repo;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::numbering::Version;
use crate::release::Advisory;
use crate::snapshot::Snapshot;

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
    /// The release file states a version that cannot be.
    #[error("{version} cannot be released from `{branch}` of `{repo}`: {because}")]
    WrongVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// The version that is stated.
        version: String,
        /// Why, as a sentence.
        because: String,
    },
    /// The version that comes next is released already.
    #[error("`{}` states {} on `{}`, so {} would come next, but {}", .0.repo, .0.from, .0.branch, .0.to, .0.found)]
    Taken(Box<TakenVersion>),
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

/// A next version that is released already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenVersion {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The present version.
    pub from: Version,
    /// The next one.
    pub to: Version,
    /// What shows that it is released, as a sentence.
    pub found: String,
    /// The next free one, if a rule tells it.
    pub free: Option<Version>,
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
