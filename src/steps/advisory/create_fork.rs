//! `create-fork`: create the temporary private fork. GitHub creates it in the background, within five minutes.

use super::accept_report::current;
use crate::github::{Class, RepositoryAdvisory};
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::decision;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(fork) = current(context).await?.private_fork else { return Ok(Observed::Todo) };
    // The advisory names the fork before its branches exist.
    let heads = context.world.transport.ls_remote(&fork, &["refs/heads/*"]).await;
    match heads {
        Ok(heads) if !heads.is_empty() => Ok(Observed::Done(Output::Repository(fork))),
        _ => Ok(context.wait_for(format!("GitHub to create the private fork `{fork}`"))),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    match context.world.github.create_private_fork(&advisory.repo, &advisory.id).await {
        Ok(_) => Ok(context.look_again("GitHub to create the private fork")),
        Err(error) => match refusal(&error.class) {
            Some(Refusal::InProgress) => Ok(context.look_again("GitHub to create the private fork")),
            Some(Refusal::Said(reason)) => Ok(Applied::Ask(refused(&current(context).await?, reason))),
            None => Err(error.into()),
        },
    }
}

/// Why GitHub makes no fork.
#[derive(Debug, PartialEq, Eq)]
enum Refusal<'e> {
    /// It makes one already.
    InProgress,
    /// In its own words.
    Said(&'e str),
}

/// The text for a second request while the first is in progress is documented nowhere. One that is not known here is asked
/// about; whoever resumes then finds the fork.
fn refusal(class: &Class) -> Option<Refusal<'_>> {
    let under_way = |message: &str| {
        let message = message.to_lowercase();
        ["already", "in progress", "being created"].iter().any(|words| message.contains(words))
    };
    match class {
        Class::Invalid { message } | Class::Conflict { message } if under_way(message) => {
            Some(Refusal::InProgress)
        }
        Class::Invalid { message }
        | Class::Conflict { message }
        | Class::ForbiddenOnWorkspace { message }
        | Class::NotAllowed { message }
        | Class::Forbidden { message } => Some(Refusal::Said(message)),
        _ => None,
    }
}

fn refused(advisory: &RepositoryAdvisory, reason: &str) -> Question {
    let by_hand = format!("start it on {}, or wait a few minutes if it is being made, then", advisory.url);
    let elsewhere = "to work in a private repository of your own, name it in the catalog (`private = { repository = \
                     \"OWNER/NAME\" }`), then";
    decision(
        format!(
            "GitHub makes no temporary private fork for {}: {reason}; nothing was sent there",
            advisory.id
        ),
        [
            Advice::then(by_hand, NextAction::Resume),
            Advice::then(elsewhere, NextAction::Amend { digest: None }),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_githubs_words_unless_the_fork_is_being_made() {
        let said = "Temporary private forks are forbidden on workspace repositories".to_owned();
        for class in [
            Class::ForbiddenOnWorkspace { message: said.clone() },
            Class::Invalid { message: said.clone() },
            Class::Forbidden { message: said.clone() },
        ] {
            assert_eq!(refusal(&class), Some(Refusal::Said(&said)));
        }
        let again = Class::Invalid { message: "A temporary private fork already exists.".into() };
        assert_eq!(refusal(&again), Some(Refusal::InProgress));
        assert_eq!(refusal(&Class::Server { status: 502 }), None);
    }
}
