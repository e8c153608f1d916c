//! `accept-report`: the advisory goes from triage to draft.

use super::error::StepError;
use super::output::{AdvisoryFact, Output};
use super::site::{Made, Question, QuestionKind, Seen, Site};
use crate::github::{Advisory, AdvisoryState};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let found = current(site).await?;
    Ok(match found.state {
        AdvisoryState::Triage => Seen::Todo,
        AdvisoryState::Draft => done(&found),
        state => Seen::Ask(Question {
            kind: QuestionKind::Decision,
            text: format!(
                "{} is {state:?} on GitHub; a release is made from a draft. Nothing was changed.",
                found.id
            ),
            next: vec![
                format!("look at {}", found.url),
                "lockgate abort --as NAME --reason WHY, or open it again there and `lockgate resume`"
                    .to_owned(),
            ],
        }),
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    site.world.github.accept_report(&advisory.repo, &advisory.id).await?;
    let found = current(site).await?;
    Ok(Made::Done(fact(&found)))
}

/// The advisory of the step as GitHub has it now.
pub(super) async fn current(site: &Site) -> Result<Advisory, StepError> {
    let advisory = site.advisory()?;
    site.world.github.advisory(&advisory.repo, &advisory.id).await?.ok_or_else(|| {
        StepError::input(
            format!("the advisory {} was not found in `{}`", advisory.id, advisory.repo),
            "check the id, and that the token may see the repository's security advisories",
        )
    })
}

fn done(found: &Advisory) -> Seen {
    Seen::Done(fact(found))
}

/// What a step leaves of an advisory that it looked at.
pub(super) fn fact(found: &Advisory) -> Output {
    Output::Advisory(AdvisoryFact {
        state: format!("{:?}", found.state).to_lowercase(),
        url: found.url.clone(),
    })
}
