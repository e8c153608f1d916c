//! Whether a branch is affected, with evidence. A person confirms it.
//!
//! No rule decides this alone: only hard evidence says "not affected", and only an introducing commit or a fix that
//! fits says "affected". Everything else is "likely" or "possibly".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use git2::Oid;

use super::error::{Doing, GitError};
use super::evidence;
use super::outcome::{FixedBy, Outcome};
use super::pick::{Against, Onto, PickRequest, Picker};
use super::presence::{Presence, Search};
use super::store::{Reference, Store, oid};
use crate::ids::CommitId;

/// What is asked about one branch.
#[derive(Debug, Clone)]
pub struct AssessRequest {
    /// The commits of the fix, oldest first.
    pub fix: Vec<CommitId>,
    /// The commits that brought the vulnerability, if somebody knows them.
    pub introduced: Vec<CommitId>,
    /// The branch's head, or a tag's commit.
    pub head: CommitId,
}

/// Whether a branch is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Hard evidence says that it is not.
    NotAffected,
    /// It was, and has the fix.
    AlreadyFixed,
    /// Something speaks for it, not enough.
    Possibly,
    /// Most of what the fix changes is there.
    Likely,
    /// It has the introducing commit, or the fix fits as it is.
    Affected,
}

impl Verdict {
    /// The verdict as people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotAffected => "not affected",
            Verdict::AlreadyFixed => "already fixed",
            Verdict::Possibly => "possibly",
            Verdict::Likely => "likely",
            Verdict::Affected => "affected",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "evidence", rename_all = "kebab-case")]
pub enum Evidence {
    /// The branch has this commit of the fix.
    Fixed {
        /// The commit of the fix.
        fix: CommitId,
        /// How that is known.
        by: FixedBy,
    },
    /// The introducing commit is in the branch's history.
    IntroducedHere {
        /// The introducing commit.
        commit: CommitId,
    },
    /// The introducing commit was carried to the branch.
    IntroducedByBackport {
        /// The introducing commit.
        commit: CommitId,
        /// How that is known.
        by: FixedBy,
    },
    /// No introducing commit is in the branch's history, and none was carried to it.
    NeverIntroduced,
    /// The fix applies to the branch as it is.
    FixApplies,
    /// The branch has none of the files that the fix changes, nor the code in files beside them.
    NoFile,
    /// The branch has not one line of what the fix changes.
    NoLine,
    /// How many of the fix's hunks have most of their surroundings on the branch.
    PreImage {
        /// Hunks that were found.
        found: usize,
        /// All hunks.
        of: usize,
    },
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Fixed { fix, by } => write!(f, "it has the fix {}: {by}", fix.short()),
            Evidence::IntroducedHere { commit } => {
                write!(f, "{}, which brought the vulnerability, is in its history", commit.short())
            }
            Evidence::IntroducedByBackport { commit, by } => {
                write!(f, "{}, which brought the vulnerability, was carried to it: {by}", commit.short())
            }
            Evidence::NeverIntroduced => f.write_str("what brought the vulnerability never came to it"),
            Evidence::FixApplies => f.write_str("the fix applies as it is"),
            Evidence::NoFile => f.write_str("it has none of the files that the fix changes"),
            Evidence::NoLine => f.write_str("it has not one line of what the fix changes"),
            Evidence::PreImage { found, of } => {
                write!(f, "{found} of {of} places that the fix changes are there")
            }
        }
    }
}

/// The verdict on one branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Assessment {
    /// The branch's head that was looked at.
    pub head: CommitId,
    /// What the evidence comes to.
    pub verdict: Verdict,
    /// The evidence.
    pub evidence: Vec<Evidence>,
    /// What the branch has of each hunk.
    pub presence: Presence,
}

impl Picker {
    /// Weighs the evidence for one branch.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not here, [`GitError::MainlineNeeded`] if the fix holds a merge.
    pub fn assess(&mut self, request: &AssessRequest) -> Result<Assessment, GitError> {
        let mut looked = Looked::default();
        for fix in &request.fix {
            self.look(fix, request, &mut looked)?;
        }
        let introduction = self.introduction(request)?;
        let verdict = looked.verdict(request, introduction.as_ref());
        looked.evidence.extend(introduction);
        let found = looked.presence.hunks.iter().filter(|hunk| hunk.is_found()).count();
        looked.evidence.push(Evidence::PreImage { found, of: looked.presence.hunks.len() });
        Ok(Assessment {
            head: request.head.clone(),
            verdict,
            evidence: looked.evidence,
            presence: looked.presence,
        })
    }

    fn look(&mut self, fix: &CommitId, request: &AssessRequest, looked: &mut Looked) -> Result<(), GitError> {
        let onto = Onto::Commit(request.head.clone());
        let pick = self.pick(&PickRequest { fix: fix.clone(), against: Against::Parent, onto })?;
        match &pick.outcome {
            Outcome::AlreadyFixed { evidence } => {
                looked.fixed += 1;
                looked.evidence.push(Evidence::Fixed { fix: fix.clone(), by: evidence.clone() });
            }
            Outcome::Clean { .. } => {
                looked.applies += 1;
                looked.evidence.push(Evidence::FixApplies);
            }
            _ => {}
        }
        let moved: BTreeMap<_, _> = pick.followed.into_iter().map(|moved| (moved.from, moved.to)).collect();
        let branch = self.draft().tree_of(&request.head)?;
        let presence = self.draft().presence(fix, &branch, &moved)?;
        looked.presence.hunks.extend(presence.hunks);
        looked.presence.files += presence.files;
        looked.presence.files_there += presence.files_there;
        if presence.search == Search::CutShort {
            looked.presence.search = Search::CutShort;
        }
        Ok(())
    }

    /// What is known of the introducing commits; `None` if nobody named any.
    fn introduction(&self, request: &AssessRequest) -> Result<Option<Evidence>, GitError> {
        for commit in &request.introduced {
            let found = evidence::in_history(self.draft(), commit, &request.head)?;
            let commit = commit.clone();
            match found {
                Some(FixedBy::Ancestor) => return Ok(Some(Evidence::IntroducedHere { commit })),
                Some(by) => return Ok(Some(Evidence::IntroducedByBackport { commit, by })),
                None => {}
            }
        }
        Ok((!request.introduced.is_empty()).then_some(Evidence::NeverIntroduced))
    }
}

/// What was seen of all commits of a fix.
#[derive(Default)]
struct Looked {
    fixed: usize,
    applies: usize,
    evidence: Vec<Evidence>,
    presence: Presence,
}

impl Looked {
    fn verdict(&mut self, request: &AssessRequest, introduction: Option<&Evidence>) -> Verdict {
        if self.fixed > 0 && self.fixed == request.fix.len() {
            return Verdict::AlreadyFixed;
        }
        let no_file = self.presence.files > 0 && self.presence.files_there == 0;
        match introduction {
            Some(Evidence::NeverIntroduced) if !self.presence.is_likely() => return Verdict::NotAffected,
            // The code is there all the same: squashed in, perhaps. People must look.
            Some(Evidence::NeverIntroduced) => return Verdict::Possibly,
            Some(_) => return Verdict::Affected,
            None if no_file && self.presence.is_nothing() => self.evidence.push(Evidence::NoFile),
            None if self.presence.is_nothing() => self.evidence.push(Evidence::NoLine),
            None if self.applies == request.fix.len() => return Verdict::Affected,
            None if self.presence.is_likely() => return Verdict::Likely,
            None => return Verdict::Possibly,
        }
        Verdict::NotAffected
    }
}

impl Store {
    /// The tags that a commit's history holds, by name: the versions that were released from it.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit is not here.
    pub fn tags_in(&self, head: &CommitId) -> Result<Vec<Reference>, GitError> {
        let tags = self.references("refs/tags/")?;
        let mut wanted: BTreeSet<Oid> = tags.iter().map(|tag| oid(&tag.commit)).collect::<Result<_, _>>()?;
        let mut found = BTreeSet::new();
        let mut walk = self.raw().revwalk().doing(|| "walk the history".to_owned())?;
        walk.push(oid(head)?).doing(|| format!("walk from {head}"))?;
        for id in walk {
            if wanted.is_empty() {
                break;
            }
            let id = id.doing(|| format!("walk from {head}"))?;
            if wanted.remove(&id) {
                found.insert(id);
            }
        }
        let here = |tag: &Reference| oid(&tag.commit).is_ok_and(|id| found.contains(&id));
        Ok(tags.into_iter().filter(here).collect())
    }
}
