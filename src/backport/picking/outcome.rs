//! What a pick came to: one enum, each outcome with its evidence.

use std::fmt;

use crate::backport::history::fixed_by::FixedBy;
use crate::backport::merging::conflict::{Conflict, ConflictKind};
use crate::backport::merging::marked::Hunk;
use crate::backport::merging::opinion::Confirmation;
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
        /// What speaks against trusting it; empty if that is only the help named in [`Pick::helped_by`].
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

    pub(in crate::backport) fn of_conflicts(conflicts: &[Conflict]) -> Outcome {
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
    /// The lines of both sides were joined where these disagree, as `merge=union` in `.gitattributes` has it.
    Joined {
        /// The files.
        paths: Vec<String>,
    },
    /// Two files of the fix landed on one path.
    PathsCollide {
        /// The paths.
        paths: Vec<String>,
    },
    /// Files around it were moved apart, or several that are alike: what went where cannot be told.
    SeveralAlike {
        /// The files of the fix whose place is a guess.
        paths: Vec<String>,
    },
    /// There were too many files to search for one that the branch has lost.
    RenameSearchCapped,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::EnginesDiffer { paths } => write!(f, "two merge engines differ in {}", paths.join(", ")),
            Doubt::FixRenames { paths } => write!(f, "the fix renames {}", paths.join(", ")),
            Doubt::Joined { paths } => {
                write!(
                    f,
                    "`merge=union` in `.gitattributes` joined what both sides say in {}",
                    paths.join(", ")
                )
            }
            Doubt::PathsCollide { paths } => write!(f, "two files of the fix land on {}", paths.join(", ")),
            Doubt::SeveralAlike { paths } => {
                write!(
                    f,
                    "files were moved apart or are alike, so the place of {} is a guess",
                    paths.join(", ")
                )
            }
            Doubt::RenameSearchCapped => f.write_str("there are too many files to search for a moved one"),
        }
    }
}

/// Where a pick came from that the fix itself did not give.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "helped-by", rename_all = "kebab-case")]
pub enum HelpedBy {
    /// The fix itself conflicted; what a newer line made of it, or people on any line, was picked instead.
    NewerLine {
        /// That line.
        line: String,
        /// The commit there.
        commit: CommitId,
    },
    /// It conflicted, and resolutions given earlier were put in.
    Memory {
        /// The files.
        paths: Vec<String>,
        /// The branches on which the resolutions were given.
        given_on: Vec<String>,
    },
    /// It conflicted in files that a rule of the catalog regenerates; the branch's text was kept there.
    PlacedAfresh {
        /// The files.
        paths: Vec<String>,
    },
    /// It conflicted in release notes to which both sides only added; the entries of both are there.
    JoinedNotes {
        /// The files.
        paths: Vec<String>,
    },
    /// It conflicted in lock files, which commands of the catalog then regenerated on the branch.
    Command {
        /// The files.
        paths: Vec<String>,
        /// The commands, in the order in which they ran.
        commands: Vec<String>,
    },
}

impl fmt::Display for HelpedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HelpedBy::NewerLine { line, commit } => {
                write!(
                    f,
                    "the fix conflicts, and what {line} made of it ({}) was picked instead",
                    commit.short()
                )
            }
            HelpedBy::Memory { paths, given_on } => {
                let (paths, given_on) = (paths.join(", "), given_on.join(", "));
                write!(f, "conflicts in {paths} were settled as on {given_on}")
            }
            HelpedBy::PlacedAfresh { paths } => {
                let paths = paths.join(", ");
                write!(f, "what the fix says in {paths} was left out and is regenerated")
            }
            HelpedBy::JoinedNotes { paths } => {
                let paths = paths.join(", ");
                write!(f, "what the fix adds to {paths} was put below what the branch has there")
            }
            HelpedBy::Command { paths, commands } => {
                let (paths, commands) = (paths.join(", "), commands.join("`, then `"));
                write!(f, "what the fix says in {paths} was left out, and `{commands}` regenerated it here")
            }
        }
    }
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
    /// What settled conflicts of the fix itself. Whoever asks for help must show this, and the outcome is never
    /// [`Outcome::Clean`] then.
    #[serde(default)]
    pub helped_by: Vec<HelpedBy>,
    /// Lock files that are still the branch's in `marked_tree`, where a command must write them before there can be a
    /// tree; everything else of the fix is in it. Empty unless that is all that stopped the pick.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<String>,
}

impl Pick {
    /// Why a person must read a pick that went in, as sentences; empty for a plain clean one.
    #[must_use]
    pub fn review_reasons(&self) -> Vec<String> {
        let doubts = match &self.outcome {
            Outcome::CleanUnconfirmed { doubts } => doubts.as_slice(),
            _ => &[],
        };
        let help = self.helped_by.iter().map(ToString::to_string);
        help.chain(doubts.iter().map(ToString::to_string)).collect()
    }

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
