//! Whether a branch is affected, with evidence. A person confirms it.
//!
//! No rule decides this alone: only hard evidence says "not affected", and only an introducing commit or a fix that
//! fits says "affected". Everything else is "likely" or "possibly".

use std::fmt;

use super::content::{Application, Content, Contents};
use super::presence::Presence;
use crate::backport::history::fixed_by::FixedBy;
use crate::backport::picking::chain::Help;
use crate::backport::picking::pick::Picker;
use crate::backport::picking::stack::{Item, Merges, stack_with_help};
use crate::git::{Committer, GitError, Signature, Store};
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
    /// The commits of other fixes that this one was written on, oldest first. What they bring is no sign that the branch
    /// never had the fault.
    pub beneath: Vec<CommitId>,
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

impl Verdict {
    /// Whether a version with this verdict belongs in the ranges of an advisory. What is only possible does: an
    /// advisory had better name a version too many than one too few.
    #[must_use]
    pub fn may_carry(self) -> bool {
        matches!(self, Verdict::Possibly | Verdict::Likely | Verdict::Affected)
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
    /// The history has this commit of the fix, and says that it was taken back.
    Reverted {
        /// The commit of the fix.
        fix: CommitId,
        /// The commit that reverts it, in git's own words.
        by: CommitId,
    },
    /// The history says that the branch has the fix, and its code says that it does not: it was reverted, in whatever
    /// words.
    TakenBack,
    /// The fix applies to the branch as it is.
    FixApplies,
    /// What was looked at is the branch with the fixes on it on which this one was written.
    OnTopOfEarlier,
    /// Of the fix, only tests, documentation, release notes and the like are left to apply.
    OnlyNoiseLeft,
    /// Most of what the fix brings is there, and what it removes is not.
    PostImage {
        /// How many of the lines that it brings were found.
        found: usize,
        /// All of them.
        of: usize,
    },
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
            Evidence::OnlyNoiseLeft => {
                f.write_str("nothing of the fix is left to apply but tests, documentation and the like")
            }
            Evidence::PostImage { found, of } => {
                write!(
                    f,
                    "it seems to have the fix in another form: {found} of {of} lines that the fix brings are there"
                )
            }
            Evidence::Reverted { fix, by } => {
                write!(f, "its history takes the fix {} back: {} reverts it", fix.short(), by.short())
            }
            Evidence::TakenBack => f.write_str(
                "its history has the fix and its code does not: the fix seems to have been reverted",
            ),
            Evidence::OnTopOfEarlier => f.write_str("looked at on top of the fixes that it was written on"),
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

/// Assesses branches and tags of one repository. It keeps what they share, so one should serve all of them.
pub struct Assessor {
    contents: Contents,
}

impl Assessor {
    /// An assessor over a repository. Nothing is written to it.
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone.
    pub fn new(store: &Store) -> Result<Assessor, GitError> {
        Ok(Assessor { contents: Contents::new(Picker::new(store)?) })
    }

    /// Weighs the evidence for one branch.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not here, [`GitError::MainlineNeeded`] if the fix holds a merge.
    pub fn assess(&mut self, request: &AssessRequest) -> Result<Assessment, GitError> {
        let tree = self.contents.picker.draft().tree_of(&request.head)?;
        let content = self.contents.of(&request.fix, &tree)?;
        let (mut evidence, fixed) = self.fixed(request, &content)?;
        let introduction = self.introduction(request)?;
        let (verdict, because) = match fixed {
            Fixed::Wholly => (Verdict::AlreadyFixed, None),
            // Content decides; where the history contradicts it, people must look.
            Fixed::InHistoryAlone => (Verdict::Possibly, Some(Evidence::TakenBack)),
            Fixed::NotWholly => content.verdict(introduction.as_ref()),
        };
        let stacked = match (fixed, verdict) {
            (Fixed::NotWholly, Verdict::NotAffected | Verdict::Possibly) => {
                self.on_top_of_earlier(request)?
            }
            _ => None,
        };
        let (verdict, because) = match stacked.as_ref().map(|there| there.verdict(introduction.as_ref())) {
            Some((better @ (Verdict::Likely | Verdict::Affected), because)) => {
                evidence.push(Evidence::OnTopOfEarlier);
                (better, because)
            }
            _ => (verdict, because),
        };
        evidence.extend(introduction);
        evidence.extend(because);
        let found = content.presence.hunks.iter().filter(|hunk| hunk.is_found()).count();
        evidence.push(Evidence::PreImage { found, of: content.presence.hunks.len() });
        Ok(Assessment { head: request.head.clone(), verdict, evidence, presence: content.presence })
    }

    /// What the branch says about the fix with the earlier fixes on it; `None` where there are none, or they do not apply.
    fn on_top_of_earlier(&mut self, request: &AssessRequest) -> Result<Option<Content>, GitError> {
        if request.beneath.is_empty() {
            return Ok(None);
        }
        let items = [Item { key: "earlier".to_owned(), commits: request.beneath.clone() }];
        let nobody = Signature::utc("nobody", "nobody@localhost", jiff::Timestamp::UNIX_EPOCH);
        let (committer, help) = (Committer::plain(nobody), Help::default());
        let picker = &mut self.contents.picker;
        let stack = stack_with_help(picker, &request.head, &items, &committer, Merges::Skip, &help)?;
        let is_there = stack.is_complete() && stack.head != request.head;
        is_there.then(|| self.contents.of(&request.fix, &stack.tree)).transpose()
    }

    /// Which commits of the fix the branch has, and whether that is all.
    fn fixed(
        &mut self,
        request: &AssessRequest,
        content: &Content,
    ) -> Result<(Vec<Evidence>, Fixed), GitError> {
        let (mut evidence, mut reverted) = (Vec::new(), Vec::new());
        for fix in &request.fix {
            let said = self.contents.picker.in_history(fix, &request.head)?;
            let by =
                said.by.or_else(|| (content.application == Application::Nothing).then_some(FixedBy::Content));
            if let (None, Some(by)) = (&by, said.reverted_by) {
                reverted.push(Evidence::Reverted { fix: fix.clone(), by });
            }
            evidence.extend(by.map(|by| Evidence::Fixed { fix: fix.clone(), by }));
        }
        if !evidence.is_empty() && evidence.len() == request.fix.len() {
            let fixed = if content.is_without_the_fix() { Fixed::InHistoryAlone } else { Fixed::Wholly };
            return Ok((evidence, fixed));
        }
        if content.application == Application::OnlyNoise {
            evidence.push(Evidence::OnlyNoiseLeft);
            return Ok((evidence, Fixed::Wholly));
        }
        // History says itself that it was taken back, so that it does not contradict what the code says.
        reverted.extend(evidence);
        Ok((reverted, Fixed::NotWholly))
    }

    /// What is known of the introducing commits; `None` if nobody named any.
    fn introduction(&mut self, request: &AssessRequest) -> Result<Option<Evidence>, GitError> {
        for commit in &request.introduced {
            let found = self.contents.picker.in_history(commit, &request.head)?.by;
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

/// Whether a branch has a fix.
#[derive(Clone, Copy)]
enum Fixed {
    Wholly,
    InHistoryAlone,
    NotWholly,
}

impl Content {
    /// Whether the code, or one place of it, is as it was before the fix, whatever the history says: the fix applies and
    /// some place lacks what it brings, or what it removes is there in place of what it brings.
    fn is_without_the_fix(&self) -> bool {
        let presence = &self.presence;
        match self.application {
            Application::Nothing | Application::OnlyNoise => false,
            Application::Applies => !presence.brought().is_half() || presence.is_lacking_somewhere(),
            Application::Conflicts => presence.is_as_before_somewhere(),
        }
    }

    /// The verdict on a branch that is not known to have the fix, and what in its content the verdict rests on.
    fn verdict(&self, introduction: Option<&Evidence>) -> (Verdict, Option<Evidence>) {
        let presence = &self.presence;
        let no_file = presence.files > 0 && presence.files_there == 0;
        let applies = self.application == Application::Applies;
        let in_another_form =
            presence.seems_fixed().map(|share| Evidence::PostImage { found: share.found, of: share.of });
        match introduction {
            Some(Evidence::NeverIntroduced) if !presence.is_likely() => (Verdict::NotAffected, None),
            // The code is there all the same: squashed in, perhaps. People must look.
            Some(Evidence::NeverIntroduced) => (Verdict::Possibly, None),
            // So must they where somebody may have fixed it by hand.
            _ if in_another_form.is_some() => (Verdict::Possibly, in_another_form),
            Some(_) => (Verdict::Affected, None),
            None if no_file && presence.is_nothing() => (Verdict::NotAffected, Some(Evidence::NoFile)),
            None if presence.is_nothing() => (Verdict::NotAffected, Some(Evidence::NoLine)),
            None if applies && (presence.is_likely() || presence.is_silent()) => {
                (Verdict::Affected, Some(Evidence::FixApplies))
            }
            None if presence.is_likely() => (Verdict::Likely, None),
            None => (Verdict::Possibly, applies.then_some(Evidence::FixApplies)),
        }
    }
}
