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

impl NotesError {
    /// The file whose present text is the reason; `None` where no text would do.
    #[must_use]
    pub fn unfit_file(&self) -> Option<&str> {
        match self {
            NotesError::Missing { file }
            | NotesError::Place { file, .. }
            | NotesError::Taken { file, .. }
            | NotesError::Fragment { file, .. } => Some(file),
            NotesError::File(error) => match error.as_ref() {
                VersionError::Encoding { path, .. } | VersionError::Link { path, .. } => Some(path),
                _ => None,
            },
            NotesError::Heading { .. } | NotesError::NoValue { .. } | NotesError::DateFormat { .. } => None,
        }
    }

    /// The key of the rule for notes that is about it, and what to do.
    #[must_use]
    pub fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            NotesError::NoValue { placeholder: "cve", .. } => (
                "entry",
                "write `cve = \"require\"` for the advisory, and the notes wait for it; or `cve = { given = \"CVE-…\" }`; or \
                 take `{cve}` out of the notes",
            ),
            NotesError::NoValue { placeholder: "severity", .. } => (
                "entry",
                "write `severity` or `cvss` for the advisory, or take `{severity}` out of the notes",
            ),
            NotesError::NoValue { .. } => ("heading", "take the placeholder out of the notes"),
            NotesError::Missing { .. } => ("file", "correct its name, or write `missing = \"create\"`"),
            NotesError::Place { .. } => ("heading", "write `heading`, and `order`, as the file has them"),
            NotesError::Heading { .. } => ("heading", "write `{version}` in it"),
            NotesError::Taken { .. } => ("file", "remove that file from the branch, or name another one"),
            NotesError::Fragment { .. } => ("collect", "give the type a section in `types`"),
            NotesError::DateFormat { .. } => ("date-format", "write it as `strftime` has it: `%d-%b-%Y`"),
            NotesError::File(_) => ("file", "correct that file on its branch, or name another one"),
        }
    }

    /// The letter that the file's encoding cannot hold, if that is the reason.
    #[must_use]
    pub fn letter(&self) -> Option<char> {
        let NotesError::File(error) = self else { return None };
        match error.as_ref() {
            VersionError::Encoding { cause, .. } => Some(cause.character),
            _ => None,
        }
    }
}

impl From<VersionError> for NotesError {
    fn from(error: VersionError) -> NotesError {
        NotesError::File(Box::new(error))
    }
}
