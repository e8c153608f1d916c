//! `merge-patch`: merge the fixes, at the proven head and onto the proven base.

use super::answer::waived;
use super::error::StepError;
use super::merging::{self, Stand};
use super::output::Output;
use super::public::after_the_gate;
use super::site::{Made, Seen, Site};
use super::stacked;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(opened) = stacked::pull(site)? else {
        return Ok(Seen::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let target = site.target()?;
    match merging::look(site, opened, &target.branch).await? {
        Stand::Merged(output) => Ok(Seen::Done(output)),
        Stand::Soon(wait) => Ok(Seen::Wait(wait)),
        Stand::Ask(question) => Ok(Seen::Ask(question)),
        // The branch that was proven is merged as it is: with its base merged into it, it would be another.
        Stand::Ready(_) | Stand::Behind(_) => {
            let proven = site.facts.base(target);
            let now = site.world.github.branch_head(&target.repo, &target.branch).await?;
            match now {
                Some(now) if now != *proven && waived(site).is_none() => {
                    Ok(Seen::Ask(merging::moved(site, &target.branch, proven, &now)))
                }
                _ => Ok(Seen::Todo),
            }
        }
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let Some(opened) = stacked::pull(site)? else {
        return Ok(Made::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let request = merging::request(site, &opened.head)?;
    merging::merge(site, opened, &site.target()?.branch, &request, &after_the_gate(site)?).await
}
