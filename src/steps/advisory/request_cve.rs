//! `request-cve`: ask GitHub for a CVE, or write the given one into the advisory.

use super::accept_report::current;
use crate::egress::Permit;
use crate::github::{AdvisoryEdit, CveRequest};
use crate::release::CveWish;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let found = current(context).await?;
    Ok(match (&context.advisory()?.cve, found.cve) {
        (CveWish::None, _) => Observed::Done(Output::Skipped("the release does without a CVE".to_owned())),
        (CveWish::Given(wanted), Some(there)) if *wanted == there => Observed::Done(Output::Cve(Some(there))),
        (CveWish::Request | CveWish::Require, Some(there)) => Observed::Done(Output::Cve(Some(there))),
        _ => Observed::Todo,
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let github = &context.world.github;
    if let CveWish::Given(cve) = &advisory.cve {
        let edit = AdvisoryEdit { cve: Some(cve.clone()), ..AdvisoryEdit::default() };
        github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
        return Ok(Applied::Done(Output::Cve(Some(cve.clone()))));
    }
    Ok(Applied::Done(match github.request_cve(&advisory.repo, &advisory.id).await? {
        CveRequest::Assigned(cve) => Output::Cve(Some(cve)),
        CveRequest::Requested => Output::Note("requested from GitHub".to_owned()),
        CveRequest::Refused(sentence) => Output::Note(format!("GitHub says: {sentence}")),
    }))
}
