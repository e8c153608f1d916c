//! The private side of an advisory: its fork, and whether it still exists.

use std::collections::BTreeSet;

use super::accept_report::current;
use crate::egress::Permit;
use crate::github::RepoVisibility;
use crate::ids::RepoName;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::people::embargo;
use crate::wording::counted;

/// The temporary private fork of the step's advisory, if it uses one.
pub(in crate::steps) fn fork(context: &StepContext) -> Result<Option<RepoName>, StepError> {
    Ok(context.inputs().advisory_fork(context.advisory()?))
}

/// Whether what is sent to a private side stays private: looked at before each push, pull request and invitation. A mistake
/// of the catalog is refused by the plan; what is refused here has changed since, or is a fork that is not what it should
/// be.
pub(in crate::steps) async fn check_private(context: &StepContext, side: &RepoName) -> Result<(), StepError> {
    let found = context.world.github.repository(side).await?.ok_or_else(|| {
        let hint = Advice::then("let the token see it, then", NextAction::Resume);
        let unseen =
            StepError::input(format!("`{side}` is not visible to this token; nothing was sent there"), hint);
        if was_seen(context, side) { unseen.may_pass() } else { unseen }
    })?;
    if !found.name.as_str().eq_ignore_ascii_case(side.as_str()) {
        let hint = Advice::then("give it back its name, then", NextAction::Resume);
        let moved = format!("`{side}` is called `{}` now; nothing was sent there", found.name);
        return Err(StepError::input(moved, hint).or(Advice::then(
            "write its new name into the catalog, then",
            NextAction::Amend { digest: None },
        )));
    }
    match found.visibility {
        RepoVisibility::Private => Ok(()),
        RepoVisibility::Public => Err(exposed(context, side)),
    }
}

/// Whether this run has had to do with it: one that is not found now is there all the same, or was a moment ago.
fn was_seen(context: &StepContext, side: &RepoName) -> bool {
    context.facts.outputs.values().any(|output| match output {
        Output::Repository(made) => made == side,
        Output::Ref(pushed) => pushed.repo == *side,
        _ => false,
    })
}

/// Whoever reads this must know whether the embargo is broken.
fn exposed(context: &StepContext, side: &RepoName) -> StepError {
    let there = |output: &&Output| matches!(output, Output::Ref(pushed) if pushed.repo == *side);
    let fate = match context.facts.outputs.values().filter(there).count() {
        0 => "nothing was sent there".to_owned(),
        pushed => format!(
            "what this run pushed there earlier ({}) can be read by everybody, and nothing more was sent",
            counted(pushed, "backport")
        ),
    };
    let again = Advice::then(
        "make it private again, find out since when it was not, and if nobody has seen it",
        NextAction::Resume,
    );
    let seen = context.world.clock.now();
    StepError::input(
        format!("`{side}` is to keep fixes private, and is public (seen at {seen:.0}): {fate}"),
        again,
    )
    .or(Advice::then("if the fix is out, end the wait for the hour", NextAction::DiscloseNow))
    .or(Advice::then("to release without this run, call it off", NextAction::Abort))
}

/// Looks at every private side to which the run has pushed.
pub(in crate::steps) async fn check_all(context: &StepContext) -> Result<(), StepError> {
    for side in pushed_to(context) {
        check_private(context, &side).await?;
    }
    Ok(())
}

/// Stops where a private side to which the run has pushed is public. One that is gone has shown nothing to anybody.
pub(in crate::steps) async fn check_exposure(context: &StepContext) -> Result<(), StepError> {
    match exposed_sides(context).await?.first() {
        Some(side) => Err(exposed(context, side)),
        None => Ok(()),
    }
}

/// What is told of private sides that are public, to those who approve in spite of it.
pub(in crate::steps) async fn exposures(context: &StepContext) -> Result<Vec<String>, StepError> {
    let sides = exposed_sides(context).await?;
    let told = |side| format!("`{side}` is public, and the backports in it can be read by everybody");
    Ok(sides.iter().map(told).collect())
}

async fn exposed_sides(context: &StepContext) -> Result<Vec<RepoName>, StepError> {
    let mut exposed = Vec::new();
    for side in pushed_to(context) {
        let found = context.world.github.repository(&side).await?;
        if found.is_some_and(|found| found.visibility == RepoVisibility::Public) {
            exposed.push(side);
        }
    }
    Ok(exposed)
}

/// The permit for what takes something back on a private side. Once the embargo has ended it need not be private any more.
pub(in crate::steps) fn permit(context: &StepContext) -> Permit {
    embargo::disclosed(context).map_or(Permit::Private, Permit::Disclosed)
}

fn pushed_to(context: &StepContext) -> BTreeSet<RepoName> {
    let pushed = context.plan.of_kind(StepKind::PushPrivate).filter_map(|step| {
        match context.facts.outputs.get(&step.name) {
            Some(Output::Ref(pushed)) => Some(pushed.repo.clone()),
            _ => None,
        }
    });
    pushed.collect()
}

/// Whether a fork exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum ForkPresence {
    /// It exists.
    Present,
    /// It is deleted.
    Gone,
    /// This token does not see it, and the advisory still names it.
    Unseen,
}

/// Looks in two places: GitHub answers alike for a deleted repository and for one that the token may not see.
pub(in crate::steps) async fn stand(
    context: &StepContext,
    fork: &RepoName,
) -> Result<ForkPresence, StepError> {
    if context.world.github.repository(fork).await?.is_some() {
        return Ok(ForkPresence::Present);
    }
    Ok(match current(context).await?.private_fork {
        None => ForkPresence::Gone,
        Some(_) => ForkPresence::Unseen,
    })
}
