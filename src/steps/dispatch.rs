//! Taking a step: it goes to the file of its kind, unless people left its branch out.

use super::advisory::{
    accept_report, archive_fork, await_cve, close_private_pulls, create_fork, delete_fork, describe_advisory,
    invite, lint_advisory, publish_advisory, request_cve, verify_advisory,
};
use super::context::{Applied, Observed, StepContext};
use super::error::StepError;
use super::mail::{acknowledge, advance_mail, release_mail};
use super::output::Output;
use super::patch::{
    assess, assess_versions, backport, idle, import_fix, open_private_pull, prove, push_private, stack,
};
use super::people::{confirm, fix_disclosure, gate, record_manager};
use super::publish::{await_checks, compare_tree, delete_branches, merge_patch, open_pull, publish_branch};
use super::records::{final_report, late_cve, write_entries};
use super::release::{
    await_bump_checks, await_registry, await_release, correct_latest, draft_release, merge_bump, open_bump,
    prepare_bump, prepare_development, prepare_merge, prepare_release, publish_release, trigger_release,
    verify_target,
};
use crate::kinds::StepKind;

/// Hands a step to the file of its kind.
macro_rules! by_kind {
    ($context:expr, $verb:ident) => {
        match $context.step.kind {
            StepKind::RecordManager => record_manager::$verb($context).await,
            StepKind::Acknowledge => acknowledge::$verb($context).await,
            StepKind::AcceptReport => accept_report::$verb($context).await,
            StepKind::CreateFork => create_fork::$verb($context).await,
            StepKind::Invite => invite::$verb($context).await,
            StepKind::ImportFix => import_fix::$verb($context).await,
            StepKind::Assess => assess::$verb($context).await,
            StepKind::AssessVersions => assess_versions::$verb($context).await,
            StepKind::DescribeAdvisory => describe_advisory::$verb($context).await,
            StepKind::LintAdvisory => lint_advisory::$verb($context).await,
            StepKind::RequestCve => request_cve::$verb($context).await,
            StepKind::AwaitCve => await_cve::$verb($context).await,
            StepKind::FixDisclosure => fix_disclosure::$verb($context).await,
            StepKind::AdvanceMail => advance_mail::$verb($context).await,
            StepKind::Backport => backport::$verb($context).await,
            StepKind::PushPrivate => push_private::$verb($context).await,
            StepKind::OpenPrivatePull => open_private_pull::$verb($context).await,
            StepKind::Stack => stack::$verb($context).await,
            StepKind::PrepareBump => prepare_bump::$verb($context).await,
            StepKind::PrepareDevelopment => prepare_development::$verb($context).await,
            StepKind::PrepareMerge => prepare_merge::$verb($context).await,
            StepKind::PrepareRelease => prepare_release::$verb($context).await,
            StepKind::Prove => prove::$verb($context).await,
            StepKind::Confirm => confirm::$verb($context).await,
            StepKind::Gate => gate::$verb($context).await,
            StepKind::OpenBump => open_bump::$verb($context).await,
            StepKind::PublishBranch => publish_branch::$verb($context).await,
            StepKind::OpenPull => open_pull::$verb($context).await,
            StepKind::AwaitChecks => await_checks::$verb($context).await,
            StepKind::MergePatch => merge_patch::$verb($context).await,
            StepKind::CompareTree => compare_tree::$verb($context).await,
            StepKind::AwaitBumpChecks => await_bump_checks::$verb($context).await,
            StepKind::MergeBump => merge_bump::$verb($context).await,
            StepKind::TriggerRelease => trigger_release::$verb($context).await,
            StepKind::DraftRelease => draft_release::$verb($context).await,
            StepKind::PublishRelease => publish_release::$verb($context).await,
            StepKind::AwaitRelease => await_release::$verb($context).await,
            StepKind::AwaitRegistry => await_registry::$verb($context).await,
            StepKind::CorrectLatest => correct_latest::$verb($context).await,
            StepKind::ArchiveFork => archive_fork::$verb($context).await,
            StepKind::ClosePrivatePulls => close_private_pulls::$verb($context).await,
            StepKind::DeleteFork => delete_fork::$verb($context).await,
            StepKind::PublishAdvisory => publish_advisory::$verb($context).await,
            StepKind::ReleaseMail => release_mail::$verb($context).await,
            StepKind::WriteEntries => write_entries::$verb($context).await,
            StepKind::VerifyAdvisory => verify_advisory::$verb($context).await,
            StepKind::VerifyTarget => verify_target::$verb($context).await,
            StepKind::OpenDevelopment => open_bump::$verb($context).await,
            StepKind::AwaitDevelopmentChecks => await_bump_checks::$verb($context).await,
            StepKind::MergeDevelopment => merge_bump::$verb($context).await,
            StepKind::DeleteBranches => delete_branches::$verb($context).await,
            StepKind::LateCve => late_cve::$verb($context).await,
            StepKind::FinalReport => final_report::$verb($context).await,
        }
    };
}

/// Looks whether the world already shows the step's effect.
///
/// # Errors
/// When looking failed; nothing was changed.
pub async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    match idle::needless(&context.plan, &context.facts, &context.step) {
        Some(why) => Ok(Observed::Done(Output::Skipped(why))),
        None => observe_kind(context).await,
    }
}

async fn observe_kind(context: &StepContext) -> Result<Observed, StepError> {
    by_kind!(context, observe)
}

/// Acts. Called only after [`observe`] answered that there is something to do and the intent is on disk.
///
/// # Errors
/// With whether the effect may have happened all the same.
pub async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    by_kind!(context, apply)
}
