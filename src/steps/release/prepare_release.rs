//! `prepare-release`: write what the GitHub Release will say, from the notes on the stacked fixes. Nobody sees it yet; the gate
//! shows it with its files.

use super::tree_files::TreeFiles;
use super::trigger_release::rule;
use crate::catalog::GitHubReleaseRule;
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{Attachment, Output, PreparedRelease};
use crate::steps::patch::release_note;
use crate::steps::publish::public::release;

pub(in crate::steps) async fn observe(_: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let made = how(context)?;
    let notes = notes(context).await?;
    let filled = |text: &str| filled(context, text);
    Ok(Applied::Done(Output::ReleaseText(PreparedRelease {
        title: filled(made.title())?,
        body: filled(made.notes())?.replace("{notes}", &notes),
        assets: attachments(context, made)?,
    })))
}

fn how(context: &StepContext) -> Result<&GitHubReleaseRule, StepError> {
    let repo = context.repo()?;
    let made = context.inputs().github_release(repo);
    made.ok_or_else(|| StepError::internal(format!("Lockgate makes no GitHub Release of `{}`", repo.name)))
}

/// The release's section of the notes, as the stack has it.
async fn notes(context: &StepContext) -> Result<String, StepError> {
    let Some(note) = release_note::own(context)? else { return Ok(String::new()) };
    let target = context.target()?;
    let stack = context.facts.patch(StepKind::Stack, context.subject()).ok();
    let at: CommitId = stack.map_or_else(|| context.facts.base(target), |stack| &stack.head).clone();
    in_store(context, &target.repo, move |store| note.told_in(&TreeFiles::of(store, &at)?)).await
}

fn filled(context: &StepContext, text: &str) -> Result<String, StepError> {
    let (repo, release) = (context.repo()?, release(context)?);
    let filled = text.replace("{project}", &repo.project).replace("{tag}", &release.tag);
    Ok(filled.replace("{version}", release.to.as_str()))
}

fn attachments(context: &StepContext, made: &GitHubReleaseRule) -> Result<Vec<Attachment>, StepError> {
    let known = &context.inputs().assets;
    let names = rule(context)?.assets_of(&release(context)?.to).into_iter();
    let of = |name: String| {
        let path = made.path_of(&name);
        let file = known.get(&path).cloned();
        let file = file.ok_or_else(|| StepError::internal(format!("the plan knows no file `{path}`")))?;
        Ok(Attachment { name, path, file })
    };
    names.map(of).collect()
}
