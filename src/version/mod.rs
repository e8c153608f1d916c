//! Versions in the files of a repository: manifest text in, manifest text out.
//!
//! PURE: nothing here touches a disk, runs a program or asks the clock. The caller hands over the files of a tree
//! ([`TreeReader`]) and gets back the few that change ([`FileChange`]). Every format first finds the exact bytes where
//! the version stands and then replaces those bytes alone, so that whatever else the maintainers wrote (comments,
//! order, line endings, a missing last newline) is never touched.
//!
//! From top to bottom: the rule, its formats (`rule/`, one file each), the places that they find, the files.

mod dependency;
mod encoding;
mod error;
mod files;
mod format;
mod notes;
mod place;
mod remaining;
mod rule;
mod template;
mod toml_file;
mod versioning;

pub use dependency::DependencyRule;
pub use encoding::Encoding;
pub use error::VersionError;
pub use files::{FileChange, TreeFile, TreeReader, folder_of, glob_matches, matching, open};
pub use format::Outline;
pub use notes::{CarryForward, NoteEntry, NotedRelease, NotesError, NotesRule, OwnWords};
pub(crate) use remaining::{Place, announcing, remaining};
pub use rule::{BumpCommand, VersionRule};
pub use versioning::{BumpMethod, Versioning};

#[cfg(test)]
mod properties;
