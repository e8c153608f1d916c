//! The private side of an advisory: its fork, and whether it still exists.

use std::collections::BTreeSet;

use super::accept_report::current;
use super::describe_advisory::{unlike, words};
use crate::egress::Permit;
use crate::git::TransportError;
use crate::github::{RepositoryAdvisory, RepositoryAdvisoryState};
use crate::ids::{CommitId, GhsaId, RepoName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Subject;
use crate::release::Advisory;
use crate::steps::context::{Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{Output, PushedRef};
use crate::steps::people::embargo;
use crate::steps::publish::answer::decision;
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
    match found.visibility.exposed() {
        None => Ok(()),
        Some(how) => Err(exposed(context, side, how)),
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
fn exposed(context: &StepContext, side: &RepoName, how: &str) -> StepError {
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
        format!("`{side}` is to keep fixes private, and {how} (seen at {seen:.0}): {fate}"),
        again,
    )
    .or(Advice::then("if the fix is out, end the wait for the hour", NextAction::DiscloseNow))
    .or(Advice::then("to release without this run, call it off", NextAction::Abort))
}

/// Looks at every private side to which the run has pushed. One that somebody deleted keeps its secrets, and nothing more is sent
/// there.
pub(in crate::steps) async fn check_all(context: &StepContext) -> Result<(), StepError> {
    for side in pushed_to(context) {
        if !is_deleted(context, &side).await? {
            check_private(context, &side).await?;
        }
    }
    Ok(())
}

/// What people did on the private sides since the run pushed there, for those who approve: what is released is what was proven, and not
/// what came there later.
pub(in crate::steps) async fn changes_there(context: &StepContext) -> Result<Vec<String>, StepError> {
    let mut told = Vec::new();
    for side in pushed_to(context) {
        if is_deleted(context, &side).await? {
            told.push(format!("`{side}` was deleted; what is released was fetched from there before"));
            continue;
        }
        let pushed: Vec<&PushedRef> = pushed(context).filter(|pushed| pushed.repo == side).collect();
        let names: Vec<String> = pushed.iter().map(|pushed| pushed.branch.full()).collect();
        let patterns: Vec<&str> = names.iter().map(String::as_str).collect();
        let heads = match context.world.transport.ls_remote(&side, &patterns).await {
            Ok(heads) => heads,
            // Whoever approves the day need not see the private side any more.
            Err(TransportError::NotFound { .. } | TransportError::AuthFailed { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        for (pushed, name) in pushed.iter().zip(&names) {
            told.extend(heads.get(name).and_then(|head| moved(pushed, head)));
        }
    }
    Ok(told)
}

/// That a private branch is not where the run left it.
fn moved(pushed: &PushedRef, head: &CommitId) -> Option<String> {
    (*head != pushed.commit).then(|| {
        format!(
            "somebody moved `{}` of `{}` to {} after it was proven; what is released is {} as before",
            pushed.branch,
            pushed.repo,
            head.short(),
            pushed.commit.short()
        )
    })
}

/// Whether this is the fork of an advisory that names none any more. Where it cannot be told, it is not.
pub(in crate::steps) async fn is_deleted(context: &StepContext, side: &RepoName) -> Result<bool, StepError> {
    let inputs = context.inputs();
    let mut advisories = inputs.release.advisories.iter();
    let Some(advisory) = advisories.find(|one| inputs.advisory_fork(one).as_ref() == Some(side)) else {
        return Ok(false);
    };
    if context.world.github.repository(side).await?.is_some() {
        return Ok(false);
    }
    let found = context.world.github.advisory(&advisory.repo, &advisory.id).await?;
    Ok(found.is_some_and(|found| found.private_fork.is_none()))
}

/// What people are asked before the hour where the embargo looks broken: a private side to which the run has pushed is public (one
/// that is gone has shown nothing to anybody), or an advisory of the release is, and nothing is won by waiting.
pub(in crate::steps) async fn broken_embargo(context: &StepContext) -> Result<Option<Question>, StepError> {
    if let Some((side, how)) = exposed_sides(context).await?.first() {
        let StepError { message, hint, .. } = exposed(context, side, how);
        return Ok(Some(decision(message, hint)));
    }
    Ok(published_early(context).await?.first().map(|id| {
        let next = [
            Advice::then(
                "find out who published it, and whether it tells what is wrong; if it does, end the wait for the hour",
                NextAction::DiscloseNow,
            ),
            Advice::then("if it was taken back", NextAction::Resume),
        ];
        decision(format!("{id} is published already, before the disclosure time"), next)
    }))
}

/// What is told of private sides that are public, to those who approve in spite of it.
pub(in crate::steps) async fn exposures(context: &StepContext) -> Result<Vec<String>, StepError> {
    let sides = exposed_sides(context).await?;
    let told = |(side, how)| format!("`{side}` {how}, with the backports in it");
    Ok(sides.into_iter().map(told).collect())
}

/// Each with how.
async fn exposed_sides(context: &StepContext) -> Result<Vec<(RepoName, &'static str)>, StepError> {
    let mut exposed = Vec::new();
    for side in pushed_to(context) {
        let found = context.world.github.repository(&side).await?;
        if let Some(how) = found.and_then(|found| found.visibility.exposed()) {
            exposed.push((side, how));
        }
    }
    Ok(exposed)
}

/// What is told of the advisories to those who approve: which somebody else published, and what somebody changed in a draft since the
/// run wrote it.
pub(in crate::steps) async fn unforeseen(context: &StepContext) -> Result<Vec<String>, StepError> {
    let seen = unpublished(context).await?;
    let published = early(&seen).map(|id| format!("{id} is published already, and not by this run"));
    let edited = seen.iter().filter_map(|(advisory, found)| edited(context, advisory, found));
    Ok(published.chain(edited).collect())
}

/// The advisories that are public although the run has not published them.
async fn published_early(context: &StepContext) -> Result<Vec<GhsaId>, StepError> {
    Ok(early(&unpublished(context).await?).cloned().collect())
}

fn early<'a>(seen: &'a [(&'a Advisory, RepositoryAdvisory)]) -> impl Iterator<Item = &'a GhsaId> {
    let is_public = |found: &RepositoryAdvisory| found.state == RepositoryAdvisoryState::Published;
    seen.iter().filter(move |(_, found)| is_public(found)).map(|(advisory, _)| &advisory.id)
}

/// What somebody changed in a draft since the run wrote it.
fn edited(context: &StepContext, advisory: &Advisory, found: &RepositoryAdvisory) -> Option<String> {
    context.facts.output(StepKind::DescribeAdvisory, &Subject::of_advisory(&advisory.id))?;
    let edited = unlike(found, &words(advisory));
    if found.state != RepositoryAdvisoryState::Draft || edited.is_empty() {
        return None;
    }
    Some(format!(
        "somebody changed {} in the draft of {}; it is published as it stands in release.toml, so take over there what is right",
        edited.join(" and "),
        advisory.id
    ))
}

/// The advisories of the release that the run has not published, as GitHub shows them.
async fn unpublished(context: &StepContext) -> Result<Vec<(&Advisory, RepositoryAdvisory)>, StepError> {
    let mut seen = Vec::new();
    for advisory in &context.inputs().release.advisories {
        if context.facts.output(StepKind::PublishAdvisory, &Subject::of_advisory(&advisory.id)).is_some() {
            continue;
        }
        let found = context.world.github.advisory(&advisory.repo, &advisory.id).await?;
        seen.extend(found.map(|found| (advisory, found)));
    }
    Ok(seen)
}

/// The permit for what takes something back on a private side. Once the embargo has ended it need not be private any more.
pub(in crate::steps) fn permit(context: &StepContext) -> Permit {
    embargo::disclosed(context).map_or(Permit::Private, Permit::Disclosed)
}

fn pushed_to(context: &StepContext) -> BTreeSet<RepoName> {
    pushed(context).map(|pushed| pushed.repo.clone()).collect()
}

/// Every branch that the run pushed to a private side.
fn pushed(context: &StepContext) -> impl Iterator<Item = &PushedRef> {
    context.plan.of_kind(StepKind::PushPrivate).filter_map(|step| {
        match context.facts.outputs.get(&step.name) {
            Some(Output::Ref(pushed)) => Some(pushed),
            _ => None,
        }
    })
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
