//! `delete-fork`: delete the private fork, of which a copy is kept.

use super::answer::mend;
use super::error::StepError;
use super::output::Output;
use super::private_side::{ForkStand, fork, stand};
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::github::Class;
use crate::ids::RepoName;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(fork) = fork(site)? else {
        return Ok(Seen::Done(Output::Skipped("the advisory has no private fork".to_owned())));
    };
    match stand(site, &fork).await? {
        ForkStand::Gone => Ok(Seen::Done(deleted(&fork))),
        ForkStand::Unseen => Ok(site.wait_for(format!("GitHub to forget `{fork}`"))),
        ForkStand::Stands if site.folder.archive(&fork).exists() => Ok(Seen::Todo),
        ForkStand::Stands => Ok(Seen::Ask(mend(format!(
            "there is no copy of `{fork}` in `{}`; it is not deleted without one; bring the copy back, or delete the \
             fork by hand",
            site.folder.archive(&fork).display()
        )))),
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let fork = fork(site)?.ok_or_else(|| site.only_looks())?;
    match site.world.github.delete_repository(&fork, &Permit::Private).await {
        Ok(_) => Ok(Made::Done(deleted(&fork))),
        Err(error) => match &error.class {
            // Many organisations let nobody delete repositories by token.
            Class::Forbidden { message } => Ok(Made::Ask(mend(format!(
                "GitHub does not let this token delete `{fork}`: {message}; delete it in its settings, or give a token \
                 with the scope `delete_repo`"
            )))),
            _ => Err(error.into()),
        },
    }
}

fn deleted(fork: &RepoName) -> Output {
    Output::Note(format!("`{fork}` is deleted"))
}
