//! What all steps on public surfaces share: where branches live, their names, and permits.

use super::answer::{decision, waive};
use crate::catalog::Repo;
use crate::egress::{Disclosed, Leak, LeakGuard, Overruled, Permit, PublicText, Surface};
use crate::ids::{BranchName, RepoName};
use crate::kinds::DecisionKind;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::plan::{LineRelease, Target};
use crate::steps::context::{Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::people::embargo;
use crate::steps::secrets;

/// The repository in which the branches of public pull requests live.
pub(in crate::steps) fn home(repo: &Repo) -> &RepoName {
    repo.home()
}

/// The branch of a line's version bump.
pub(in crate::steps) fn bump_branch(context: &StepContext, to: &Version) -> Result<BranchName, StepError> {
    named(context.repo()?.bump_branch_of(&context.target()?.branch, to))
}

/// The branch of a bump after the release that leaves the line's own version alone.
pub(in crate::steps) fn after_branch(target: &Target, to: &Version) -> Result<BranchName, StepError> {
    named(format!("bump/{}-after-{to}", target.branch))
}

/// The branch of a target's fixes.
pub(in crate::steps) fn patch_branch(
    context: &StepContext,
    target: &Target,
) -> Result<BranchName, StepError> {
    named(context.repo()?.patch_branch_of(&context.inputs().release.id, &target.branch))
}

fn named(name: String) -> Result<BranchName, StepError> {
    name.parse().map_err(|cause| StepError::internal(format!("failed to name a branch: {cause}")))
}

/// The release made from the step's target.
pub(in crate::steps) fn release(context: &StepContext) -> Result<&LineRelease, StepError> {
    let target = context.target()?;
    target
        .release
        .as_ref()
        .ok_or_else(|| StepError::internal(format!("nothing is released from {}", target.label())))
}

/// The end of the embargo. The plan's order sees to it that no public step comes before.
pub(in crate::steps) fn disclosed(context: &StepContext) -> Result<Disclosed, StepError> {
    embargo::disclosed(context).ok_or_else(|| {
        StepError::internal(format!("`{}` would be public before the release-day gate", context.step.name))
    })
}

/// The permit for public writes after the release-day gate.
pub(in crate::steps) fn after_the_gate(context: &StepContext) -> Result<Permit, StepError> {
    disclosed(context).map(Permit::Disclosed)
}

/// What the leak guard says of something that is to be public.
pub(in crate::steps) enum Guarded {
    /// It may be.
    Free(Permit),
    /// People decide.
    Stopped(Question),
}

/// Whether these texts may be published: always after the release-day gate, before it if the leak guard finds nothing in
/// them, or people have read what it found and let them through.
pub(in crate::steps) async fn guarded(
    context: &StepContext,
    surface: &str,
    texts: &[PublicText<'_>],
) -> Result<Guarded, StepError> {
    if let Some(disclosed) = embargo::disclosed(context) {
        return Ok(Guarded::Free(Permit::Disclosed(disclosed)));
    }
    let guard = secrets::guard(context).await?;
    Ok(match guard.clear(&Surface(surface.to_owned()), texts) {
        Ok(cleared) => Guarded::Free(Permit::Cleared(cleared)),
        Err(leak) => match let_through(context) {
            Some(reason) => Guarded::Free(Permit::Overruled(Overruled::because(reason))),
            None => Guarded::Stopped(stopped(context, &leak)),
        },
    })
}

/// Why people let through what the guard stops. What they want sent again, they have let through before.
fn let_through(context: &StepContext) -> Option<&str> {
    match context.facts.decisions.get(&context.step.name) {
        Some(Decision::Waived { reason }) => Some(reason),
        Some(Decision::SendAgain) => Some("it was sent before"),
        _ => None,
    }
}

/// Another text is one of other files, or one that people publish themselves.
fn stopped(context: &StepContext, leak: &Leak) -> Question {
    let harmless = Advice::then("if it gives nothing away, to publish it as it is", waive(context));
    let by_hand = context.step.kind.decision(DecisionKind::Confirm).map(|_| {
        let confirm = NextAction::Confirm { step: context.step.name.clone() };
        Advice::then("if you sent another text by hand", confirm)
    });
    let another = Advice::then(
        "if the text must change, correct the catalog, the workflow or the template, then",
        NextAction::Amend { digest: None },
    );
    decision(leak.to_string(), [harmless].into_iter().chain(by_hand).chain([another]))
}

/// The permit for what shows nothing new.
pub(in crate::steps) async fn without_text(
    context: &StepContext,
    surface: &str,
) -> Result<Permit, StepError> {
    if let Some(disclosed) = embargo::disclosed(context) {
        return Ok(Permit::Disclosed(disclosed));
    }
    let nothing = LeakGuard::default().clear(&Surface(surface.to_owned()), &[]);
    nothing.map(Permit::Cleared).map_err(|leak| StepError::internal(leak.to_string()))
}
