//! `merge-bump`: merge the version bump, last of all merges of its line.

use super::bump;
use super::error::StepError;
use super::merging::{self, Stand};
use super::output::{Merge, OpenedPull, Output};
use super::public::{after_the_gate, home, release};
use super::remote_head::{fetch_head, public_head};
use super::site::{Made, Seen, Site};
use super::{answer, stacked};
use crate::github::{Pull, Verdict};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let target = site.target()?;
    let Some(opened) = stacked::bump(site)? else { return Ok(Seen::Done(stated_already(site).await?)) };
    match merging::look(site, opened, &target.branch).await? {
        Stand::Merged(output) => Ok(Seen::Done(output)),
        Stand::Soon(wait) => Ok(Seen::Wait(wait)),
        Stand::Ask(question) => Ok(Seen::Ask(question)),
        Stand::Behind(_) => Ok(Seen::Todo),
        Stand::Ready(pull) if pull.head.commit == opened.head => Ok(Seen::Todo),
        Stand::Ready(pull) => updated(site, opened, &pull).await,
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let Some(opened) = stacked::bump(site)? else { return Ok(Made::Done(stated_already(site).await?)) };
    let permit = after_the_gate(site)?;
    let pull = match merging::look(site, opened, &target.branch).await? {
        Stand::Ready(pull) if pull.head.commit == opened.head => pull,
        // Looked at again, for nothing is merged that was not seen green.
        Stand::Ready(pull) => match updated(site, opened, &pull).await? {
            Seen::Todo => pull,
            Seen::Wait(wait) => return Ok(Made::Wait(wait)),
            Seen::Ask(question) => return Ok(Made::Ask(question)),
            Seen::Done(_) | Seen::Moved(_) => return Err(site.only_looks()),
        },
        Stand::Merged(output) => return Ok(Made::Done(output)),
        Stand::Soon(wait) => return Ok(Made::Wait(wait)),
        Stand::Ask(question) => return Ok(Made::Ask(question)),
        Stand::Behind(pull) => {
            let head = &pull.head.commit;
            site.world.github.update_branch(&opened.repo, opened.number, head, &permit).await?;
            let what = format!("{} to be brought up to date with `{}`", opened.url, target.branch);
            return Ok(Made::Wait(answer::soon(site, what)));
        }
    };
    let mut request = merging::request(site, &pull.head.commit)?;
    let body = bump::body(site)?;
    if !body.is_empty() {
        // The project's CI looks for the marker in the commits of the push, whichever way they are merged.
        request.title = Some(format!("{} (#{})", bump::title(site)?, opened.number));
        request.message = Some(body);
    }
    merging::merge(site, opened, &target.branch, &request, &permit).await
}

/// The line stated the version before us: its head is what is released.
async fn stated_already(site: &Site) -> Result<Output, StepError> {
    let target = site.target()?;
    let commit = public_head(site, &target.repo, &target.branch).await?;
    Ok(Output::Merged(Merge { commit, at: site.world.clock.now() }))
}

/// The branch holds its base now, as a rule asked for: it must still be the bump, and be green again.
async fn updated(site: &Site, opened: &OpenedPull, pull: &Pull) -> Result<Seen, StepError> {
    let repo = site.repo()?;
    let to = &release(site)?.to;
    let head = fetch_head(site, &repo.name, home(repo), &opened.branch).await?;
    let states = match head {
        Some(head) if head == pull.head.commit => bump::version_at(site, &head).await?,
        _ => return Ok(site.wait_for(format!("GitHub to see the branch of {}", opened.url))),
    };
    if states != *to {
        let text = format!("{} states {states} in place of {to}; nothing was merged", opened.url);
        return Ok(Seen::Ask(answer::mend(text)));
    }
    let checks = site.world.github.checks(&repo.name, &pull.head.commit).await?;
    let required = site.world.github.protection(&repo.name, &site.target()?.branch).await?.required_checks;
    match checks.verdict(&required) {
        Verdict::Green => Ok(Seen::Todo),
        Verdict::Absent | Verdict::Waiting(_) => {
            Ok(site.wait_for(format!("the checks of {} on its updated branch", opened.url)))
        }
        Verdict::Red(_) if answer::waived(site).is_some() => Ok(Seen::Todo),
        Verdict::Red(_) => {
            let text = format!("{} is red on its updated branch; nothing was merged", opened.url);
            Ok(Seen::Ask(answer::mend_or_waive(site, text)))
        }
    }
}
