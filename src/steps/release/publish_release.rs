//! `publish-release`: publish the draft. The label "latest" goes to it only if no newer version has been released; GitHub
//! would give it to whatever is published last.

use super::github_releases::{
    Found, find, lacking, prepared, published, published_release, says, several, stage,
};
use super::trigger_release::{commit, elsewhere};
use crate::github::{Class, GitHubRelease, LatestLabel, ReleaseStage};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Step;
use crate::steps::context::{Applied, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::Output;
use crate::steps::patch::idle::makes_no_release;
use crate::steps::publish::answer::{decision, or_waive, then_resume_or_waive, waive, waived};
use crate::steps::publish::public::{after_the_gate, release};
use crate::steps::release::correct_latest::{Newest, newest};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    if let Some(reason) = waived(context) {
        return Ok(Observed::Done(Output::Skipped(format!("there is no GitHub Release: {reason}"))));
    }
    Ok(match find(context).await? {
        Found::Published(there) => published_release(context, &there, is_confirmed(context))?,
        Found::Draft(draft) => ready(context, &draft).await?,
        Found::None if context.may_lag() => {
            context.wait_for(format!("GitHub to list the draft of {}, which was made", release(context)?.tag))
        }
        Found::None => {
            let text = format!(
                "GitHub lists no draft of {}, which was made before; nothing was published; if the page of the releases has \
                 it, wait a while; if somebody deleted it, publish a release of that tag by hand",
                release(context)?.tag
            );
            Observed::Ask(then_resume_or_waive(context, text))
        }
        Found::Drafts(drafts) => Observed::Ask(several(context, &drafts)?),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let permit = after_the_gate(context)?;
    let Found::Draft(draft) = find(context).await? else {
        return Ok(context.look_again("the draft of the release"));
    };
    let (stage, label) = (stage(context)?, label(context).await?);
    let github = &context.world.github;
    match github.publish_release(&context.repo()?.name, draft.id, stage, label, &permit).await {
        Ok(there) => Ok(Applied::Done(published(&there))),
        Err(error) if error.class == Class::BurntTag => Ok(Applied::Ask(burnt(context)?)),
        Err(error) => Err(error.into()),
    }
}

/// Publishing a release whose tag is missing would make the tag, wherever GitHub thinks best.
async fn ready(context: &StepContext, draft: &GitHubRelease) -> Result<Observed, StepError> {
    let (repo, tag) = (&context.repo()?.name, &release(context)?.tag);
    match context.world.github.tag(repo, tag).await? {
        None => Ok(or_waive(context, context.wait_for(format!("the tag {tag} of `{repo}`")))),
        Some(at) if at != *commit(context)? => Ok(Observed::Ask(elsewhere(context, tag, &at)?)),
        Some(_) => Ok(changed(context, draft)?.map_or(Observed::Todo, Observed::Ask)),
    }
}

/// What is published is what was approved, or what people say they made of it.
fn changed(context: &StepContext, draft: &GitHubRelease) -> Result<Option<Question>, StepError> {
    let prepared = prepared(context)?;
    let as_approved = says(draft, prepared) && lacking(draft, prepared).is_empty();
    if as_approved || is_confirmed(context) {
        return Ok(None);
    }
    let text =
        format!("the draft of {} is not what was approved: {}; nothing was published", draft.tag, draft.url);
    let confirm = NextAction::Confirm { step: context.step.name.clone() };
    let next = [
        Advice::then("put its text and files right, then", NextAction::Resume),
        Advice::then("to publish it as it is", confirm),
    ];
    Ok(Some(decision(text, next)))
}

/// Whether people said that the draft is the release as it is: here, or when it was found.
fn is_confirmed(context: &StepContext) -> bool {
    let found = Step::name_of(StepKind::DraftRelease, context.subject(), None);
    let steps = found.iter().chain([&context.step.name]);
    steps.filter_map(|step| context.facts.decisions.get(step)).any(|one| *one == Decision::Confirmed)
}

/// Whether the release becomes "latest": if it is the newest of all that are published.
async fn label(context: &StepContext) -> Result<LatestLabel, StepError> {
    if stage(context)? != ReleaseStage::Full {
        return Ok(LatestLabel::Stays);
    }
    let repo = context.repo()?;
    let newest = newest(context).await?;
    if is_followed(context)? || matches!(newest, Newest::TagAlone(_)) {
        return Ok(LatestLabel::Stays);
    }
    let known = newest.tag().and_then(|tag| context.inputs().version_of_tag(repo, tag));
    let to = &release(context)?.to;
    Ok(if known.is_none_or(|known| known < *to) { LatestLabel::Given } else { LatestLabel::Stays })
}

/// Whether a newer line is released in this run, too.
fn is_followed(context: &StepContext) -> Result<bool, StepError> {
    let (plan, facts, own) = (&context.plan, &context.facts, &release(context)?.to);
    let others = plan.targets_of(&context.repo()?.name).filter(|other| !makes_no_release(plan, facts, other));
    let mut made = others.filter_map(|other| other.release.as_ref());
    Ok(made.any(|other| other.to > *own && !other.to.is_prerelease()))
}

/// GitHub never lets go of such a tag, so nothing is tried again.
fn burnt(context: &StepContext) -> Result<Question, StepError> {
    let release = release(context)?;
    let text = format!(
        "GitHub publishes no release of {}: an immutable release that was deleted had this tag. The tag itself is there, \
         with the fixes. Under this number there can only be the tag; a release needs the next number, \
         and a release of its own",
        release.tag
    );
    let next = [
        Advice::then("to continue with the tag alone", waive(context)),
        Advice::then("to end this run", NextAction::Abort),
    ];
    Ok(decision(text, next))
}
