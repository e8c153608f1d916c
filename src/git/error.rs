//! What can go wrong with a local repository. A conflict is not among it: a conflict is a result.

use std::path::PathBuf;

use git2::ErrorClass;

use crate::ids::{CommitId, InvalidId};

/// What to do where there is no `git` program.
pub(super) const INSTALL_GIT: &str = "install git 2.39 or later, or put it on PATH";

/// What to do where an object is not here.
const COMPLETE: &str = "`git fetch` brings what is new, `git fetch --unshallow` completes a shallow clone, `git fetch --refetch` \
    a partial one; `git fsck` tells whether it is damaged";

/// Why an operation on a local repository failed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The directory is no repository that libgit2 can read.
    #[error("`{path}` cannot be opened as a git repository")]
    Open {
        /// The directory as it was given.
        path: PathBuf,
        /// What libgit2 says.
        #[source]
        source: git2::Error,
    },
    /// A revision names nothing in this repository.
    #[error("`{revision}` names no commit in `{path}`")]
    UnknownRevision {
        /// The revision as it was given.
        revision: String,
        /// The repository that was asked.
        path: PathBuf,
    },
    /// A revision starts with a dash: it would be an option to a program, and is never one to us.
    #[error("`{0}` looks like an option, not like a revision")]
    LooksLikeOption(String),
    /// Git reads something else in the place of this object.
    #[error(
        "object {id} is replaced by another one (`git replace --list` shows it), which is not followed here"
    )]
    Replaced {
        /// The full id of the replaced object.
        id: String,
    },
    /// A commit is to be a fix, and its tree is that of its parent.
    #[error("commit {} changes nothing, so there is nothing to carry or to look for", id.short())]
    ChangesNothing {
        /// The commit.
        id: CommitId,
    },
    /// An object is not here: the clone is shallow or partial and nobody fetched it.
    #[error(
        "object {id} is missing from this clone: it was not fetched, or the clone is shallow, partial or damaged"
    )]
    Missing {
        /// The full id of the missing object.
        id: String,
    },
    /// A tree object is not what git writes.
    #[error("object {id} is damaged: it is not a tree that git can have written")]
    Malformed {
        /// The full id of the tree.
        id: String,
    },
    /// A reference is not where the caller expected it.
    #[error("`{name}` is at {found}, but {expected} was expected")]
    Moved {
        /// The full reference name.
        name: String,
        /// Where it is: an id, or `nothing`.
        found: String,
        /// Where it was expected: an id, or `nothing`.
        expected: String,
    },
    /// A merge commit was to be picked and nobody said which parent counts.
    #[error("{commit} is a merge of {parents} parents and no mainline was chosen")]
    MainlineNeeded {
        /// The merge.
        commit: String,
        /// How many parents it has.
        parents: usize,
    },
    /// A pull request holds a merge, and the policy is to stop.
    #[error("{commit} is a merge inside the pull request")]
    MergeInSeries {
        /// The merge.
        commit: String,
    },
    /// A mainline was chosen that the commit does not have.
    #[error("{commit} has {parents} parents, so there is no mainline {mainline}")]
    NoSuchMainline {
        /// The commit.
        commit: String,
        /// How many parents it has.
        parents: usize,
        /// The mainline that was asked for, counted from 1.
        mainline: usize,
    },
    /// A path cannot be written in a tree: empty, absolute, with `..`, or through a file.
    #[error("`{0}` is not a path that a tree can hold")]
    BadPath(String),
    /// A checkout would mix with what is there.
    #[error("`{path}` is not empty")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// A patch file is not what `git format-patch` writes, or it does not apply.
    #[error("patch `{patch}` {reason}")]
    Patch {
        /// The patch's subject, or its place in the file.
        patch: String,
        /// What is wrong with it, completing "patch … ".
        reason: String,
    },
    /// A commit or tag could not be signed.
    #[error("nothing was signed: {reason}")]
    Signing {
        /// Why, as a sentence of its own.
        reason: String,
    },
    /// An object id that libgit2 gave or was given is not one.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// There is no `git` program.
    #[error("the `git` program was not found")]
    NoGit,
    /// The `git` program could not be run, or failed.
    #[error("`git {command}` failed: {message}")]
    Program {
        /// Its subcommand.
        command: String,
        /// The last of what it wrote to its error stream.
        message: String,
    },
    /// A file of the repository or of a checkout could not be read or written.
    #[error("`{path}` cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// libgit2 failed in a way that nobody decides on.
    #[error("failed to {action}")]
    Libgit2 {
        /// What was being done, completing "failed to …".
        action: String,
        /// What libgit2 says.
        #[source]
        source: git2::Error,
    },
}

impl GitError {
    /// Whether an object of the repository is there and cannot be read.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, GitError::Libgit2 { source, .. } if is_damage(source))
    }

    /// Whether an object is not here, which may come with a later fetch.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            GitError::Missing { .. } => true,
            GitError::Libgit2 { source, .. } => is_absence(source),
            _ => false,
        }
    }

    /// Whether another git is at work in the same place.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, GitError::Libgit2 { source, .. } if source.code() == git2::ErrorCode::Locked)
    }

    /// What a person can do about it, if there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            GitError::Open { source, .. } if source.code() == git2::ErrorCode::Owner => Some(
                "it belongs to another user, and git does not trust it either: if you do, `git config --global --add \
                    safe.directory PATH` says so",
            ),
            GitError::Open { source, .. } if source.class() == ErrorClass::Config => Some(
                "correct git's configuration, the repository's or your own; `git config --list` reads both",
            ),
            GitError::Open { source, .. } if source.message().contains("refstorage") => Some(
                "it keeps its references as a reftable, which libgit2 cannot read; `git refs migrate --ref-format=files` \
                    changes that, or clone it with `git clone --ref-format=files`",
            ),
            GitError::Open { source, .. } if source.message().contains("object format") => Some(
                "its objects have SHA-256 names, which libgit2 cannot read and GitHub does not take; only SHA-1 \
                    repositories can be used",
            ),
            GitError::NoGit => Some(INSTALL_GIT),
            GitError::Replaced { .. } => Some(
                "remove the replacement with `git replace --delete`, or set `GIT_NO_REPLACE_OBJECTS=1` to go by the \
                    original, as GitHub does",
            ),
            GitError::Open { .. } => {
                Some("give the path of a clone, its top directory, or of a bare repository")
            }
            GitError::UnknownRevision { .. } => {
                Some("fetch it first, check the spelling, or give more digits of the id")
            }
            GitError::ChangesNothing { .. } => Some("name the commits that hold the fix"),
            GitError::LooksLikeOption(_) => Some("give a commit id, a branch or a tag"),
            GitError::Missing { .. } => Some(COMPLETE),
            GitError::Malformed { .. } => Some("`git fsck` lists what is damaged; clone it again"),
            GitError::Moved { .. } => Some("look at what moved it, then plan again"),
            GitError::MainlineNeeded { .. } => Some(
                "name the pull request's own commits instead; `--merges first-parent` takes a merge as what it changed on its branch",
            ),
            GitError::MergeInSeries { .. } => {
                Some("rebase the pull request, or leave merges out if they only update the branch")
            }
            GitError::NoSuchMainline { .. } => Some("1 is the branch that was merged into"),
            GitError::NotEmpty { .. } => Some("give an empty directory, or a new one"),
            GitError::Libgit2 { source, .. } => of_libgit2(source),
            GitError::Signing { .. } => Some(
                "`git commit -S` must work on this machine: see `user.signingKey` and `gpg.format` in `git config --list`",
            ),
            GitError::Patch { .. } => Some("make it with `git format-patch` on the commit it is meant for"),
            _ => None,
        }
    }
}

fn is_damage(error: &git2::Error) -> bool {
    let concerns_objects = matches!(
        error.class(),
        ErrorClass::Zlib | ErrorClass::Odb | ErrorClass::Object | ErrorClass::Tree | ErrorClass::Indexer
    );
    concerns_objects && !is_absence(error)
}

/// Whether an object is not here: nobody brought it yet. A walk through the history says so by its words alone.
pub(super) fn is_absence(error: &git2::Error) -> bool {
    let is_told =
        error.code() == git2::ErrorCode::NotFound || error.message().starts_with("object not found");
    error.class() == ErrorClass::Odb && is_told
}

fn of_libgit2(error: &git2::Error) -> Option<&'static str> {
    if error.code() == git2::ErrorCode::Locked {
        return Some(
            "another git is at work there; wait for it, or remove the `.lock` file that a killed one left",
        );
    }
    match error.class() {
        _ if is_absence(error) => Some(COMPLETE),
        _ if is_damage(error) => Some(
            "the repository is damaged: `git fsck` names what is; clone it again, or fetch into a new clone",
        ),
        ErrorClass::Os | ErrorClass::Filesystem => Some("check the disk and the permissions"),
        _ => None,
    }
}

/// Says what was being done when libgit2 failed.
pub(crate) trait WhileDoing<T> {
    /// Wraps the error with an action that completes "failed to …".
    fn doing(self, action: impl FnOnce() -> String) -> Result<T, GitError>;
}

impl<T> WhileDoing<T> for Result<T, git2::Error> {
    fn doing(self, action: impl FnOnce() -> String) -> Result<T, GitError> {
        self.map_err(|source| GitError::Libgit2 { action: action(), source })
    }
}
