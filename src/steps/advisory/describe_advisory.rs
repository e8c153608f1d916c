//! `describe-advisory`: write severity, weaknesses, credits and one range per line into the advisory.

use super::accept_report::{current, fact};
use crate::egress::Permit;
use crate::github::{self, AdvisoryCredit, AdvisoryEdit, AdvisorySeverity, Rating, RepositoryAdvisoryState};
use crate::release;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::patch::lines;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let found = current(context).await?;
    if found.state != RepositoryAdvisoryState::Draft && found.state != RepositoryAdvisoryState::Triage {
        return Ok(Observed::Done(fact(&found)));
    }
    let wanted = wanted(context).await?;
    Ok(if says(&found, &wanted) { Observed::Done(fact(&found)) } else { Observed::Todo })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let edit = wanted(context).await?;
    let found =
        context.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
    Ok(Applied::Done(fact(&found)))
}

/// What the advisory should contain.
async fn wanted(context: &StepContext) -> Result<AdvisoryEdit, StepError> {
    let advisory = context.advisory()?;
    Ok(AdvisoryEdit {
        summary: Some(advisory.summary.clone()),
        description: Some(advisory.description.clone()),
        rating: rating(advisory),
        vulnerabilities: Some(lines::ranges(context, advisory)),
        cwes: (!advisory.cwes.is_empty()).then(|| advisory.cwes.clone()),
        credits: credits(advisory),
        collaborators: None,
        cve: None,
    })
}

fn rating(advisory: &release::Advisory) -> Option<Rating> {
    match (&advisory.cvss, advisory.severity) {
        (Some(vector), _) => Some(Rating::Vector(vector.clone())),
        (None, Some(severity)) => Some(Rating::Level(match severity {
            release::Severity::Low => AdvisorySeverity::Low,
            release::Severity::Medium => AdvisorySeverity::Medium,
            release::Severity::High => AdvisorySeverity::High,
            release::Severity::Critical => AdvisorySeverity::Critical,
        })),
        (None, None) => None,
    }
}

fn credits(advisory: &release::Advisory) -> Option<Vec<AdvisoryCredit>> {
    let credits = advisory.credits.iter();
    let credits: Vec<AdvisoryCredit> =
        credits.map(|credit| AdvisoryCredit { login: credit.login.to_string(), kind: credit.kind }).collect();
    (!credits.is_empty()).then_some(credits)
}

/// Whether the advisory already contains all of that.
fn says(found: &github::RepositoryAdvisory, wanted: &AdvisoryEdit) -> bool {
    fn same<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
        wanted.is_none_or(|wanted| wanted == found)
    }
    let rated = match &wanted.rating {
        None => true,
        Some(Rating::Level(level)) => found.severity == Some(*level),
        Some(Rating::Vector(vector)) => found.vector.as_ref() == Some(vector),
    };
    rated
        && same(wanted.summary.as_ref(), &found.summary)
        && same(wanted.description.as_ref(), &found.description)
        && same(wanted.vulnerabilities.as_ref(), &found.vulnerabilities)
        && same(wanted.cwes.as_ref(), &found.cwes)
        && same(wanted.credits.as_ref(), &found.credits)
}
