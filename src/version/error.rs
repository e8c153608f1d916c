//! Why a version could not be read or written: file, line, and what was expected there.

use super::encoding::NotEncodable;
use crate::numbering::Version;
use crate::wording::counted;

/// Why a version could not be read or written. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// A file that the rule names is not in the tree.
    #[error("`{path}` is not in the tree; expected {expected} there")]
    Missing {
        /// The file.
        path: String,
        /// What it should hold, as a noun phrase.
        expected: String,
    },
    /// A symbolic link that leads to no file of the tree.
    #[error("`{path}` is a symbolic link to `{target}`, which is not in the tree")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// The file's encoding cannot hold what was to be written.
    #[error("failed to write `{path}`: {cause}")]
    Encoding {
        /// The file.
        path: String,
        /// The character.
        #[source]
        cause: NotEncodable,
    },
    /// The file is not what its ending says.
    #[error("`{path}` line {line} cannot be parsed as {format}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// `TOML` or `JSON`.
        format: &'static str,
        /// What the parser says.
        message: String,
    },
    /// The file parses, but the version is not where the rule says.
    #[error("`{path}` has no {expected}")]
    Absent {
        /// The file.
        path: String,
        /// What was looked for, as a noun phrase.
        expected: String,
    },
    /// The version stands there more or less often than the catalog says.
    #[error(
        "`{path}` {}, not {}; correct `count` in the version rule, or the file",
        stated_in(lines),
        counted(*wanted, "time")
    )]
    Count {
        /// The file.
        path: String,
        /// How often the catalog says.
        wanted: usize,
        /// The lines at which it was found, from 1.
        lines: Vec<usize>,
    },
    /// The thing was found more than once.
    #[error("`{path}` has {expected} twice, in lines {first} and {second}; cannot tell which one counts")]
    Twice {
        /// The file.
        path: String,
        /// What was looked for.
        expected: String,
        /// The first line.
        first: usize,
        /// The second line.
        second: usize,
    },
    /// What stands there is no version of the project's scheme.
    #[error("`{path}` line {line} holds `{found}`, expected {expected}")]
    Malformed {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What was found.
        found: String,
        /// What was expected, as a noun phrase.
        expected: String,
    },
    /// Two places that must be kept in step are not.
    #[error("`{path}` line {line} says {found}, but {other} says {expected}; bring them in step first")]
    Disagree {
        /// The file that differs.
        path: String,
        /// Its line, from 1.
        line: usize,
        /// What it says.
        found: String,
        /// The place that leads: file, and line where there is one.
        other: String,
        /// What that one says.
        expected: String,
    },
    /// Two rules of one repository state different versions of one line.
    #[error(
        "{leading} and {other}; bring them in step first, or say with `others` in the version rule what becomes of the \
         second"
    )]
    OutOfStep {
        /// Where the leading version is, and what it says.
        leading: String,
        /// The other place, and what it says.
        other: String,
    },
    /// An internal dependency would no longer accept the new version.
    #[error("`{path}` line {line} requires `{found}` of `{dependency}`, which would not accept {new}")]
    Requirement {
        /// The manifest.
        path: String,
        /// Its line, from 1.
        line: usize,
        /// The requirement.
        found: String,
        /// The internal dependency.
        dependency: String,
        /// Its version after the bump.
        new: Version,
    },
    /// The place can only hold `MAJOR.MINOR.PATCH`.
    #[error("`{path}` holds three numbers; `{version}` does not fit")]
    DoesNotFit {
        /// The file.
        path: String,
        /// The version that was to be written.
        version: Version,
    },
    /// Nothing would change: the version is there already.
    #[error("version {version} is already there; nothing would change")]
    Unchanged {
        /// The version.
        version: String,
    },
    /// This repository raises its version with a command of its own, which the pure room does not run.
    #[error("this repository raises its version by running `{command}`; there is nothing to write here")]
    RunElsewhere {
        /// The command as typed.
        command: String,
    },
    /// The version is the tag.
    #[error("the version stands in no file of this repository: its tags tell it")]
    InNoFile,
    /// The version stands in the files of a release alone.
    #[error("{place} states no version: it stands there in releases alone, and tags tell it")]
    Between {
        /// The place, with its file and line.
        place: String,
    },
    /// The rule itself is wrong.
    #[error("the version rule {problem}")]
    Rule {
        /// What is wrong with it, as the rest of the sentence.
        problem: String,
    },
}

/// How often a version is stated, and where.
fn stated_in(lines: &[usize]) -> String {
    match lines {
        [] => "states no version of that form".to_owned(),
        lines => format!("states the version {} (lines {lines:?})", counted(lines.len(), "time")),
    }
}
