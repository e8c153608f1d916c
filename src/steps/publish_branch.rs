//! `publish-branch`: push the stacked fixes to a public branch.

use super::answer::mend;
use super::error::StepError;
use super::output::{Output, PushedRef};
use super::public::{after_the_gate, home, patch_branch};
use super::site::{Made, Seen, Site};
use super::stacked;
use crate::git::RefUpdate;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let patch = stacked::patch(site)?;
    if patch.commits.is_empty() {
        return Ok(Seen::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    }
    let home = home(site.repo()?);
    let branch = patch_branch(site, site.target()?)?;
    let full = branch.full();
    match site.world.transport.ls_remote(home, &[&full]).await?.remove(&full) {
        None => Ok(Seen::Todo),
        Some(commit) if commit == patch.head => Ok(Seen::Done(pushed(site)?)),
        Some(commit) => Ok(Seen::Ask(mend(format!(
            "`{home}` has a branch `{branch}` at {}, which is not the proven stack {}; nothing was pushed; move that \
             branch away",
            commit.short(),
            patch.head.short()
        )))),
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let repo = site.repo()?;
    let patch = stacked::patch(site)?;
    let branch = patch_branch(site, site.target()?)?;
    let update = RefUpdate::Create { name: branch.full(), new: patch.head.clone() };
    let permit = after_the_gate(site)?;
    site.world.transport.push(&site.folder.store(&repo.name), home(repo), &[update], &permit).await?;
    Ok(Made::Done(pushed(site)?))
}

fn pushed(site: &Site) -> Result<Output, StepError> {
    Ok(Output::Ref(PushedRef {
        repo: home(site.repo()?).clone(),
        branch: patch_branch(site, site.target()?)?,
        commit: stacked::patch(site)?.head.clone(),
    }))
}
