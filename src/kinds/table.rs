//! The table itself: one row a kind.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::columns::Undo::{Impossible, Nothing, Possible};
use super::columns::{Choice, DecisionKind, Scope, Undo, Visibility, When};

/// Declares the kinds of step once. Every column is demanded of every row.
macro_rules! step_kinds {
    ($(
        $kind:ident = $name:literal, $does:literal;
            $scope:ident, $visibility:ident, $undo:expr;
            people: [$( $decision:ident when $when:ident => $means:literal ),*];
    )+) => {
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

            /// What it does, in a line.
            #[must_use]
            pub fn does(self) -> &'static str {
                match self { $( StepKind::$kind => $does, )+ }
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

            /// What it takes to undo it.
            #[must_use]
            pub fn undo(self) -> Undo {
                match self { $( StepKind::$kind => $undo, )+ }
            }

            /// The decisions that people can take about it. Whatever is not listed has no effect and is refused.
            #[must_use]
            pub fn choices(self) -> &'static [Choice] {
                match self {
                    $( StepKind::$kind => &[
                        $( Choice { decision: DecisionKind::$decision, when: When::$when, means: $means }, )*
                    ], )+
                }
            }
        }
    };
}

step_kinds! {
    RecordManager = "record-manager", "record who leads the release";
        Release, Local, Nothing;
        people: [];
    Acknowledge = "acknowledge", "acknowledge the report to its reporter";
        Advisory, Local, Nothing;
        people: [
            Confirm when Offered => "the reporter was answered",
            Waive when Offered => "the release continues without an answer to the reporter"
        ];
    AcceptReport = "accept-report", "accept the report: the advisory becomes a draft";
        Advisory, Private, Nothing;
        people: [];
    CreateFork = "create-fork", "create the temporary private fork";
        Advisory, Private, Possible("delete the private fork");
        people: [];
    Invite = "invite", "invite the collaborators";
        Advisory, Private, Possible("remove the collaborators from the advisory");
        people: [];
    ImportFix = "import-fix", "fetch the commits of the fix";
        Fix, Local, Nothing;
        people: [];
    Assess = "assess", "find out whether the branch is affected, with evidence";
        Patch, Local, Nothing;
        people: [
            Confirm when Offered => "the branch gets the fix",
            Waive when Offered => "the branch is left out: it gets no backport, no release and no range in the advisory"
        ];
    DescribeAdvisory = "describe-advisory", "write severity, weaknesses, credits and the ranges of each line into the advisory";
        Advisory, Private, Possible("rewrite the fields");
        people: [];
    LintAdvisory = "lint-advisory", "check that the advisory is complete and consistent";
        Advisory, Local, Nothing;
        people: [];
    RequestCve = "request-cve", "request a CVE";
        Advisory, Private, Impossible("an assigned CVE can only be rejected");
        people: [];
    AwaitCve = "await-cve", "wait for the CVE, unless people decide to continue without one";
        Advisory, Local, Nothing;
        people: [Waive when Held => "the release continues without a CVE"];
    FixDisclosure = "fix-disclosure", "record the disclosure time";
        Release, Local, Nothing;
        people: [];
    AdvanceMail = "advance-mail", "announce that a security release is coming";
        Release, Guarded, Impossible("a mail cannot be called back; send a correction");
        people: [
            Confirm when Offered => "the mail has arrived",
            Waive when Offered => "the mail has not arrived and is sent now"
        ];
    Backport = "backport", "carry the fix to the branch, in memory";
        Patch, Local, Nothing;
        people: [Resolve when Offered => "the rest of the fix is put on top of the resolution"];
    PushPrivate = "push-private", "push the backport to the private side";
        Patch, Private, Possible("delete the branch on the private side");
        people: [];
    OpenPrivatePull = "open-private-pull", "open the private pull request";
        Patch, Private, Possible("close the pull request");
        people: [];
    Stack = "stack", "stack all fixes of the branch in order, with their release note";
        Target, Local, Nothing;
        people: [Waive when Offered => "the conflict markers belong in the patch"];
    Prove = "prove", "run the test suites on the stacked tree";
        Target, Local, Nothing;
        people: [Waive when Offered => "the target counts as proven although suites failed"];
    Confirm = "confirm", "ask people to confirm something only they can do";
        Release, Local, Nothing;
        people: [
            Confirm when Offered => "it is so",
            Waive when Offered => "the release continues without it"
        ];
    Gate = "gate", "wait for people and the clock";
        Release, Local, Nothing;
        people: [Approve when Offered => "what the gate shows may go ahead"];
    OpenBump = "open-bump", "open the version-bump pull request";
        Line, Guarded, Possible("close the pull request and delete its branch");
        people: [];
    PublishBranch = "publish-branch", "push the stacked fixes to a public branch";
        Target, Public, Possible("delete the branch; what was seen stays seen");
        people: [];
    OpenPull = "open-pull", "open the public pull request";
        Target, Public, Possible("close the pull request; what was seen stays seen");
        people: [];
    AwaitChecks = "await-checks", "wait for the checks of the pull request";
        Target, Local, Nothing;
        people: [Waive when Held => "the fixes are merged without green checks"];
    MergePatch = "merge-patch", "merge the fixes";
        Target, Public, Impossible("fix forward");
        people: [Waive when Offered => "the fixes are merged onto a base that they were not proven on"];
    CompareTree = "compare-tree", "compare the merged tree with the proven one";
        Target, Local, Nothing;
        people: [Waive when Offered => "the merged tree is released although it is not the proven one"];
    AwaitBumpChecks = "await-bump-checks", "wait for the checks of the bump";
        Line, Local, Nothing;
        people: [Waive when Held => "the bump is merged without green checks"];
    MergeBump = "merge-bump", "merge the version bump";
        Line, Public, Impossible("fix forward");
        people: [Waive when Offered => "the bump is merged although its updated branch is red"];
    TriggerRelease = "trigger-release", "start the release";
        Line, Public, Impossible("fix forward");
        people: [];
    AwaitRelease = "await-release", "wait for the tag, the release and its files";
        Line, Local, Nothing;
        people: [];
    AwaitRegistry = "await-registry", "wait until the registry has the version";
        Line, Local, Nothing;
        people: [];
    CorrectLatest = "correct-latest", "give the label \"latest\" to the newest line";
        Repository, Public, Possible("set the label again");
        people: [];
    ArchiveFork = "archive-fork", "keep a copy of the private fork";
        Advisory, Local, Nothing;
        people: [];
    ClosePrivatePulls = "close-private-pulls", "close the private pull requests";
        Advisory, Private, Possible("reopen them");
        people: [];
    DeleteFork = "delete-fork", "delete the private fork";
        Advisory, Private, Impossible("the archived copy remains");
        people: [];
    PublishAdvisory = "publish-advisory", "publish the advisory";
        Advisory, Public, Impossible("an advisory can only be withdrawn");
        people: [];
    ReleaseMail = "release-mail", "announce the security release";
        Release, Public, Impossible("a mail cannot be called back; send a correction");
        people: [
            Confirm when Offered => "the mail has arrived",
            Waive when Offered => "the mail has not arrived and is sent now"
        ];
    WriteEntries = "write-entries", "write the OSV and RustSec entries";
        Advisory, Local, Nothing;
        people: [];
    VerifyAdvisory = "verify-advisory", "check from outside that the advisory is public and its ranges are right";
        Advisory, Local, Nothing;
        people: [Waive when Offered => "what is wrong with the advisory is accepted"];
    VerifyTarget = "verify-target", "check from outside that the branch has every fix and its release is published";
        Target, Local, Nothing;
        people: [Waive when Offered => "what is wrong with the branch or its release is accepted"];
    FinalReport = "final-report", "write the final report";
        Release, Local, Nothing;
        people: [];
}

impl StepKind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<StepKind> {
        let kind = StepKind::ALL.iter().copied().find(|kind| kind.as_str() == name)?;
        // People's steps are written `confirm:NAME` and `gate:NAME`.
        (!matches!(kind, StepKind::Confirm | StepKind::Gate)).then_some(kind)
    }

    /// Whether and when people can take this decision about it, and what follows; `None` if it has no effect here.
    #[must_use]
    pub fn choice(self, decision: DecisionKind) -> Option<Choice> {
        self.choices().iter().copied().find(|choice| choice.decision == decision)
    }

    /// Whether it can be waived: when, and what that means.
    #[must_use]
    pub fn waivable(self) -> Option<Choice> {
        self.choice(DecisionKind::Waive)
    }

    /// Whether later steps of the same subject continue without it. A CVE has taken GitHub more than a month
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

#[cfg(test)]
mod tests {
    use super::super::columns::When;
    use super::*;

    #[test]
    fn names_are_unique_and_are_what_files_say() {
        for kind in StepKind::ALL {
            let named: Vec<_> =
                StepKind::ALL.iter().filter(|other| other.as_str() == kind.as_str()).collect();
            assert_eq!(named, [kind]);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn gates_can_only_be_approved_and_nothing_else_can_be() {
        for kind in StepKind::ALL {
            let approved = kind.choice(DecisionKind::Approve).is_some();
            assert_eq!(approved, *kind == StepKind::Gate, "{kind}");
        }
        assert_eq!(StepKind::Gate.choices().len(), 1);
    }

    #[test]
    fn only_waits_can_be_waived_before_they_ask() {
        let early: Vec<&str> = StepKind::ALL
            .iter()
            .filter(|kind| kind.choices().iter().any(|choice| choice.when == When::Held))
            .map(|kind| kind.as_str())
            .collect();
        assert_eq!(early, ["await-cve", "await-checks", "await-bump-checks"]);
    }
}
