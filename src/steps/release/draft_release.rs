//! `draft-release`: draft the GitHub Release and attach its files. It comes after the gate: everybody who may push, and every
//! application that is installed in the repository, sees a draft.

use super::github_releases::{Found, find, lacking, prepared, published_release, says, several, stage};
use crate::egress::Permit;
use crate::github::{GitHubRelease, NewRelease};
use crate::ids::Digest;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Begun, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::{Attachment, Output};
use crate::steps::publish::answer::decision;
use crate::steps::publish::public::{after_the_gate, release};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    Ok(match find(context).await? {
        Found::Published(there) => published_release(context, &there, is_confirmed(context))?,
        Found::None if may_appear(context) => {
            context.wait_for("the draft to appear, which may have been made")
        }
        Found::None => Observed::Todo,
        Found::Draft(draft) => match foreign(context, &draft)? {
            Some(question) => Observed::Ask(question),
            None if lacking(&draft, prepared(context)?).is_empty() => Observed::Done(drafted(&draft)),
            None => Observed::Todo,
        },
        Found::Drafts(drafts) => Observed::Ask(several(context, &drafts)?),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let permit = after_the_gate(context)?;
    let draft = match find(context).await? {
        Found::None => create(context, &permit).await?,
        Found::Draft(draft) => draft,
        Found::Published(_) | Found::Drafts(_) => return Ok(context.look_again("the releases of the tag")),
    };
    for (file, in_the_way) in lacking(&draft, prepared(context)?) {
        let bytes = approved(context, file).await?;
        let (github, repo) = (&context.world.github, &context.repo()?.name);
        if let Some(asset) = in_the_way {
            github.delete_asset(repo, asset.id, &permit).await?;
        }
        github.upload_asset(repo, &draft, &file.name, bytes, &permit).await?;
    }
    Ok(Applied::Done(drafted(&draft)))
}

/// The result of an earlier attempt is unknown, and its draft may not be listed yet: a second one would be made.
fn may_appear(context: &StepContext) -> bool {
    context.begun == Begun::Yes && context.may_lag()
}

async fn create(context: &StepContext, permit: &Permit) -> Result<GitHubRelease, StepError> {
    let (prepared, release) = (prepared(context)?, release(context)?);
    let new = NewRelease {
        tag: release.tag.clone(),
        name: prepared.title.clone(),
        body: prepared.body.clone(),
        stage: stage(context)?,
    };
    Ok(context.world.github.draft_release(&context.repo()?.name, &new, permit).await?)
}

/// The bytes that were there when the plan was made, from the run's own copy.
async fn approved(context: &StepContext, file: &Attachment) -> Result<Vec<u8>, StepError> {
    let path = context.folder.asset(&file.path);
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(path)).await??;
    if Digest::of(&bytes) == file.file.digest {
        return Ok(bytes);
    }
    Err(StepError::input(
        format!("the run's copy of `{}` is not the file that was approved; nothing was uploaded", file.path),
        Advice::then(
            format!("put it back at `{}`, then", context.folder.asset(&file.path).display()),
            NextAction::Resume,
        ),
    ))
}

/// A draft that says something else was made by somebody else.
fn foreign(context: &StepContext, draft: &GitHubRelease) -> Result<Option<Question>, StepError> {
    if says(draft, prepared(context)?) || is_confirmed(context) {
        return Ok(None);
    }
    let text = format!(
        "there is a draft of {} already, and it does not say what was approved: {}; nothing was changed",
        draft.tag, draft.url
    );
    let confirm = NextAction::Confirm { step: context.step.name.clone() };
    let next = [
        Advice::then("delete it, then", NextAction::Resume),
        Advice::then("if it is the release, with the text that it has", confirm),
    ];
    Ok(Some(decision(text, next)))
}

fn is_confirmed(context: &StepContext) -> bool {
    context.facts.decisions.get(&context.step.name) == Some(&Decision::Confirmed)
}

fn drafted(draft: &GitHubRelease) -> Output {
    Output::Note(format!("{} is drafted: {}", draft.tag, draft.url))
}
