//! Tags of the release that somebody made since it was planned: told while another version can still be stated.

use crate::ids::RepoName;
use crate::kinds::StepKind;
use crate::plan::LineRelease;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;

/// What is told of them to those who approve; each a statement.
///
/// # Errors
/// When the tags cannot be read.
pub(super) async fn taken_tags(context: &StepContext) -> Result<Vec<String>, StepError> {
    let mut told = Vec::new();
    for repo in context.inputs().repos() {
        let tags: Vec<&String> = coming(context, &repo.name).flat_map(LineRelease::tags).collect();
        if tags.is_empty() {
            continue;
        }
        let names: Vec<String> = tags.iter().map(|tag| format!("refs/tags/{tag}")).collect();
        let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
        let refs = context.world.transport.ls_remote(&repo.name, &wanted).await?;
        for (tag, name) in tags.iter().zip(&names) {
            if let Some(at) = refs.get(name) {
                told.push(format!(
                    "the tag {tag} of `{}` exists, at {}, and this run has not made it; Lockgate moves no tags, and could not release \
                     its line as planned",
                    repo.name,
                    at.short()
                ));
            }
        }
    }
    Ok(told)
}

/// The releases of a repository whose version can still be another one. A release that is made beside its line may be tagged by
/// people before.
fn coming<'a>(context: &'a StepContext, repo: &'a RepoName) -> impl Iterator<Item = &'a LineRelease> {
    context.plan.targets_of(repo).filter_map(move |target| {
        let subject = target.subject();
        let is_done = |kind| context.facts.output(kind, &subject).is_some();
        let is_coming = context.plan.find(StepKind::TriggerRelease, &subject).is_some()
            && !is_done(StepKind::TriggerRelease)
            && !is_done(StepKind::MergePatch);
        target.release.as_ref().filter(|_| is_coming && !target.is_merged_back())
    })
}
