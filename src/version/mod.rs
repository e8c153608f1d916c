//! Versions in the files of a repository: manifest text in, manifest text out.
//!
//! PURE: nothing here touches a disk, runs a program or asks the clock. The caller hands over the files of a tree
//! ([`Files`]) and gets back the few that change ([`FileChange`]). Every scheme first finds the exact bytes where
//! the version stands and then replaces those bytes alone, so that whatever else the maintainers wrote (comments,
//! order, line endings, a missing last newline) is never touched.

mod c_header;
mod cargo;
mod command;
mod dependency;
mod error;
mod files;
mod notes;
mod npm;
mod pattern;
mod place;
mod pyproject;
mod ranges;
mod scheme;
mod template;
mod toml_file;

pub use command::BumpCommand;
pub use dependency::DependencyRule;
pub use error::VersionError;
pub use files::{FileChange, Files, glob_matches};
pub use notes::{NoteEntry, Notes, NotesRule};
pub use ranges::{End, Range, holds, ranges, version_of_tag};
pub use scheme::{Method, Scheme, next_patch};

#[cfg(test)]
mod properties;
