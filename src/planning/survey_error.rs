//! Why the world could not be surveyed.

use super::published_package::PackageError;
use super::tag_answers::{TagError, TagFault};
use super::tag_habit::OddForm;
use super::whereabouts::PlaceError;
use crate::git::{GitError, TransportError};
use crate::github;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::registry::RegistryError;
use crate::version::VersionError;

/// Why the world could not be surveyed.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// A branch of the catalog does not exist.
    #[error("`{repo}` has no branch `{branch}`, which the catalog calls {}", if *is_old { "an old line" } else { "supported" })]
    NoBranch {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// Whether it stands among `old-lines`.
        is_old: bool,
        /// The branches that it has.
        known: Vec<String>,
    },
    /// A repository or its private side is not what the catalog takes it for.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The base of a line does not exist.
    #[error("`{repo}` has no tag and no commit `{base}` to release `{branch}` from")]
    NoBase {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// What the release file states.
        base: String,
        /// The tags that it has.
        known: Vec<String>,
    },
    /// A line is called new, and its branch is there.
    #[error("`{repo}` has a branch `{branch}`, which the release file calls new")]
    NotNew {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// An advisory does not exist, or this token may not see it.
    #[error("the advisory {advisory} was not found in `{repo}`")]
    NoAdvisory {
        /// The advisory.
        advisory: GhsaId,
        /// Where it should be.
        repo: RepoName,
    },
    /// GitHub would not publish an advisory when everything else is out.
    #[error(
        "nothing says how severe {0} is, neither the release file nor the advisory itself; GitHub publishes none without"
    )]
    Unrated(GhsaId),
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
    /// A repository is not there for this token, so nothing of its rules can be read.
    #[error("`{0}` was not found on GitHub, or this token does not see it: its rules cannot be read")]
    Unseen(RepoName),
    /// A repository is read-only.
    #[error("`{0}` is archived: nothing can be pushed to it or merged")]
    Archived(RepoName),
    /// The version of a package cannot be read.
    #[error("failed to read the version of the package `{package}` of `{repo}` on `{branch}`")]
    PackageVersion {
        /// The repository.
        repo: RepoName,
        /// The package.
        package: String,
        /// The branch.
        branch: BranchName,
        /// Why.
        #[source]
        source: Box<VersionError>,
    },
    /// A package is not found in its registry.
    #[error("the package `{package}` of `{repo}`")]
    Package {
        /// The repository.
        repo: RepoName,
        /// The package.
        package: String,
        /// Why.
        #[source]
        source: Box<PackageError>,
    },
    /// Commits or tags are to be signed, and nothing can be signed here.
    #[error("commits or tags of `{repo}` are to be signed, and this machine cannot")]
    Signing {
        /// The repository.
        repo: RepoName,
        /// Why.
        source: GitError,
    },
    /// The catalog's form of tags is not the one that the repository has.
    #[error(
        "the tags of `{repo}` are written like `{}`, for which `tag` would make `{}`", form.tag, form.made
    )]
    TagForm {
        /// The repository.
        repo: RepoName,
        /// The two forms.
        form: OddForm,
    },
    /// What the release file says of a tag does not hold.
    #[error(transparent)]
    Tag(#[from] TagFault),
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

impl From<TagError> for SurveyError {
    fn from(error: TagError) -> SurveyError {
        match error {
            TagError::Fault(fault) => SurveyError::Tag(fault),
            TagError::Store(error) => SurveyError::Store(error),
        }
    }
}

impl SurveyError {
    /// What git met, if it is a remote that failed, or git itself.
    #[must_use]
    pub fn by_remote(&self) -> Option<&TransportError> {
        match self {
            SurveyError::Remote(error) => Some(error),
            _ => None,
        }
    }

    /// What a registry of packages met, if it gave no answer.
    #[must_use]
    pub fn by_registry(&self) -> Option<&RegistryError> {
        match self {
            SurveyError::Package { source, .. } => match &**source {
                PackageError::NoAnswer(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }

    /// What GitHub said, if it is GitHub that failed.
    #[must_use]
    pub fn by_github(&self) -> Option<&github::GitHubError> {
        match self {
            SurveyError::GitHub(error) | SurveyError::Place(PlaceError::GitHub(error)) => Some(error),
            _ => None,
        }
    }
}
