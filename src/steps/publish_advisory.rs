//! `publish-advisory`: publish the advisory, with every released version among its patched ones.

use super::accept_report::current;
use super::answer::mend;
use super::error::StepError;
use super::lines::ranges;
use super::output::{AdvisoryFact, Output};
use super::public::disclosed;
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::github::{Advisory, AdvisoryEdit, AdvisoryState, Class, Publication, Vulnerability};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let found = current(site).await?;
    Ok(match found.state {
        AdvisoryState::Published => Seen::Done(public(&found)),
        AdvisoryState::Draft => Seen::Todo,
        AdvisoryState::Triage => Seen::Ask(mend(format!(
            "{} is still a report that nobody accepted; accept it on {}",
            found.id, found.url
        ))),
        AdvisoryState::Closed | AdvisoryState::Withdrawn => Seen::Ask(mend(format!(
            "{} was closed or withdrawn, and its fixes are released; open it again on {}",
            found.id, found.url
        ))),
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    let disclosed = disclosed(site)?;
    let wanted = ranges(site, advisory)?;
    if !names_every_release(&current(site).await?.vulnerabilities, &wanted) {
        let edit = AdvisoryEdit { vulnerabilities: Some(wanted), ..AdvisoryEdit::default() };
        let permit = Permit::Disclosed(disclosed.clone());
        site.world.github.update_advisory(&advisory.repo, &advisory.id, &edit, &permit).await?;
    }
    match site.world.github.publish_advisory(&advisory.repo, &advisory.id, &disclosed).await {
        Ok(Publication::Published(found) | Publication::AlreadyPublished(found)) => {
            Ok(Made::Done(public(&found)))
        }
        Err(error) => match &error.class {
            Class::Invalid { message } => Ok(Made::Ask(mend(format!(
                "GitHub does not publish {}: {message}; the fixes are released; close what is open in its fork, or \
                 publish it on its page",
                advisory.id
            )))),
            _ => Err(error.into()),
        },
    }
}

/// Whether each released version of a package stands among the patched ones.
pub(super) fn names_every_release(stated: &[Vulnerability], wanted: &[Vulnerability]) -> bool {
    wanted.iter().all(|wanted| {
        stated.iter().any(|stated| {
            stated.package == wanted.package && stated.patched_versions == wanted.patched_versions
        })
    })
}

fn public(found: &Advisory) -> Output {
    Output::Advisory(AdvisoryFact {
        state: format!("{:?}", found.state).to_lowercase(),
        url: found.url.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_whose_release_is_not_named_is_noticed() {
        let line = |patched: &str| Vulnerability {
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
