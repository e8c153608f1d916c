//! The survey: looks at the world and writes the snapshot that a plan is computed from. Changes nothing outside.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::Repo;
use crate::folder::Folder;
use crate::git::{GitError, Store, TransportError};
use crate::github;
use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::plan::Inputs;
use crate::snapshot::{AdvisoryState, BranchState, RepoState, Snapshot};
use crate::steps::{TreeFiles, public_ref};
use crate::version::{VersionError, Versioning};
use crate::world::World;

/// Why the world could not be surveyed.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// A supported branch does not exist.
    #[error("`{repo}` has no branch `{branch}`, which the catalog calls supported")]
    NoBranch {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// The branches that it has.
        known: Vec<String>,
    },
    /// An advisory does not exist, or this token may not see it.
    #[error("the advisory {advisory} was not found in `{repo}`")]
    NoAdvisory {
        /// The advisory.
        advisory: GhsaId,
        /// Where it should be.
        repo: RepoName,
    },
    /// The version of a line cannot be read.
    #[error("failed to read the version of `{repo}` on `{branch}`")]
    Version {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// Why.
        #[source]
        source: Box<VersionError>,
    },
    /// A git remote failed.
    #[error(transparent)]
    Remote(#[from] TransportError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] GitError),
    /// GitHub failed.
    #[error(transparent)]
    GitHub(#[from] github::GitHubError),
    /// A thread broke off.
    #[error("the survey broke off")]
    Task(#[from] tokio::task::JoinError),
}

/// Looks at every repository and advisory of the release. Branches are fetched into the folder's stores, since
/// versions stand in files.
///
/// # Errors
/// When something that the files name does not exist, or cannot be reached.
pub async fn survey(world: &World, folder: &Folder, inputs: &Inputs) -> Result<Snapshot, SurveyError> {
    let mut repos = BTreeMap::new();
    for repo in inputs.repos() {
        repos.insert(repo.name.clone(), survey_repo(world, folder, inputs, repo).await?);
    }
    let mut advisories = BTreeMap::new();
    for advisory in &inputs.release.advisories {
        let found = world.github.advisory(&advisory.repo, &advisory.id).await?.ok_or_else(|| {
            SurveyError::NoAdvisory { advisory: advisory.id.clone(), repo: advisory.repo.clone() }
        })?;
        let state = AdvisoryState {
            state: found.state.word().to_owned(),
            cve: found.cve.map(|cve| cve.to_string()),
            private_fork: found.private_fork,
        };
        advisories.insert(advisory.id.clone(), state);
    }
    Ok(Snapshot { taken: world.clock.now(), repos, advisories })
}

async fn survey_repo(
    world: &World,
    folder: &Folder,
    inputs: &Inputs,
    repo: &Repo,
) -> Result<RepoState, SurveyError> {
    let refs = world.transport.ls_remote(&repo.name, &["refs/heads/*", "refs/tags/*"]).await?;
    let heads = supported_heads(repo, &refs)?;
    let store = folder.store(&repo.name);
    Store::create(&store)?;
    let refspecs: Vec<String> =
        heads.keys().map(|branch| format!("+{}:{}", branch.full(), public_ref(branch))).collect();
    let wanted: Vec<&str> = refspecs.iter().map(String::as_str).collect();
    world.transport.fetch(&store, &repo.name, &wanted).await?;

    let versioning = inputs.versioning(repo);
    let lines = repo.lines.clone();
    let name = repo.name.clone();
    let branches =
        tokio::task::spawn_blocking(move || read_versions(&store, &name, versioning.as_ref(), &lines, heads))
            .await??;
    let tags = refs
        .iter()
        .filter_map(|(name, commit)| Some((name.strip_prefix("refs/tags/")?.to_owned(), commit.clone())))
        .collect();
    Ok(RepoState { branches, tags })
}

fn supported_heads(
    repo: &Repo,
    refs: &BTreeMap<String, CommitId>,
) -> Result<BTreeMap<BranchName, CommitId>, SurveyError> {
    repo.branches()
        .map(|branch| match refs.get(&branch.full()) {
            Some(head) => Ok((branch.clone(), head.clone())),
            None => Err(SurveyError::NoBranch {
                repo: repo.name.clone(),
                branch: branch.clone(),
                known: refs
                    .keys()
                    .filter_map(|name| name.strip_prefix("refs/heads/"))
                    .map(ToOwned::to_owned)
                    .collect(),
            }),
        })
        .collect()
}

/// Versions are read on the lines alone: a default branch may state a version in any form, and is not released.
fn read_versions(
    store: &Path,
    repo: &RepoName,
    versioning: Option<&Versioning>,
    lines: &[BranchName],
    heads: BTreeMap<BranchName, CommitId>,
) -> Result<BTreeMap<BranchName, BranchState>, SurveyError> {
    let store = Store::open(store)?;
    heads
        .into_iter()
        .map(|(branch, head)| {
            let version = match versioning.filter(|_| lines.contains(&branch)) {
                None => None,
                Some(versioning) => {
                    let files = TreeFiles::of(&store, &head)?;
                    Some(versioning.read(&files).map_err(|source| SurveyError::Version {
                        repo: repo.clone(),
                        branch: branch.clone(),
                        source: Box::new(source),
                    })?)
                }
            };
            Ok((branch, BranchState { head, version }))
        })
        .collect()
}
