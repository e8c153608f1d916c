//! `close-private-pulls`: close the pull requests on the private side. GitHub refuses to publish an advisory whose fork
//! has open ones.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StepError;
use super::output::{OpenedPull, Output};
use super::private_side::fork;
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::github::{Pull, PullQuery};
use crate::ids::RepoName;
use crate::plan::{StepKind, Subject};
use crate::release::FixSource;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let open = open(site).await?;
    if open.is_empty() {
        return Ok(Seen::Done(Output::Note("no private pull request is open".to_owned())));
    }
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let open = open(site).await?;
    for (repo, pull) in &open {
        site.world.github.close_pull(repo, pull.number, &Permit::Private).await?;
    }
    Ok(Made::Done(Output::Note(format!("{} private pull request(s) closed", open.len()))))
}

/// Every open one in the advisory's fork, which is its alone; in a private repository that stays, only ours and the
/// fix's own.
async fn open(site: &Site) -> Result<Vec<(RepoName, Pull)>, StepError> {
    let mut found = Vec::new();
    let query = PullQuery { only_open: true, ..PullQuery::default() };
    if let Some(fork) = fork(site)?
        && site.world.github.repository(&fork).await?.is_some()
    {
        let pulls = site.world.github.pulls(&fork, &query).await?;
        found.extend(pulls.into_iter().map(|pull| (fork.clone(), pull)));
    }
    for (repo, ours) in kept(site)? {
        // One list of what is open in place of a question for each of ours.
        let pulls = site.world.github.pulls(&repo, &query).await?;
        let ours = pulls.into_iter().filter(|pull| ours.contains(&pull.number));
        found.extend(ours.map(|pull| (repo.clone(), pull)));
    }
    Ok(found)
}

/// The pull requests of this advisory in private repositories that the organisation keeps.
fn kept(site: &Site) -> Result<BTreeMap<RepoName, BTreeSet<u64>>, StepError> {
    let advisory = site.advisory()?;
    let fork = fork(site)?;
    let mut found: BTreeMap<RepoName, BTreeSet<u64>> = BTreeMap::new();
    for fix in &advisory.fixes {
        let Some(repo) = site.inputs().catalog.repo(&fix.repo) else { continue };
        let private = site.inputs().private_repo(repo, &advisory.id);
        if fork.as_ref() == Some(&private) {
            continue;
        }
        if let FixSource::Pull(number) = fix.source() {
            found.entry(private.clone()).or_default().insert(number);
        }
        let ours = site.plan.targets_of(&fix.repo).filter_map(|target| {
            let subject = Subject {
                advisory: Some(advisory.id.clone()),
                repo: Some(target.repo.clone()),
                branch: Some(target.branch.clone()),
            };
            let opened: &OpenedPull = site.facts.pull(StepKind::OpenPrivatePull, &subject).ok()?;
            Some((opened.repo.clone(), opened.number))
        });
        for (repo, number) in ours {
            found.entry(repo).or_default().insert(number);
        }
    }
    Ok(found)
}
