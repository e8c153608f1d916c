//! `close-private-pulls`: close the pull requests on the private side. GitHub refuses to publish an advisory whose fork
//! has open pull requests.

use std::collections::{BTreeMap, BTreeSet};

use super::private_side::{fork, permit};
use crate::github::{PullQuery, PullRequest};
use crate::ids::RepoName;
use crate::kinds::StepKind;
use crate::plan::Subject;
use crate::release::FixSource;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{OpenedPull, Output};
use crate::wording::counted;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let open = open(context).await?;
    if open.is_empty() {
        return Ok(Observed::Done(Output::Note("no private pull request is open".to_owned())));
    }
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let open = open(context).await?;
    for (repo, pull) in &open {
        context.world.github.close_pull(repo, pull.number, &permit(context)).await?;
    }
    Ok(Applied::Done(Output::Note(format!("closed {}", counted(open.len(), "private pull request")))))
}

/// Every open one in the advisory's fork, which has no other purpose; in a permanent private repository only ours and
/// the one of the fix.
async fn open(context: &StepContext) -> Result<Vec<(RepoName, PullRequest)>, StepError> {
    let mut found = Vec::new();
    let query = PullQuery { only_open: true, ..PullQuery::default() };
    if let Some(fork) = fork(context)?
        && context.world.github.repository(&fork).await?.is_some()
    {
        let pulls = context.world.github.pulls(&fork, &query).await?;
        found.extend(pulls.into_iter().map(|pull| (fork.clone(), pull)));
    }
    for (repo, ours) in kept(context)? {
        // One list of the open ones, instead of one request for each of ours.
        let pulls = context.world.github.pulls(&repo, &query).await?;
        let ours = pulls.into_iter().filter(|pull| ours.contains(&pull.number));
        found.extend(ours.map(|pull| (repo.clone(), pull)));
    }
    Ok(found)
}

/// The pull requests of this advisory in permanent private repositories.
fn kept(context: &StepContext) -> Result<BTreeMap<RepoName, BTreeSet<u64>>, StepError> {
    let advisory = context.advisory()?;
    let fork = fork(context)?;
    let mut found: BTreeMap<RepoName, BTreeSet<u64>> = BTreeMap::new();
    for fix in &advisory.fixes {
        let Some(repo) = context.inputs().catalog.repo(&fix.repo) else { continue };
        let private = context.inputs().private_repo(repo, &advisory.id);
        if fork.as_ref() == Some(&private) {
            continue;
        }
        if let FixSource::Pull(number) = fix.source() {
            found.entry(private.clone()).or_default().insert(number);
        }
        let ours = context.plan.targets_of(&fix.repo).filter_map(|target| {
            let subject = Subject {
                advisory: Some(advisory.id.clone()),
                repo: Some(target.repo.clone()),
                branch: Some(target.branch.clone()),
            };
            let opened: &OpenedPull = context.facts.pull(StepKind::OpenPrivatePull, &subject).ok()?;
            Some((opened.repo.clone(), opened.number))
        });
        for (repo, number) in ours {
            found.entry(repo).or_default().insert(number);
        }
    }
    Ok(found)
}
