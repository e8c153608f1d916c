//! Whether a repository and its private side are what the catalog takes them for, before anything is written to either.

use crate::catalog::{PrivateSide, PublishFrom, Repo};
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
    /// The branches of public pull requests cannot come from there.
    #[error("the public pull requests of `{repo}` cannot come from `{fork}`: {why}")]
    Fork {
        /// The repository.
        repo: RepoName,
        /// Where its branches are to live.
        fork: RepoName,
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
    if let (PublishFrom::Fork(fork), Some(seen)) = (&repo.publish_from, &seen) {
        check_fork(world, seen, fork).await?;
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

/// What would be found out after the gates, when the fixes are to be public: that there is no such fork, that GitHub opens no pull
/// requests from it, or that not everybody reads what is pushed to it.
async fn check_fork(world: &World, repo: &Repository, fork: &RepoName) -> Result<(), PlaceError> {
    let wrong = |why: String| PlaceError::Fork { repo: repo.name.clone(), fork: fork.clone(), why };
    let found = world.github.repository(fork).await?;
    let found = found.ok_or_else(|| wrong("it is not there, or this token does not see it".to_owned()))?;
    if check_name(fork, &found).is_err() {
        return Err(wrong(format!("it is called `{}` now", found.name)));
    }
    if found.name == repo.name {
        return Ok(());
    }
    if found.visibility != repo.visibility {
        return Err(wrong(
            "other people read it than read the repository, where its name and branches would stand"
                .to_owned(),
        ));
    }
    if !found.is_related_to(repo) {
        return Err(wrong(format!("it is no fork of `{}`, and GitHub takes none from elsewhere", repo.name)));
    }
    if found.archived {
        return Err(wrong("it is archived".to_owned()));
    }
    Ok(())
}

fn check_name(repo: &RepoName, found: &Repository) -> Result<(), PlaceError> {
    if found.name.as_str().eq_ignore_ascii_case(repo.as_str()) {
        return Ok(());
    }
    Err(PlaceError::Renamed { repo: repo.clone(), now: found.name.clone() })
}
