//! Whether a repository and its private side are what the catalog takes them for, before anything is written to either.

use crate::catalog::{PrivateSide, Repo};
use crate::github::{GitHubError, Repository};
use crate::ids::RepoName;
use crate::world::World;

/// A repository or its private side is not what the catalog takes it for.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// A repository has another name now.
    #[error("`{repo}` is called `{now}` now")]
    Renamed {
        /// Its name in the catalog.
        repo: RepoName,
        /// Its name on GitHub.
        now: RepoName,
    },
    /// Fixes would be pushed to where everybody reads them, or to where nobody knows who reads them.
    #[error("`{private}` is to keep the fixes of `{repo}` private, but {why}")]
    PublicSide {
        /// The repository.
        repo: RepoName,
        /// Its private side.
        private: RepoName,
        /// What is wrong with it.
        why: String,
    },
    /// GitHub failed.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
}

/// What is written to a repository by an old name is refused on the day, and what is pushed to a private side that is none
/// is out: both are looked at now. Gives the repository as it was seen.
pub(super) async fn check_place(world: &World, repo: &Repo) -> Result<Option<Repository>, PlaceError> {
    // A repository that is not seen is told of where its branches are read.
    let seen = world.github.repository(&repo.name).await?;
    if let Some(seen) = &seen {
        check_name(&repo.name, seen)?;
    }
    let PrivateSide::Repository(private) = &repo.private else { return Ok(seen) };
    let wrong =
        |why: String| PlaceError::PublicSide { repo: repo.name.clone(), private: private.clone(), why };
    let found = world.github.repository(private).await?;
    let found = found.ok_or_else(|| wrong("this token does not see it".to_owned()))?;
    if let Some(exposed) = found.visibility.exposed() {
        return Err(wrong(format!("it {exposed}")));
    }
    check_name(private, &found)?;
    Ok(seen)
}

fn check_name(repo: &RepoName, found: &Repository) -> Result<(), PlaceError> {
    if found.name.as_str().eq_ignore_ascii_case(repo.as_str()) {
        return Ok(());
    }
    Err(PlaceError::Renamed { repo: repo.clone(), now: found.name.clone() })
}
