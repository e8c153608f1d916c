//! The table itself: one row a kind, in the order of the life of a release.

use super::columns::Undo::{Impossible, Nothing, Possible};
use super::declare::step_kinds;

step_kinds! {
    RecordManager = "record-manager": "record who leads the release";
        listed Plain, each Release: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    Acknowledge = "acknowledge": "acknowledge the report to its reporter";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [
            Confirm when Offered => "the reporter was answered",
            Waive when Offered => "the release continues without an answer to the reporter"
        ];
    AcceptReport = "accept-report": "accept the report: the advisory becomes a draft";
        listed Plain, each Advisory: Always, seen Private, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    CreateFork = "create-fork": "create the temporary private fork";
        listed Plain, each Advisory: IfForked, seen Private, undo Possible("delete the private fork");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    Invite = "invite": "invite the collaborators";
        listed Plain, each Advisory: Always, seen Private, undo Possible("remove the collaborators from the advisory");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    ImportFix = "import-fix": "fetch the commits of the fix";
        listed Plain, each Fix: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    Assess = "assess": "find out whether the branch is affected, with evidence";
        listed Plain, each Patch: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Again;
        people [
            Confirm when Offered => "the branch gets the fix",
            Waive when Offered => "the branch is left out: it gets no backport, no release and no range in the advisory"
        ];
    AssessVersions = "assess-versions": "find out which released versions carry the vulnerability, each by its content";
        listed Plain, each Fix: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    DescribeAdvisory = "describe-advisory": "write severity, weaknesses, credits and the ranges of each line into the advisory";
        listed Plain, each Advisory: Always, seen Private, undo Possible("rewrite the fields");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    LintAdvisory = "lint-advisory": "check that the advisory is complete and consistent";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    RequestCve = "request-cve": "request a CVE";
        listed Plain, each Advisory: Always, seen Private, undo Impossible("an assigned CVE can only be rejected");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    AwaitCve = "await-cve": "wait for the CVE, unless people decide to continue without one";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Pass, left_out Taken, moved Stays;
        people [Waive when Held => "the release continues without a CVE"];
    FixDisclosure = "fix-disclosure": "record the disclosure time";
        listed Plain, each Release: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    AdvanceMail = "advance-mail": "announce that a security release is coming";
        listed Either, each Release: Always, seen Guarded, undo Impossible("a mail cannot be called back; send a correction");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [
            Confirm when Held => "the mail is out, and Lockgate does not send it",
            SendAgain when Offered => "the mail has not arrived and is sent now",
            Waive when Offered => "the mail is sent as it is, although the leak guard stopped it"
        ];
    Backport = "backport": "carry the fix to the branch, in memory";
        listed Plain, each Patch: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Again;
        people [Resolve when Offered => "the resolution is the whole fix on this branch"];
    PushPrivate = "push-private": "push the backport to the private side";
        listed Plain, each Patch: Always, seen Private, undo Possible("delete the branch on the private side");
        order Listed, others Wait, left_out Skipped, moved Again;
        people [];
    OpenPrivatePull = "open-private-pull": "open the private pull request";
        listed Plain, each Patch: Always, seen Private, undo Possible("close the pull request");
        order Listed, others Wait, left_out Skipped, moved Again;
        people [];
    Stack = "stack": "stack all fixes of the branch in order, with their release note";
        listed Plain, each Target: IfPatched, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Again;
        people [
            Waive when Offered => "the conflict markers belong in the patch",
            Resolve when Offered => "the resolution is the whole stack"
        ];
    PrepareBump = "prepare-bump": "make the version bump and lay it on the stacked fixes, in memory";
        listed Plain, each Line: IfBumped, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Again;
        people [Waive when Offered => "the bump's conflict is resolved on its branch on release day"];
    PrepareDevelopment = "prepare-development": "make what the line states after its release, in memory";
        listed Plain, each Line: IfDeveloped, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Again;
        people [];
    PrepareMerge = "prepare-merge": "merge a release that is made beside its line into the line, in memory";
        listed Plain, each Line: IfMergedBack, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Again;
        people [Waive when Offered => "people merge the release into its line once it is out"];
    PrepareRelease = "prepare-release": "write the GitHub Release of the line, and look at its files";
        listed Plain, each Line: IfGitHubReleased, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Again;
        people [];
    Prove = "prove": "run the test suites on the stacked tree";
        listed Plain, each Target: IfPatched, seen Local, undo Nothing;
        order Proves, others Wait, left_out Skipped, moved Again;
        people [Waive when Offered => "the target counts as proven although suites failed"];
    Confirm = "confirm": "ask people to confirm something only they can do";
        listed ByName, each Release: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [
            Confirm when Offered => "it is so",
            Waive when Offered => "the release continues without it"
        ];
    Gate = "gate": "wait for people and the clock";
        listed ByName, each Release: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Again;
        people [Approve when Offered => "what the gate shows may go ahead"];
    OpenBump = "open-bump": "open the version-bump pull request";
        listed Plain, each Line: IfBumpPulled, seen Guarded, undo Possible("close the pull request and delete its branch");
        order OpensBump, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the version bump is opened as it is, although the leak guard stopped it"];
    PublishBranch = "publish-branch": "push the stacked fixes to a public branch";
        listed Plain, each Target: IfPatched, seen Public, undo Possible("delete the branch, although people may have seen it");
        order ShowsFix, others Wait, left_out Skipped, moved Stays;
        people [];
    OpenPull = "open-pull": "open the public pull request";
        listed Plain, each Target: IfPatched, seen Public, undo Possible("close the pull request, although people may have seen it");
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [];
    AwaitChecks = "await-checks": "wait for the checks of the pull request";
        listed Plain, each Target: IfPatched, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Waive when Held => "the fixes are merged without green checks"];
    MergePatch = "merge-patch": "merge the fixes";
        listed Plain, each Target: IfPatched, seen Public, undo Impossible("fix forward");
        order MergesFix, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the fixes are merged onto a base that they were not proven on"];
    CompareTree = "compare-tree": "compare the merged tree with the proven one";
        listed Plain, each Target: IfPatched, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the merged tree is released although it is not the proven one"];
    AwaitBumpChecks = "await-bump-checks": "wait for the checks of the bump";
        listed Plain, each Line: IfBumpPulled, seen Local, undo Nothing;
        order ChecksBump, others Wait, left_out Skipped, moved Stays;
        people [Waive when Held => "the bump is merged without green checks"];
    MergeBump = "merge-bump": "merge the version bump";
        listed Plain, each Line: IfBumpPulled, seen Public, undo Impossible("fix forward");
        order MergesBump, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the bump is merged although its updated branch is red"];
    TriggerRelease = "trigger-release": "start the release";
        listed Plain, each Line: Always, seen Public, undo Impossible("fix forward");
        order StartsRelease, others Wait, left_out Skipped, moved Stays;
        people [];
    DraftRelease = "draft-release": "draft the GitHub Release, with its files";
        listed Plain, each Line: IfGitHubReleased, seen Public, undo Possible("delete the draft");
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Confirm when Offered => "the draft that is there is this release"];
    PublishRelease = "publish-release": "publish the GitHub Release";
        listed Plain, each Line: IfGitHubReleased, seen Public, undo Impossible("fix forward");
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [
            Confirm when Offered => "the draft is published as people changed it",
            Waive when Offered => "the version has a tag and no GitHub Release"
        ];
    AwaitRelease = "await-release": "wait for the tag, the release and its files";
        listed Plain, each Line: Always, seen Local, undo Nothing;
        order SeesRelease, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the release counts as complete without the files that are missing"];
    AwaitRegistry = "await-registry": "wait until the registry has the version";
        listed Plain, each Line: IfRegistered, seen Local, undo Nothing;
        order SeesRelease, others Wait, left_out Skipped, moved Stays;
        people [Waive when Held => "the release continues although its registry was not seen to have the version"];
    CorrectLatest = "correct-latest": "give the label \"latest\" to the newest line";
        listed Plain, each Repository: Always, seen Public, undo Possible("set the label again");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    ArchiveFork = "archive-fork": "keep a copy of the private fork";
        listed Plain, each Advisory: IfForked, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    ClosePrivatePulls = "close-private-pulls": "close the private pull requests";
        listed Plain, each Advisory: Always, seen Private, undo Possible("reopen them");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    DeleteFork = "delete-fork": "delete the private fork";
        listed Plain, each Advisory: IfForked, seen Private, undo Impossible("the archived copy remains");
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    PublishAdvisory = "publish-advisory": "publish the advisory";
        listed Plain, each Advisory: Always, seen Public, undo Impossible("an advisory can only be withdrawn");
        order Discloses, others Wait, left_out Taken, moved Stays;
        people [];
    ReleaseMail = "release-mail": "announce the security release";
        listed Either, each Release: Always, seen Public, undo Impossible("a mail cannot be called back; send a correction");
        order Discloses, others Wait, left_out Taken, moved Stays;
        people [
            Confirm when Held => "the mail is out, and Lockgate does not send it",
            SendAgain when Offered => "the mail has not arrived and is sent now"
        ];
    WriteEntries = "write-entries": "write the OSV and RustSec entries";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    VerifyAdvisory = "verify-advisory": "check from outside that the advisory is public and its ranges are right";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [Waive when Offered => "what is wrong with the advisory is accepted"];
    VerifyTarget = "verify-target": "check from outside that the branch has every fix and its release is published";
        listed Plain, each Target: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "what is wrong with the branch or its release is accepted"];
    OpenDevelopment = "open-development": "open the pull request with what the line states after its release";
        listed Plain, each Line: IfDeveloped, seen Public, undo Possible("close the pull request and delete its branch");
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [];
    AwaitDevelopmentChecks = "await-development-checks": "wait for the checks of what the line states after its release";
        listed Plain, each Line: IfDeveloped, seen Local, undo Nothing;
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Waive when Held => "the development version is merged without green checks"];
    MergeDevelopment = "merge-development": "merge what the line states after its release";
        listed Plain, each Line: IfDeveloped, seen Public, undo Possible("merge another version");
        order Listed, others Wait, left_out Skipped, moved Stays;
        people [Waive when Offered => "the development version is merged although its updated branch is red"];
    FinalReport = "final-report": "write the final report";
        listed Plain, each Release: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [];
    LateCve = "late-cve": "write in a CVE that arrives after the release";
        listed Plain, each Advisory: Always, seen Local, undo Nothing;
        order Listed, others Wait, left_out Taken, moved Stays;
        people [Waive when Held => "the CVE is not waited for any longer"];
}
