//! Why release notes could not be written.

use crate::version::error::VersionError;

/// Why release notes could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotesError {
    /// There is no such file, and the rule does not say to make one.
    #[error("`{file}` is not in the tree; set `missing = \"create\"` for branches without release notes")]
    Missing {
        /// The file.
        file: String,
    },
    /// The heading has no `{version}`.
    #[error("the heading of releases in `{file}` holds no `{{version}}`")]
    Heading {
        /// The file.
        file: String,
    },
    /// A placeholder of the rule has no value in this release.
    #[error("release notes in `{file}` want `{{{placeholder}}}`, but {subject} has none")]
    NoValue {
        /// The file.
        file: String,
        /// The placeholder.
        placeholder: &'static str,
        /// Which advisory or release.
        subject: String,
    },
    /// Where a section belongs is not certain.
    #[error("cannot tell where the section of {version} belongs in `{file}`: {why}")]
    Place {
        /// The file.
        file: String,
        /// The release.
        version: String,
        /// What speaks against each place, and what settles it.
        why: String,
    },
    /// A file that was to be made is there, and says something else.
    #[error("`{file}` is there already and does not name {subject}; remove it, or put the note in by hand")]
    Taken {
        /// The file.
        file: String,
        /// The advisory.
        subject: String,
    },
    /// A fragment of a type that the catalog gives no section.
    #[error("`{file}` is a fragment of the type `{kind}`, which has no section in the `types` of `collect`")]
    Fragment {
        /// The fragment.
        file: String,
        /// Its type.
        kind: String,
    },
    /// The form of dates is none.
    #[error("`date-format` of the release notes in `{file}` is no form of a date: {message}")]
    DateFormat {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// The file cannot be read or written as it is.
    #[error(transparent)]
    File(#[from] Box<VersionError>),
}

impl From<VersionError> for NotesError {
    fn from(error: VersionError) -> NotesError {
        NotesError::File(Box::new(error))
    }
}
