//! `delete-branches`: delete the branches of a target's merged pull requests, each only where it is as it was merged.

use super::merged_pulls::merged_pulls;
use super::public::{after_the_gate, home};
use crate::git::RefUpdate;
use crate::github::PullState;
use crate::ids::CommitId;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{OpenedPull, Output, TidiedBranches};
use crate::steps::publish::answer::waived;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    if let Some(reason) = waived(context) {
        return Ok(Observed::Done(Output::Skipped(format!("the branches were left: {reason}"))));
    }
    let pulls = merged_pulls(&context.facts, &context.target_subject());
    if pulls.is_empty() {
        return Ok(Observed::Done(Output::Skipped("no pull request was merged".to_owned())));
    }
    let (stand, output) = look(context, &pulls).await?;
    Ok(if stand.is_empty() { Observed::Done(output) } else { Observed::Todo })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = context.repo()?;
    let pulls = merged_pulls(&context.facts, &context.target_subject());
    let (stand, output) = look(context, &pulls).await?;
    if !stand.is_empty() {
        let store = context.folder.store(&repo.name);
        context.world.transport.push(&store, home(repo), &stand, &after_the_gate(context)?).await?;
    }
    Ok(Applied::Done(output))
}

/// Which branches stand as they were merged and are to go, and what there is to say once they are gone.
async fn look(context: &StepContext, pulls: &[&OpenedPull]) -> Result<(Vec<RefUpdate>, Output), StepError> {
    let home = home(context.repo()?);
    let names: Vec<String> = pulls.iter().map(|pull| pull.branch.full()).collect();
    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut heads = context.world.transport.ls_remote(home, &asked).await?;
    let mut stand = Vec::new();
    let mut tidied = TidiedBranches { repo: home.clone(), gone: Vec::new(), left: Vec::new() };
    for (pull, name) in pulls.iter().zip(names) {
        match heads.remove(&name) {
            Some(head) if !is_as_merged(context, pull, &head).await? => {
                tidied.left.push((pull.branch.clone(), head));
            }
            head => {
                tidied.gone.push(pull.branch.clone());
                stand.extend(head.map(|old| RefUpdate::Delete { name, old }));
            }
        }
    }
    Ok((stand, Output::Tidied(tidied)))
}

/// Whether a branch is where it was pushed, or where GitHub merged it: a rule may have wanted it brought up to date before.
async fn is_as_merged(context: &StepContext, ours: &OpenedPull, head: &CommitId) -> Result<bool, StepError> {
    if ours.head == *head {
        return Ok(true);
    }
    let pull = context.world.github.pull(&ours.repo, ours.number).await?;
    Ok(pull.is_some_and(|pull| matches!(pull.state, PullState::Merged(_)) && pull.head.commit == *head))
}
