//! What a step is: its kind, what it concerns, how visible it is and whether it can be undone.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, GhsaId, RepoName, StepName};
use crate::workflow::Scope;

/// The phases in the life of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The report is answered and accepted.
    Respond,
    /// What is affected is found out and written into the advisory.
    Assess,
    /// The advisory is made ready, the hour is announced.
    Finalise,
    /// The fixes are carried to every target, in private.
    Prepare,
    /// Every target is tested.
    Prove,
    /// Everything becomes public, in order.
    Release,
    /// Advisories and mails.
    Disclose,
    /// The result is looked at from outside.
    Verify,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Phase; 8] = [
        Phase::Respond,
        Phase::Assess,
        Phase::Finalise,
        Phase::Prepare,
        Phase::Prove,
        Phase::Release,
        Phase::Disclose,
        Phase::Verify,
    ];

    /// The phase's name as workflows write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Respond => "respond",
            Phase::Assess => "assess",
            Phase::Finalise => "finalise",
            Phase::Prepare => "prepare",
            Phase::Prove => "prove",
            Phase::Release => "release",
            Phase::Disclose => "disclose",
            Phase::Verify => "verify",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
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

/// What it takes to take a step back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It leaves nothing to undo.
    Nothing,
    /// It can be undone, and this is how.
    Possible(&'static str),
    /// It cannot be undone; this is what is left to do.
    Impossible(&'static str),
}

/// Declares the kinds of step once: variant, name, scope, visibility, undo, and what it does in a line.
macro_rules! step_kinds {
    ($( $kind:ident = $name:literal, $scope:ident, $visibility:ident, $undo:expr, $does:literal; )+) => {
        /// The kinds of step. `confirm` and `gate` are for people, all others are taken by Lockgate.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum StepKind {
            $( #[doc = $does] $kind, )+
        }

        impl StepKind {
            /// All kinds, in the order of the life of a release.
            pub const ALL: &'static [StepKind] = &[ $( StepKind::$kind, )+ ];

            /// The name that workflows and step names use.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( StepKind::$kind => $name, )+ }
            }

            /// What it is done once for.
            #[must_use]
            pub fn scope(self) -> Scope {
                match self { $( StepKind::$kind => Scope::$scope, )+ }
            }

            /// Who can see its effect.
            #[must_use]
            pub fn visibility(self) -> Visibility {
                match self { $( StepKind::$kind => Visibility::$visibility, )+ }
            }

            /// What it takes to take it back.
            #[must_use]
            pub fn undo(self) -> Undo {
                match self { $( StepKind::$kind => $undo, )+ }
            }

            /// What it does, in a line.
            #[must_use]
            pub fn does(self) -> &'static str {
                match self { $( StepKind::$kind => $does, )+ }
            }
        }
    };
}

use Undo::{Impossible, Nothing, Possible};

step_kinds! {
    RecordManager = "record-manager", Release, Local, Nothing,
        "record who leads the release";
    Acknowledge = "acknowledge", Advisory, Local, Nothing,
        "acknowledge the report to its reporter";
    AcceptReport = "accept-report", Advisory, Private, Nothing,
        "accept the report: the advisory becomes a draft";
    CreateFork = "create-fork", Advisory, Private, Possible("delete the private fork"),
        "create the temporary private fork";
    Invite = "invite", Advisory, Private, Possible("take the collaborators off the advisory"),
        "invite the collaborators";
    ImportFix = "import-fix", Fix, Local, Nothing,
        "fetch the commits of the fix";
    Assess = "assess", Patch, Local, Nothing,
        "find out whether the branch is affected, with evidence";
    DescribeAdvisory = "describe-advisory", Advisory, Private, Possible("rewrite the fields"),
        "write severity, weaknesses, credits and the ranges of each line into the advisory";
    LintAdvisory = "lint-advisory", Advisory, Local, Nothing,
        "check that the advisory is complete and consistent";
    RequestCve = "request-cve", Advisory, Private, Impossible("an assigned CVE can only be rejected"),
        "request a CVE";
    AwaitCve = "await-cve", Advisory, Local, Nothing,
        "wait for the CVE, unless people decide to go on without";
    FixDisclosure = "fix-disclosure", Release, Local, Nothing,
        "fix the hour of disclosure";
    AdvanceMail = "advance-mail", Release, Guarded, Impossible("a mail cannot be called back; send a correction"),
        "announce that a security release is coming";
    Backport = "backport", Patch, Local, Nothing,
        "carry the fix to the branch, in memory";
    PushPrivate = "push-private", Patch, Private, Possible("delete the branch on the private side"),
        "push the backport to the private side";
    OpenPrivatePull = "open-private-pull", Patch, Private, Possible("close the pull request"),
        "open the private pull request";
    Stack = "stack", Target, Local, Nothing,
        "stack all fixes of the branch in order, with their release note";
    Prove = "prove", Target, Local, Nothing,
        "run the test suites on the stacked tree";
    Confirm = "confirm", Release, Local, Nothing,
        "ask people to confirm something only they can do";
    Gate = "gate", Release, Local, Nothing,
        "wait for people and the clock";
    OpenBump = "open-bump", Line, Guarded, Possible("close the pull request and delete its branch"),
        "open the version-bump pull request";
    PublishBranch = "publish-branch", Target, Public, Possible("delete the branch; what was seen stays seen"),
        "push the stacked fixes to a public branch";
    OpenPull = "open-pull", Target, Public, Possible("close the pull request; what was seen stays seen"),
        "open the public pull request";
    AwaitChecks = "await-checks", Target, Local, Nothing,
        "wait for the checks of the pull request";
    MergePatch = "merge-patch", Target, Public, Impossible("fix forward"),
        "merge the fixes";
    CompareTree = "compare-tree", Target, Local, Nothing,
        "compare the merged tree with the proven one";
    AwaitBumpChecks = "await-bump-checks", Line, Local, Nothing,
        "wait for the checks of the bump";
    MergeBump = "merge-bump", Line, Public, Impossible("fix forward"),
        "merge the version bump";
    TriggerRelease = "trigger-release", Line, Public, Impossible("fix forward"),
        "start the release";
    AwaitRelease = "await-release", Line, Local, Nothing,
        "wait for the tag, the release and its files";
    AwaitRegistry = "await-registry", Line, Local, Nothing,
        "wait until the registry knows the version";
    CorrectLatest = "correct-latest", Repository, Public, Possible("set the label again"),
        "give the label \"latest\" to the newest line";
    ArchiveFork = "archive-fork", Advisory, Local, Nothing,
        "keep a copy of the private fork";
    ClosePrivatePulls = "close-private-pulls", Advisory, Private, Possible("open them again"),
        "close the private pull requests";
    DeleteFork = "delete-fork", Advisory, Private, Impossible("the archived copy remains"),
        "delete the private fork";
    PublishAdvisory = "publish-advisory", Advisory, Public, Impossible("an advisory can only be withdrawn"),
        "publish the advisory";
    ReleaseMail = "release-mail", Release, Public, Impossible("a mail cannot be called back; send a correction"),
        "announce the security release";
    WriteEntries = "write-entries", Advisory, Local, Nothing,
        "write the OSV and RustSec entries";
    VerifyAdvisory = "verify-advisory", Advisory, Local, Nothing,
        "check from outside that the advisory is public and its ranges are right";
    VerifyTarget = "verify-target", Target, Local, Nothing,
        "check from outside that the branch carries every fix and its release stands";
    FinalReport = "final-report", Release, Local, Nothing,
        "write the final report";
}

impl StepKind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<StepKind> {
        let kind = StepKind::ALL.iter().copied().find(|kind| kind.as_str() == name)?;
        // People's steps are written `confirm:NAME` and `gate:NAME`.
        (!matches!(kind, StepKind::Confirm | StepKind::Gate)).then_some(kind)
    }

    /// Whether later steps of the same subject go on without it. A CVE has taken GitHub more than a month
    /// (jupyter/security#126), and the backports need not wait for it; the release-day gate does.
    #[must_use]
    pub fn lets_others_pass(self) -> bool {
        matches!(self, StepKind::AwaitCve)
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a step concerns. An absent part means "all of them".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Subject {
    /// The advisory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advisory: Option<GhsaId>,
    /// The repository.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repo: Option<RepoName>,
    /// The branch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<BranchName>,
}

impl Subject {
    /// Whether two subjects have something in common: they differ in no part that both have.
    #[must_use]
    pub fn meets(&self, other: &Subject) -> bool {
        fn agree<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            match (one, other) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            }
        }
        agree(&self.advisory, &other.advisory)
            && agree(&self.repo, &other.repo)
            && agree(&self.branch, &other.branch)
    }

    /// Whether it concerns the whole release.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.advisory.is_none() && self.repo.is_none() && self.branch.is_none()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<&str> = Vec::new();
        parts.extend(self.repo.as_ref().map(RepoName::as_str));
        parts.extend(self.branch.as_ref().map(BranchName::as_str));
        parts.extend(self.advisory.as_ref().map(GhsaId::as_str));
        f.write_str(&parts.join(" "))
    }
}

/// One unit of work of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its stable name.
    pub name: StepName,
    /// What is done.
    pub kind: StepKind,
    /// What it concerns.
    pub subject: Subject,
    /// In which phase.
    pub phase: Phase,
    /// The name of the confirmation or gate, for steps of people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asks: Option<String>,
}

impl Step {
    /// The name made of kind and subject: `backport/brightwater/sluice/release/2.x/GHSA-…`.
    #[must_use]
    pub fn named(kind: StepKind, subject: Subject, phase: Phase, asks: Option<String>) -> Option<Step> {
        let mut parts = vec![kind.as_str().to_owned()];
        parts.extend(asks.clone());
        parts.extend(subject.repo.as_ref().map(ToString::to_string));
        parts.extend(subject.branch.as_ref().map(ToString::to_string));
        parts.extend(subject.advisory.as_ref().map(ToString::to_string));
        let name = parts.join("/").parse().ok()?;
        Some(Step { name, kind, subject, phase, asks })
    }
}
