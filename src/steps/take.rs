//! Taking a step: it goes to the file of its kind, unless people left its branch out.

use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use super::{
    accept_report, acknowledge, advance_mail, archive_fork, assess, await_bump_checks, await_checks,
    await_cve, await_registry, await_release, backport, close_private_pulls, compare_tree, confirm,
    correct_latest, create_fork, delete_fork, describe_advisory, final_report, fix_disclosure, gate,
    import_fix, invite, left_out, lint_advisory, merge_bump, merge_patch, open_bump, open_private_pull,
    open_pull, prove, publish_advisory, publish_branch, push_private, record_manager, release_mail,
    request_cve, stack, trigger_release, verify_advisory, verify_target, write_entries,
};
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
    match left_out::skipped(site) {
        Some(why) => Ok(Seen::Done(Output::Skipped(why))),
        None => observe_kind(site).await,
    }
}

async fn observe_kind(site: &Site) -> Result<Seen, StepError> {
    by_kind!(site, observe)
}

/// Acts. Called only after [`observe`] answered that there is something to do and the intent is on disk.
///
/// # Errors
/// With whether the effect may have happened all the same.
pub async fn apply(site: &Site) -> Result<Made, StepError> {
    by_kind!(site, apply)
}
