//! `request-cve`: ask GitHub for a CVE, or write the given one into the advisory.

use super::accept_report::current;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::github::{AdvisoryEdit, CveRequest};
use crate::release::CveWish;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let found = current(site).await?;
    Ok(match (&site.advisory()?.cve, found.cve) {
        (CveWish::None, _) => Seen::Done(Output::Skipped("the release goes on without a CVE".to_owned())),
        (CveWish::Given(wanted), Some(there)) if *wanted == there => Seen::Done(Output::Cve(Some(there))),
        (CveWish::Request, Some(there)) => Seen::Done(Output::Cve(Some(there))),
        _ => Seen::Todo,
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    let github = &site.world.github;
    if let CveWish::Given(cve) = &advisory.cve {
        let edit = AdvisoryEdit { cve: Some(cve.clone()), ..AdvisoryEdit::default() };
        github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
        return Ok(Made::Done(Output::Cve(Some(cve.clone()))));
    }
    Ok(Made::Done(match github.request_cve(&advisory.repo, &advisory.id).await? {
        CveRequest::Assigned(cve) => Output::Cve(Some(cve)),
        CveRequest::Requested => Output::Note("requested from GitHub".to_owned()),
        CveRequest::Refused(sentence) => Output::Note(format!("GitHub says: {sentence}")),
    }))
}
