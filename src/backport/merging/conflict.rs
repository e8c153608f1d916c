//! A conflict, recorded so that a person can settle it once.

use std::fmt;

use git2::Oid;

use super::marked::Hunk;
use super::noise::Noise;
use crate::git::Store;
use crate::git::plumbing::TreeEntry;

/// What kind of disagreement a conflict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Both sides changed the same lines.
    Content,
    /// Both sides added the file, differently.
    BothAdded,
    /// The sides have other line endings, and nothing else disagrees.
    LineEndings,
    /// The fix changes a file that the branch does not have, and nothing on the branch looks like it.
    DeletedOnBranch,
    /// The fix deletes a file that the branch has changed.
    DeletedByFix,
    /// A file that one side renamed and the other deleted, or that both renamed differently.
    Renamed,
    /// A file of the fix belongs in a directory that the branch has moved, or the other way round.
    DirectoryMoved,
    /// A file on one side is a directory on the other.
    FileAndDirectory,
    /// Both sides changed a binary file.
    Binary,
    /// Both sides changed a symbolic link.
    Link,
    /// Both sides moved a submodule.
    Submodule,
    /// The sides hold things of different kinds: a file, a link, a submodule.
    Type,
    /// Both sides changed the mode.
    Mode,
    /// A version of the file is not in this clone, so it cannot be merged here.
    Missing,
}

impl ConflictKind {
    /// Whether lines of a text disagree.
    #[must_use]
    pub fn is_in_text(self) -> bool {
        matches!(self, ConflictKind::Content | ConflictKind::BothAdded | ConflictKind::LineEndings)
    }

    /// Whether the disagreement is about which files there are, not about what is in them.
    #[must_use]
    pub fn is_structural(self) -> bool {
        matches!(
            self,
            ConflictKind::DeletedOnBranch
                | ConflictKind::DeletedByFix
                | ConflictKind::Renamed
                | ConflictKind::DirectoryMoved
                | ConflictKind::FileAndDirectory
                | ConflictKind::Type
        )
    }
}

impl fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConflictKind::Content => "both sides changed the same lines",
            ConflictKind::BothAdded => "both sides added it, differently",
            ConflictKind::LineEndings => {
                "only line endings differ: one side has CRLF; with `merge.renormalize` set in git's configuration, files that \
                 `.gitattributes` call text merge all the same"
            }
            ConflictKind::DeletedOnBranch => "the branch does not have it, nor anything like it",
            ConflictKind::DeletedByFix => "the fix deletes it, and the branch has changed it",
            ConflictKind::Renamed => {
                "one side renamed it, and the other deleted it or renamed it differently"
            }
            ConflictKind::DirectoryMoved => "its directory was moved on one side",
            ConflictKind::FileAndDirectory => "it is a file on one side and a directory on the other",
            ConflictKind::Binary => {
                "both sides changed it, and it is binary or `.gitattributes` forbid to merge it"
            }
            ConflictKind::Link => "both sides changed the symbolic link",
            ConflictKind::Submodule => "both sides moved the submodule",
            ConflictKind::Type => "it is a file, a link or a submodule, depending on the side",
            ConflictKind::Mode => "both sides changed the mode",
            ConflictKind::Missing => "a version of it is not in this clone",
        })
    }
}

/// One version of a file in a conflict.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ConflictSide {
    /// The id of the blob, or of the submodule's commit.
    pub id: String,
    /// The mode as git writes it, in octal.
    pub mode: String,
}

impl ConflictSide {
    pub(in crate::backport) fn of(entry: TreeEntry) -> ConflictSide {
        ConflictSide { id: entry.id.to_string(), mode: format!("{:06o}", entry.mode) }
    }
}

impl Store {
    /// The text of a version; `None` if it is no file, or not in this clone.
    pub(in crate::backport) fn read_side(&self, version: &ConflictSide) -> Option<Vec<u8>> {
        let blob = self.raw().find_blob(Oid::from_str(&version.id).ok()?).ok()?;
        Some(blob.content().to_vec())
    }
}

/// One path on which a pick stopped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Conflict {
    /// The path on the branch; for a file that the branch lacks, the path in the fix.
    pub path: String,
    /// What the disagreement is.
    pub kind: ConflictKind,
    /// Set if nothing about the vulnerability is decided in this file.
    pub noise: Option<Noise>,
    /// The path in the fix, if it is another.
    pub fix_path: Option<String>,
    /// The file before the fix.
    pub base: Option<ConflictSide>,
    /// The file on the branch.
    pub ours: Option<ConflictSide>,
    /// The file in the fix.
    pub theirs: Option<ConflictSide>,
    /// The places that disagree; empty unless the conflict is in text.
    pub hunks: Vec<Hunk>,
}

impl Conflict {
    pub(in crate::backport) fn new(path: &[u8], kind: ConflictKind, sides: PathSides) -> Conflict {
        let path = String::from_utf8_lossy(path).into_owned();
        Conflict {
            noise: Noise::of(&path),
            path,
            kind,
            fix_path: None,
            base: sides.base.map(ConflictSide::of),
            ours: sides.ours.map(ConflictSide::of),
            theirs: sides.theirs.map(ConflictSide::of),
            hunks: Vec::new(),
        }
    }

    pub(in crate::backport) fn seen_from(mut self, fix_path: &[u8]) -> Conflict {
        let fix_path = String::from_utf8_lossy(fix_path).into_owned();
        if fix_path != self.path {
            self.fix_path = Some(fix_path);
        }
        self
    }
}

/// One path in three trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) struct PathSides {
    pub(in crate::backport) base: Option<TreeEntry>,
    pub(in crate::backport) ours: Option<TreeEntry>,
    pub(in crate::backport) theirs: Option<TreeEntry>,
}
