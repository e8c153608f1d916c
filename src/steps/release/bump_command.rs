//! Raising a version by the project's own command, in a checkout that is thrown away.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::checkout::Checkout;
use crate::ids::{CommitId, RepoName, TreeId};
use crate::jobs::{Run, TestCommand, TimeLimit};
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::version::BumpCommand;

/// Runs the command on the tree of `base` and gives the tree that it leaves.
pub(in crate::steps) async fn run(
    context: &StepContext,
    repo: &RepoName,
    base: &CommitId,
    command: &BumpCommand,
    to: &Version,
) -> Result<TreeId, StepError> {
    let commit = base.clone();
    let tree = in_store(context, repo, move |store| Ok(store.tree_of(&commit)?)).await?;
    let checkout = Checkout::of(context, repo, tree.clone()).await?;
    let task = TestCommand {
        name: "bump".to_owned(),
        run: Run::Argv(command.arguments(to)),
        timeout: TimeLimit::default(),
        cores: NonZeroU32::MIN,
        env: BTreeMap::new(),
        needs: Vec::new(),
    };
    let results = checkout.run(context, &[task]).await;
    if let Some(failed) = results.iter().find(|result| !result.outcome.passed()) {
        return Err(StepError::input(
            format!("the bump command of `{repo}` failed: {failed}"),
            Advice::then("see its log and fix what it needs on this machine, then", NextAction::Resume),
        ));
    }
    let changes = checkout.changes(context, repo).await?;
    in_store(context, repo, move |store| {
        let changes: Vec<(&str, Option<&[u8]>)> =
            changes.iter().map(|(path, bytes)| (path.as_str(), bytes.as_deref())).collect();
        Ok(store.with_files(&tree, &changes)?)
    })
    .await
}
