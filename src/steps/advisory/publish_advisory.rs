//! `publish-advisory`: publish the advisory as it was approved, with every released version among its patched ones.

use super::accept_report::{current, fact, state_of};
use super::describe_advisory::{unlike, words};
use crate::egress::Permit;
use crate::github::{AdvisoryEdit, Class, Publication, RepositoryAdvisoryState, RepositoryVulnerability};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{AdvisoryFact, Output};
use crate::steps::patch::lines::{known_versions, ranges, wrongly_covered};
use crate::steps::publish::answer::then_resume;
use crate::steps::publish::public::disclosed;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let found = current(context).await?;
    Ok(match found.state {
        RepositoryAdvisoryState::Published => Observed::Done(fact(&found)),
        RepositoryAdvisoryState::Draft => Observed::Todo,
        RepositoryAdvisoryState::Triage => Observed::Ask(then_resume(format!(
            "{} is still an unaccepted report; accept it on {}",
            found.id, found.url
        ))),
        RepositoryAdvisoryState::Closed | RepositoryAdvisoryState::Withdrawn => {
            Observed::Ask(then_resume(format!(
                "{} was closed or withdrawn, but its fixes are released; reopen it on {}",
                found.id, found.url
            )))
        }
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    let disclosed = disclosed(context)?;
    let (found, words) = (current(context).await?, words(advisory));
    let ranges = ranges(context, advisory);
    let wrong = wrongly_covered(&found.vulnerabilities, &known_versions(context, advisory));
    let lacks_release = !names_every_release(&found.vulnerabilities, &ranges);
    // Whoever may edit the draft may have done so after people approved it.
    let edited: Vec<String> = unlike(&found, &words).into_iter().map(str::to_owned).collect();
    if lacks_release || !wrong.is_empty() || !edited.is_empty() {
        let edit = AdvisoryEdit { vulnerabilities: Some(ranges), ..words };
        let permit = Permit::Disclosed(disclosed.clone());
        context.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &permit).await?;
    }
    match context.world.github.publish_advisory(&advisory.repo, &advisory.id, &disclosed).await {
        Ok(Publication::Published(found) | Publication::AlreadyPublished(found)) => {
            Ok(Applied::Done(Output::Advisory(AdvisoryFact { put_back: edited, ..state_of(&found) })))
        }
        Err(error) => match &error.class {
            Class::Invalid { message } => Ok(Applied::Ask(then_resume(format!(
                "GitHub refuses to publish {}: {message}; the fixes are released; close what is open in its fork, or \
                 publish it on its page",
                advisory.id
            )))),
            _ => Err(error.into()),
        },
    }
}

/// Whether each released version of a package is among the patched ones.
pub(in crate::steps) fn names_every_release(
    stated: &[RepositoryVulnerability],
    wanted: &[RepositoryVulnerability],
) -> bool {
    wanted.iter().all(|wanted| {
        stated.iter().any(|stated| {
            stated.package == wanted.package && stated.patched_versions == wanted.patched_versions
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_whose_release_is_missing_is_noticed() {
        let line = |patched: &str| RepositoryVulnerability {
            ecosystem: "other".into(),
            package: Some("sluice".into()),
            vulnerable_version_range: Some(format!("< {patched}")),
            patched_versions: Some(patched.into()),
        };
        let both = [line("2.4.3"), line("2.3.9")];
        assert!(names_every_release(&both, &both));
        assert!(!names_every_release(&both[..1], &both));
    }
}
