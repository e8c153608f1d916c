//! `prepare-development`: make what the line states after its release, in memory, on what is released. What can fail about it
//! fails here.

use super::bump;
use super::prepare_bump::stays;
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::LineRelease;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{in_store, made_ref};
use crate::steps::output::{Output, PreparedBump};
use crate::steps::publish::public::release;

pub(in crate::steps) async fn observe(_: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let base = released(context)?;
    let bump = bump::make(context, &base).await?;
    let (title, kept, from) = (bump::title(context)?, made_ref(context), left(release(context)?));
    let prepared = in_store(context, &context.target()?.repo, move |store| {
        let commit = bump.commit;
        let tree = store.tree_of(&commit)?;
        let files = store.changed_paths(&store.tree_of(&base)?, &tree)?;
        let review = stays(store, tree, &from);
        store.set_own_ref(&kept, &commit, "prepare-development")?;
        Ok(PreparedBump { base, commit, title, files, review })
    })
    .await?;
    Ok(Applied::Done(Output::Bump(prepared)))
}

/// The versions that are released and not stated any more.
fn left(release: &LineRelease) -> Vec<Version> {
    let line = release.after.is_some().then(|| release.to.clone());
    let packages = release.packages_after().map(|(package, _)| package.to.clone());
    let mut left: Vec<Version> = line.into_iter().chain(packages).collect();
    left.dedup();
    left
}

/// What states the version that is released: the bump, or the line where it states it already.
fn released(context: &StepContext) -> Result<CommitId, StepError> {
    let prepared = context.facts.bump(StepKind::PrepareBump, context.subject());
    Ok(prepared.map_or(context.facts.base(context.target()?), |bump| &bump.commit).clone())
}
