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
    let wanted = wanted(context)?;
    Ok(if says(&found, &wanted) { Observed::Done(fact(&found)) } else { Observed::Todo })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let edit = wanted(context)?;
    let found =
        context.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &Permit::Private).await?;
    Ok(Applied::Done(fact(&found)))
}

/// What the advisory should contain.
fn wanted(context: &StepContext) -> Result<AdvisoryEdit, StepError> {
    let vulnerabilities = Some(lines::ranges(context, context.advisory()?));
    Ok(AdvisoryEdit { vulnerabilities, ..words(context.advisory()?) })
}

/// The same beside its ranges, which follow from what is released.
pub(in crate::steps) fn words(advisory: &release::Advisory) -> AdvisoryEdit {
    AdvisoryEdit {
        summary: Some(advisory.summary.clone()),
        description: Some(advisory.description.clone()),
        rating: rating(advisory),
        vulnerabilities: None,
        cwes: (!advisory.cwes.is_empty()).then(|| advisory.cwes.clone()),
        credits: credits(advisory),
        collaborators: None,
        cve: None,
    }
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

/// Whether GitHub shows the advisory as it was written.
pub(super) fn is_shown(found: &github::RepositoryAdvisory, context: &StepContext) -> Result<bool, StepError> {
    Ok(says(found, &wanted(context)?))
}

/// Whether the advisory already contains all of that.
fn says(found: &github::RepositoryAdvisory, wanted: &AdvisoryEdit) -> bool {
    unlike(found, wanted).is_empty()
        && wanted.vulnerabilities.as_ref().is_none_or(|ranges| *ranges == found.vulnerabilities)
}

/// What of the advisory, beside its ranges, is not as it should be, in the words of its page.
pub(in crate::steps) fn unlike(
    found: &github::RepositoryAdvisory,
    wanted: &AdvisoryEdit,
) -> Vec<&'static str> {
    fn same<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
        wanted.is_none_or(|wanted| wanted == found)
    }
    let rated = match &wanted.rating {
        None => true,
        Some(Rating::Level(level)) => found.severity == Some(*level),
        Some(Rating::Vector(vector)) => found.vector.as_ref() == Some(vector),
    };
    let parts = [
        ("its summary", same(wanted.summary.as_ref(), &found.summary)),
        ("its description", same(wanted.description.as_ref(), &found.description)),
        ("its severity", rated),
        ("its weaknesses", same(wanted.cwes.as_ref(), &found.cwes)),
        ("its credits", same(wanted.credits.as_ref(), &found.credits)),
    ];
    parts.into_iter().filter(|(_, is_same)| !is_same).map(|(part, _)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_edited_beside_the_ranges_is_named() {
        let page: github::RepositoryAdvisory = serde_json::from_value(serde_json::json!({
            "ghsa_id": "GHSA-2c4f-6g7h-8j9m", "cve_id": null, "html_url": "https://example.test", "summary": "Edited",
            "description": "As approved", "severity": "low", "cvss": null, "state": "draft", "vulnerabilities": [],
            "cwe_ids": ["CWE-400"], "cwes": null, "credits": [], "credits_detailed": [], "collaborating_users": [],
            "private_fork": null, "author": null, "published_at": null,
        }))
        .unwrap();
        let wanted = AdvisoryEdit {
            summary: Some("As approved".to_owned()),
            description: Some("As approved".to_owned()),
            rating: Some(Rating::Level(AdvisorySeverity::High)),
            cwes: Some(vec!["CWE-400".to_owned()]),
            ..AdvisoryEdit::default()
        };
        assert_eq!(unlike(&page, &wanted), ["its summary", "its severity"]);
        assert!(!says(&page, &wanted));
        let approved = AdvisoryEdit { summary: Some("Edited".to_owned()), rating: None, ..wanted };
        assert!(says(&page, &approved));
    }
}
