//! The columns of the table of kinds: what can be true of a kind of step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How workflows list a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// By its kind alone: `backport`.
    Plain,
    /// By its kind and a name of its own, `gate:ready`: a workflow may have several of the kind, and says what each is.
    ByName,
    /// Either way, `advance-mail` or `advance-mail:distributors`: a workflow may have more of them than the usual one.
    Either,
}

/// What a step is done once for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole release.
    #[default]
    Release,
    /// Each advisory.
    Advisory,
    /// Each repository that is released.
    Repository,
    /// Each target.
    Target,
    /// Each target that is released from.
    Line,
    /// Each fix: an advisory in a repository.
    Fix,
    /// Each advisory on each target.
    Patch,
}

impl Scope {
    /// Whether its things are parts of repositories, or repositories themselves.
    #[must_use]
    pub fn is_in_a_repository(self) -> bool {
        match self {
            Scope::Release | Scope::Advisory => false,
            Scope::Repository | Scope::Target | Scope::Line | Scope::Fix | Scope::Patch => true,
        }
    }

    /// Whether its things are on branches.
    #[must_use]
    pub fn is_of_a_branch(self) -> bool {
        matches!(self, Scope::Target | Scope::Line | Scope::Patch)
    }
}

/// Requests to GitHub's interface. What goes over git is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// Those that only ask.
    pub asks: usize,
    /// Those that change something, of which GitHub bears few.
    pub changes: usize,
}

/// To what in its scope a step applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// To everything.
    Always,
    /// To targets that receive a fix; others only carry another repository's release.
    IfPatched,
    /// To advisories that work in a temporary private fork.
    IfForked,
    /// To lines whose package is in a registry.
    IfRegistered,
    /// To lines that have something to raise in a file; of others the tag alone tells the version.
    IfBumped,
    /// To those of them whose bump is a pull request; a release that is made beside its line has it on its fixes.
    IfBumpPulled,
    /// To repositories that have GitHub Releases, whoever makes them.
    UnlessTagAlone,
    /// To lines whose GitHub Release Lockgate makes.
    IfGitHubReleased,
    /// To lines that state another version after their release.
    IfDeveloped,
    /// To targets whose repository keeps no branch of a merged pull request.
    IfTidied,
    /// To lines whose release is made beside them, and merged into them afterwards.
    IfMergedBack,
}

/// Who can see the effect of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Nobody but this machine.
    Local,
    /// The collaborators of the advisory.
    Private,
    /// Everybody; before the release-day gate only through the leak guard.
    Guarded,
    /// Everybody; never before the release-day gate.
    Public,
}

/// What it takes to undo a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It leaves nothing to undo.
    Nothing,
    /// It can be undone, and this is how.
    Possible(&'static str),
    /// It cannot be undone; this is what is left to do.
    Impossible(&'static str),
}

/// Which order a step keeps whatever the workflow lists.
///
/// A step waits for every step listed before it that concerns the same thing. These are the orders that no list can
/// express, and those that a list must not break; `plan/order.rs` and `plan/check.rs` say how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// None but that of the workflow.
    Listed,
    /// It proves a target; what shows the fix follows it.
    Proves,
    /// It shows a fix in public: after it is proven, and after the fixes of the repositories that its own carries.
    ShowsFix,
    /// It merges a fix: one target of a repository after the other.
    MergesFix,
    /// It opens a version bump: after the releases that the line carries, however early the workflow lists it.
    OpensBump,
    /// It checks an open bump, and is as late as that.
    ChecksBump,
    /// It merges a bump: after every fix of the repository, one line after the other.
    MergesBump,
    /// It starts a release: after every fix of the repository.
    StartsRelease,
    /// It sees a release where its users find it.
    SeesRelease,
    /// It tells everybody of an advisory: after every fix is merged and every release is seen.
    Discloses,
}

/// What later steps of the same subject do while a step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They wait for it.
    Wait,
    /// They pass it; only the end of the embargo waits.
    Pass,
}

/// What happens to a step when people leave its branch out of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenLeftOut {
    /// It is taken all the same: it concerns no branch, or records what became of it.
    Taken,
    /// It is skipped: a step of an advisory where the branch is left out of that one, any other where nothing is left
    /// for the branch.
    Skipped,
}

/// What happens to a finished step when the head of a branch that it concerns moves before the embargo ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenHeadMoves {
    /// It stays done.
    Stays,
    /// It is taken again on the new head.
    Again,
}

/// Something in the user's files that steps rest on. Where it is changed after the start, what rests on it is taken again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Who leads the release.
    Lead,
    /// The disclosure time.
    Hour,
    /// Who reported the vulnerability, and what they are answered.
    Reporter,
    /// What the advisory says of the vulnerability.
    Advisory,
    /// Whether and which CVE is wanted.
    Cve,
    /// Who works on the advisory.
    Collaborators,
    /// The versions that the advisory's ranges speak of.
    Ranges,
    /// Where the fix comes from, and its patches.
    Fix,
    /// What everything is built on.
    Base,
    /// How commits are made.
    Commits,
    /// Where the work is kept private.
    Private,
    /// The release note.
    Notes,
    /// Which version is released, and where it stands.
    Numbering,
    /// The releases of other repositories that it carries.
    Carried,
    /// How the release is made.
    Publishing,
    /// The packages in registries.
    Packages,
    /// What the line states after its release.
    After,
    /// The test suites.
    Tests,
    /// What a mail says, and to whom.
    Mail,
    /// What people are asked to confirm.
    Question,
    /// Who must approve, and what.
    Gate,
}

impl Basis {
    /// It with its article, as what changed.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Basis::Lead => "the incident manager",
            Basis::Hour => "the disclosure time",
            Basis::Reporter => "the answer to the reporter",
            Basis::Advisory => "the advisory's text",
            Basis::Cve => "the wish for a CVE",
            Basis::Collaborators => "the collaborators",
            Basis::Ranges => "the versions that the advisory names",
            Basis::Fix => "the fix",
            Basis::Base => "the base",
            Basis::Commits => "the way commits are made",
            Basis::Private => "the private side",
            Basis::Notes => "the release note",
            Basis::Numbering => "the version",
            Basis::Carried => "what the release carries",
            Basis::Publishing => "the way it is released",
            Basis::Packages => "the packages",
            Basis::After => "the development version",
            Basis::Tests => "the tests",
            Basis::Mail => "the mail",
            Basis::Question => "the question",
            Basis::Gate => "who approves, or what",
        }
    }
}

/// A decision that people take about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// What the step shows may go ahead.
    Approve,
    /// What the step states is so.
    Confirm,
    /// The release continues without what the step wants.
    Waive,
    /// What the step did has not arrived, and it does it once more.
    SendAgain,
    /// The step's conflict is resolved in this way.
    Resolve,
}

impl DecisionKind {
    /// What a step is once the decision is taken: `waived`.
    #[must_use]
    pub fn participle(self) -> &'static str {
        match self {
            DecisionKind::Approve => "approved",
            DecisionKind::Confirm => "confirmed",
            DecisionKind::Waive => "waived",
            DecisionKind::SendAgain => "sent again",
            DecisionKind::Resolve => "resolved",
        }
    }
}

/// When people may take a decision about a step.
///
/// A step reads a decision where its question comes up. One that is recorded before would answer a question that nobody
/// has seen yet: a mail waived while the server was down would be sent twice after the next doubtful attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Only as the answer to a question that offers it.
    Offered,
    /// As that, and before the step is reached: what it asks stands in the workflow, and is shown with the answer.
    Ahead,
    /// As the answer to a question or instead of a wait that offers it, and when the step has failed.
    Shown,
    /// Whenever the step holds the release up: it asks, waits or has failed.
    Held,
}

/// A decision that the steps of a kind understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedDecision {
    /// The decision.
    pub decision: DecisionKind,
    /// When it may be taken.
    pub when: When,
    /// What follows from it here, as a statement.
    pub means: &'static str,
}
