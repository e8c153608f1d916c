//! Why a telling fails, with the file and the entry.

use std::path::PathBuf;

use super::mirror::MirrorError;
use crate::ids::{BranchName, RepoName};

/// Why a told history did not become a repository.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file could not be read.
    #[error("failed to read the told history `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not a told history.
    #[error("`{}` is not a told history: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        source: Box<toml::de::Error>,
    },
    /// It begins with a history that begins with it.
    #[error("`{}` begins with itself", path.display())]
    Circular {
        /// The file.
        path: PathBuf,
    },
    /// One entry cannot be carried out.
    #[error("`{}`, commit {number} (`{subject}`): {source}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The position of the entry, from 1.
        number: usize,
        /// The first line of its message.
        subject: String,
        /// What is wrong with it.
        source: Box<EntryError>,
    },
    /// A source of a world is not there.
    #[error("there is no repository at `{}` for `{repo}`", path.display())]
    NoRepository {
        /// The repository of the world.
        repo: RepoName,
        /// Where it was looked for.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A mirror could not be copied.
    #[error("the mirror `{}` cannot be used", path.display())]
    Mirror {
        /// The mirror.
        path: PathBuf,
        /// The cause.
        source: Box<MirrorError>,
    },
    /// The finished repository could not be put in its place.
    #[error("failed to put a repository at `{}`", path.display())]
    Place {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The repository could not be made, or is there already.
    #[error("failed to make the repository `{}`", path.display())]
    Make {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: git2::Error,
    },
}

impl HistoryError {
    /// Whether there is no `git` program to read a mirror with; the mirror is not to blame then.
    #[must_use]
    pub fn is_without_git(&self) -> bool {
        let HistoryError::Mirror { source, .. } = self else { return false };
        matches!(&**source, MirrorError::Git(failure) if failure.is_missing())
    }
}

/// Why one entry of a told history cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// `from` names what is not there yet.
    #[error("there is no branch or tag `{0}` to start from yet")]
    NoSuchStart(BranchName),
    /// The branch has no commit, and nothing says where it starts.
    #[error("the branch `{0}` has no commit yet; `from` must say which branch it starts from")]
    NoStart(BranchName),
    /// `from` is given for a branch that exists.
    #[error("the branch `{0}` exists already; `from` is only for its first commit")]
    Started(BranchName),
    /// The tree is the same as before.
    #[error("nothing changes")]
    NothingChanges,
    /// A path of `delete` or `executable` is not in the tree.
    #[error("`{0}` is not in the tree")]
    NoSuchPath(String),
    /// A file of the telling could not be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A directory of files holds something that is neither a file nor a directory, or has no name in UTF-8.
    #[error("`{}` is not a plain file with a readable name", .0.display())]
    NotPlain(PathBuf),
    /// The patch does not apply.
    #[error("`{}` does not apply: {source}", path.display())]
    Patch {
        /// The patch.
        path: PathBuf,
        /// The cause.
        source: git2::Error,
    },
    /// Git refused the commit, the branch or the tag.
    #[error("git refused: {0}")]
    Git(#[from] git2::Error),
}
