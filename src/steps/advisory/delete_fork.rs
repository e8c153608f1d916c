//! `delete-fork`: delete the private fork, of which there is a copy.

use super::private_side::{ForkPresence, fork, permit, stand};
use crate::github::Class;
use crate::ids::RepoName;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::then_resume;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(fork) = fork(context)? else {
        return Ok(Observed::Done(Output::Skipped("the advisory has no private fork".to_owned())));
    };
    match stand(context, &fork).await? {
        ForkPresence::Gone => Ok(Observed::Done(deleted(&fork))),
        ForkPresence::Unseen => Ok(context.wait_for(format!("the advisory to lose its fork `{fork}`"))),
        ForkPresence::Present if context.folder.archive(&fork).exists() => Ok(Observed::Todo),
        ForkPresence::Present => Ok(Observed::Ask(then_resume(format!(
            "there is no copy of `{fork}` in `{}`, and it is not deleted without one; restore the copy, or delete the \
             fork by hand",
            context.folder.archive(&fork).display()
        )))),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let fork = fork(context)?.ok_or_else(|| context.only_looks())?;
    match context.world.github.delete_repository(&fork, &permit(context)).await {
        Ok(_) => Ok(Applied::Done(deleted(&fork))),
        Err(error) => match &error.class {
            // Many organisations do not let tokens delete repositories.
            Class::Forbidden { message } => Ok(Applied::Ask(then_resume(format!(
                "GitHub does not let this token delete `{fork}`: {message}; delete it in its settings, or provide a token \
                 with the scope `delete_repo`"
            )))),
            _ => Err(error.into()),
        },
    }
}

fn deleted(fork: &RepoName) -> Output {
    Output::Note(format!("`{fork}` is deleted"))
}
