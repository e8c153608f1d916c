//! `push-private`: push the backport to the private side.

use super::error::StepError;
use super::output::{Output, Patch, PushedRef};
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::egress::Permit;
use crate::git::{RefUpdate, Store};
use crate::ids::{BranchName, CommitId, RepoName};
use crate::plan::StepKind;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let place = Place::of(site)?;
    if place.patch.commits.is_empty() {
        return Ok(Seen::Done(Output::Skipped("the branch has the fix already".to_owned())));
    }
    Ok(match place.there(site).await? {
        None => Seen::Todo,
        Some(commit) if commit == place.patch.head => Seen::Done(place.output()),
        // What we made earlier, on a head that has moved since, is ours to replace.
        Some(commit) if is_ours(site, &commit)? => Seen::Todo,
        Some(commit) => Seen::Ask(Question {
            kind: QuestionKind::Decision,
            text: format!(
                "`{}` has a branch `{}` at {} that lockgate did not make; it was left as it is",
                place.repo,
                place.branch,
                commit.short()
            ),
            next: vec!["delete or rename that branch, then `lockgate resume`".to_owned()],
        }),
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let place = Place::of(site)?;
    let name = place.branch.full();
    let new = place.patch.head.clone();
    let update = match place.there(site).await? {
        None => RefUpdate::Create { name, new },
        Some(old) => RefUpdate::Replace { name, old, new },
    };
    let store = site.folder.store(&site.repo()?.name);
    site.world.transport.push(&store, &place.repo, &[update], &Permit::Private).await?;
    Ok(Made::Done(place.output()))
}

/// Where the backport is pushed.
struct Place<'a> {
    repo: RepoName,
    branch: BranchName,
    patch: &'a Patch,
}

impl<'a> Place<'a> {
    fn of(site: &'a Site) -> Result<Place<'a>, StepError> {
        let target = site.target()?;
        let advisory = site.advisory_id()?;
        let branch = format!("lockgate/{advisory}/{}", target.branch)
            .parse()
            .map_err(|cause| StepError::internal(format!("{cause}")))?;
        Ok(Place {
            repo: site.inputs().private_repo(site.repo()?, advisory),
            branch,
            patch: site.facts.patch(StepKind::Backport, site.subject())?,
        })
    }

    async fn there(&self, site: &Site) -> Result<Option<CommitId>, StepError> {
        let name = self.branch.full();
        let found = site.world.transport.ls_remote(&self.repo, &[&name]).await?;
        Ok(found.get(&name).cloned())
    }

    fn output(&self) -> Output {
        Output::Ref(PushedRef {
            repo: self.repo.clone(),
            branch: self.branch.clone(),
            commit: self.patch.head.clone(),
        })
    }
}

fn is_ours(site: &Site, commit: &CommitId) -> Result<bool, StepError> {
    let store = Store::open(&site.folder.store(&site.repo()?.name))?;
    Ok(store.has_commit(commit)
        && store.commit_info(commit)?.committer == super::local::committer(&site.plan))
}
