//! What a pick came to: one enum, each outcome with its evidence.

use super::conflict::{Conflict, ConflictKind};
use super::text_merge::Hunk;
use crate::ids::CommitId;

/// What came of picking one fix onto one branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The branch has the fix. There is nothing to do, and no empty commit to make.
    AlreadyFixed {
        /// How that is known.
        evidence: FixedBy,
    },
    /// The fix applies, and that was confirmed.
    Clean {
        /// By what.
        confirmation: Confirmation,
    },
    /// The fix applies, but a person must look at the diff.
    CleanUnconfirmed {
        /// What speaks against trusting it.
        doubts: Vec<Doubt>,
    },
    /// It conflicts only in files that decide nothing about the vulnerability.
    ConflictInNoise,
    /// It conflicts in the text of a file that matters.
    Conflict,
    /// It conflicts over which files there are: deleted, renamed, moved.
    Structural,
    /// The branch has none of the files that the fix changes.
    NotApplicable,
}

impl Outcome {
    /// The outcome's name, as reports and `--batch` print it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::AlreadyFixed { .. } => "already-fixed",
            Outcome::Clean { .. } => "clean",
            Outcome::CleanUnconfirmed { .. } => "clean-unconfirmed",
            Outcome::ConflictInNoise => "conflict-in-noise",
            Outcome::Conflict => "conflict",
            Outcome::Structural => "structural",
            Outcome::NotApplicable => "not-applicable",
        }
    }

    /// Whether a person must settle something before there can be a tree.
    #[must_use]
    pub fn needs_resolution(&self) -> bool {
        matches!(
            self,
            Outcome::ConflictInNoise | Outcome::Conflict | Outcome::Structural | Outcome::NotApplicable
        )
    }

    pub(super) fn of_conflicts(conflicts: &[Conflict]) -> Outcome {
        let serious: Vec<_> = conflicts.iter().filter(|conflict| conflict.noise.is_none()).collect();
        if serious.is_empty() {
            Outcome::ConflictInNoise
        } else if serious.iter().all(|conflict| conflict.kind.is_structural()) {
            Outcome::Structural
        } else {
            Outcome::Conflict
        }
    }
}

/// How it is known that a branch has a fix.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum FixedBy {
    /// The fix is in the branch's history.
    Ancestor,
    /// Picking it changes nothing.
    Content,
    /// A commit of the branch says that it was picked from the fix.
    Trailer {
        /// That commit.
        commit: CommitId,
    },
    /// A commit of the branch has the fix's subject, author and author date.
    Authorship {
        /// That commit.
        commit: CommitId,
    },
}

/// What confirms a clean pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// Every file that the fix touches is on the branch as it was before the fix: there was nothing to merge.
    SameFiles,
    /// libgit2's own merge of the touched files gave the same.
    SecondEngine,
    /// libgit2's own merge of the whole trees gave the same.
    SecondEngineWholeTree,
    /// Nobody asked for a second opinion.
    NotAsked,
}

/// Why a clean pick is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Doubt {
    /// libgit2's own merge gave something else, or a conflict, in these files.
    EnginesDiffer {
        /// The files.
        paths: Vec<String>,
    },
    /// The fix renames files that the branch has changed.
    FixRenames {
        /// The files, as the fix names them.
        paths: Vec<String>,
    },
    /// Two files of the fix landed on one path.
    PathsCollide {
        /// The paths.
        paths: Vec<String>,
    },
    /// There were too many files to search for one that the branch has lost.
    RenameSearchCapped,
}

/// One pick with everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pick {
    /// What it came to.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The tree with the fix in it; `None` on any conflict.
    pub tree: Option<crate::ids::TreeId>,
    /// On a conflict: the tree as far as it goes, with conflict markers in the texts. For people to start from.
    pub marked_tree: Option<crate::ids::TreeId>,
    /// The paths that the pick changes on the branch.
    pub changed: Vec<String>,
    /// The paths that stopped it.
    pub conflicts: Vec<Conflict>,
    /// Files that the branch holds under another name, where the fix was carried along.
    pub followed: Vec<Moved>,
}

impl Pick {
    /// The conflicting paths, each once, in order.
    #[must_use]
    pub fn conflicting_paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.conflicts.iter().map(|conflict| conflict.path.clone()).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Every conflicting hunk with its file and kind.
    pub fn hunks(&self) -> impl Iterator<Item = (&str, ConflictKind, &Hunk)> {
        self.conflicts.iter().flat_map(|conflict| {
            conflict.hunks.iter().map(move |hunk| (conflict.path.as_str(), conflict.kind, hunk))
        })
    }
}

/// A file that has another name on the branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Moved {
    /// Its name in the fix.
    pub from: String,
    /// Its name on the branch.
    pub to: String,
    /// How alike the two are, in percent.
    pub percent: u8,
}
