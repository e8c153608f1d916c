//! The steps, one file per kind. Each looks before it acts (`observe`), and acts (`apply`).
//!
//! A step reads the plan, the facts of the run and the world; it never writes to the journal and never decides what
//! comes next. A step that only looks (it waits, compares or checks) does all its work in `observe`.

mod accept_report;
mod acknowledge;
mod advance_mail;
mod announcement;
mod answer;
mod archive_fork;
mod assess;
mod await_bump_checks;
mod await_checks;
mod await_cve;
mod await_registry;
mod await_release;
mod backport;
mod bump;
mod bump_command;
mod checkout;
mod checks_of;
mod close_private_pulls;
mod compare_tree;
mod confirm;
mod conflict;
mod correct_latest;
mod create_fork;
mod delete_fork;
mod describe_advisory;
mod error;
mod facts;
mod final_report;
mod fix_disclosure;
mod gate;
mod help;
mod import_fix;
mod invite;
mod lines;
mod lint_advisory;
mod local;
mod lock_files;
mod merge_bump;
mod merge_patch;
mod merging;
mod open_bump;
mod open_private_pull;
mod open_pull;
mod osv;
mod output;
mod private_side;
mod prove;
mod public;
mod publish_advisory;
mod publish_branch;
mod pull_series;
mod push_private;
mod record_manager;
mod release_mail;
mod release_note;
mod remote_head;
mod request_cve;
mod resolution;
mod review;
mod rustsec;
mod secrets;
mod site;
mod stack;
mod stacked;
mod tree_files;
mod trigger_release;
mod verify_advisory;
mod verify_target;
mod write_entries;

pub use error::{Blame, Effect, StepError};
pub use facts::{Decision, Facts};
pub use gate::{digest as gate_digest, disclosed, shown as gate_shown};
pub use local::{committer, made_ref, public_ref};
pub use output::{
    AdvisoryFact, GreenChecks, Merge, OpenedPull, Output, Passage, Patch, PatchCommit, PushedRef, SentMail,
    Standing, Start, Verdict,
};
pub use resolution::accepted as accepted_resolution;
pub use site::{Begun, Made, MovedHead, Question, QuestionKind, Seen, Site, Wait};
pub use tree_files::TreeFiles;

use crate::plan::StepKind;

/// Hands a step to the file of its kind.
macro_rules! by_kind {
    ($site:expr, $verb:ident) => {
        match $site.step.kind {
            StepKind::RecordManager => record_manager::$verb($site).await,
            StepKind::Acknowledge => acknowledge::$verb($site).await,
            StepKind::AcceptReport => accept_report::$verb($site).await,
            StepKind::CreateFork => create_fork::$verb($site).await,
            StepKind::Invite => invite::$verb($site).await,
            StepKind::ImportFix => import_fix::$verb($site).await,
            StepKind::Assess => assess::$verb($site).await,
            StepKind::DescribeAdvisory => describe_advisory::$verb($site).await,
            StepKind::LintAdvisory => lint_advisory::$verb($site).await,
            StepKind::RequestCve => request_cve::$verb($site).await,
            StepKind::AwaitCve => await_cve::$verb($site).await,
            StepKind::FixDisclosure => fix_disclosure::$verb($site).await,
            StepKind::AdvanceMail => advance_mail::$verb($site).await,
            StepKind::Backport => backport::$verb($site).await,
            StepKind::PushPrivate => push_private::$verb($site).await,
            StepKind::OpenPrivatePull => open_private_pull::$verb($site).await,
            StepKind::Stack => stack::$verb($site).await,
            StepKind::Prove => prove::$verb($site).await,
            StepKind::Confirm => confirm::$verb($site).await,
            StepKind::Gate => gate::$verb($site).await,
            StepKind::OpenBump => open_bump::$verb($site).await,
            StepKind::PublishBranch => publish_branch::$verb($site).await,
            StepKind::OpenPull => open_pull::$verb($site).await,
            StepKind::AwaitChecks => await_checks::$verb($site).await,
            StepKind::MergePatch => merge_patch::$verb($site).await,
            StepKind::CompareTree => compare_tree::$verb($site).await,
            StepKind::AwaitBumpChecks => await_bump_checks::$verb($site).await,
            StepKind::MergeBump => merge_bump::$verb($site).await,
            StepKind::TriggerRelease => trigger_release::$verb($site).await,
            StepKind::AwaitRelease => await_release::$verb($site).await,
            StepKind::AwaitRegistry => await_registry::$verb($site).await,
            StepKind::CorrectLatest => correct_latest::$verb($site).await,
            StepKind::ArchiveFork => archive_fork::$verb($site).await,
            StepKind::ClosePrivatePulls => close_private_pulls::$verb($site).await,
            StepKind::DeleteFork => delete_fork::$verb($site).await,
            StepKind::PublishAdvisory => publish_advisory::$verb($site).await,
            StepKind::ReleaseMail => release_mail::$verb($site).await,
            StepKind::WriteEntries => write_entries::$verb($site).await,
            StepKind::VerifyAdvisory => verify_advisory::$verb($site).await,
            StepKind::VerifyTarget => verify_target::$verb($site).await,
            StepKind::FinalReport => final_report::$verb($site).await,
        }
    };
}

/// Looks whether the world already shows the step's effect.
///
/// # Errors
/// When looking failed; nothing was changed.
pub async fn observe(site: &Site) -> Result<Seen, StepError> {
    by_kind!(site, observe)
}

/// Acts. Called only after [`observe`] answered that there is something to do and the intent is on disk.
///
/// # Errors
/// With whether the effect may have happened all the same.
pub async fn apply(site: &Site) -> Result<Made, StepError> {
    by_kind!(site, apply)
}
