//! `accept-report`: the advisory goes from triage to draft.

use crate::github::{RepositoryAdvisory, RepositoryAdvisoryState};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{AdvisoryFact, Output};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let found = current(context).await?;
    Ok(match found.state {
        RepositoryAdvisoryState::Triage => Observed::Todo,
        RepositoryAdvisoryState::Draft => done(&found),
        state => Observed::Ask(Question {
            kind: QuestionKind::Decision,
            text: format!(
                "{} is {} on GitHub, but only a draft can be released; nothing was changed",
                found.id,
                state.word()
            ),
            next: remedies(state, &found.url),
        }),
    })
}

/// What is public cannot be a draft again; what was closed can.
fn remedies(state: RepositoryAdvisoryState, url: &str) -> Vec<Advice> {
    let without = Advice::then(
        "to release without it, take it out of release.toml, then",
        NextAction::Amend { digest: None },
    );
    let again = (state != RepositoryAdvisoryState::Published)
        .then(|| Advice::then(format!("reopen it on {url}, then"), NextAction::Resume));
    again
        .into_iter()
        .chain([without, Advice::then("if nothing is to be released", NextAction::Abort)])
        .collect()
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    context.world.github.accept_report(&advisory.repo, &advisory.id).await?;
    let found = current(context).await?;
    Ok(Applied::Done(fact(&found)))
}

/// The advisory of the step as it is on GitHub now.
pub(in crate::steps) async fn current(context: &StepContext) -> Result<RepositoryAdvisory, StepError> {
    let advisory = context.advisory()?;
    context.world.github.advisory(&advisory.repo, &advisory.id).await?.ok_or_else(|| {
        let gone = StepError::input(
            format!("the advisory {} was not found in `{}`", advisory.id, advisory.repo),
            "check the id, and that the token may see the repository's security advisories",
        );
        if was_seen(context) { gone.may_pass() } else { gone }
    })
}

/// Whether this run has read the advisory before: one that is not found now is there all the same, or was a moment ago.
fn was_seen(context: &StepContext) -> bool {
    let accepted = context.facts.output(StepKind::AcceptReport, context.subject());
    matches!(accepted, Some(Output::Advisory(_)))
}

fn done(found: &RepositoryAdvisory) -> Observed {
    Observed::Done(fact(found))
}

/// What a step records of an advisory that it read.
pub(in crate::steps) fn fact(found: &RepositoryAdvisory) -> Output {
    Output::Advisory(state_of(found))
}

/// The advisory as it stands.
pub(super) fn state_of(found: &RepositoryAdvisory) -> AdvisoryFact {
    AdvisoryFact { state: found.state.word().to_owned(), url: found.url.clone(), put_back: Vec::new() }
}
