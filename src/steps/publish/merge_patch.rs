//! `merge-patch`: merge the fixes, at the proven head and onto the proven base.

use super::answer::waived;
use super::merging;
use super::merging::MergeReadiness;
use super::public::after_the_gate;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::patch::stacked;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(opened) = stacked::pull(context)? else {
        return Ok(Observed::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let target = context.target()?;
    match merging::look(context, opened, &target.branch).await? {
        MergeReadiness::Merged(output) => Ok(Observed::Done(output)),
        MergeReadiness::Soon(wait) => Ok(Observed::Wait(wait)),
        MergeReadiness::Ask(question) => Ok(Observed::Ask(question)),
        // The proven branch is merged as it is: updating it from its base would make it another one.
        MergeReadiness::Ready(_) | MergeReadiness::Behind(_) => {
            let proven = stacked::merged_onto(context)?;
            let now = context.world.github.branch_head(&target.repo, &target.branch).await?;
            match now {
                Some(now) if now != *proven && waived(context).is_none() => {
                    Ok(Observed::Ask(merging::moved(context, &target.branch, proven, &now)))
                }
                _ => Ok(Observed::Todo),
            }
        }
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let Some(opened) = stacked::pull(context)? else {
        return Ok(Applied::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let request = merging::request(context, &opened.head)?;
    merging::merge(context, opened, &context.target()?.branch, &request, &after_the_gate(context)?).await
}
