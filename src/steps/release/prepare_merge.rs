//! `prepare-merge`: merge a release that is made beside its line into the line, in memory. A conflict is found here and not
//! once the release is out; the gate shows the tree that the line will have.

use crate::git::MergedHistories;
use crate::ids::CommitId;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{bring_branch, committer, in_store, made_ref};
use crate::steps::output::{Output, Patch, PatchCommit};
use crate::steps::patch::stacked;
use crate::steps::publish::answer::{waive, waived};
use crate::steps::publish::public::release;

pub(in crate::steps) async fn observe(_: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let (line, released) = (context.facts.head(target).clone(), stacked::published(context)?.clone());
    bring_branch(context, &target.repo, &target.branch, &line).await?;
    let subject = format!("Merge {} into {}", release(context)?.tag, target.branch);
    let (who, kept) = (committer(context)?, made_ref(context));
    let (ours, theirs, message) = (line.clone(), released, format!("{subject}\n"));
    let merged = in_store(context, &target.repo, move |store| {
        let tree = match store.merge_histories(&ours, &theirs)? {
            MergedHistories::Clean(tree) => tree,
            MergedHistories::Conflict(paths) => return Ok(Err(paths)),
        };
        let head = store.commit_as(&tree, &[ours, theirs], &message, &who.signature, &who)?;
        store.set_own_ref(&kept, &head, "prepare-merge")?;
        Ok(Ok((head, tree)))
    })
    .await?;
    Ok(match merged {
        Ok((head, tree)) => {
            let made = PatchCommit { commit: head.clone(), from: None, advisory: None, subject };
            let (commits, review) = (vec![made], Vec::new());
            Applied::Done(Output::Patch(Patch { base: line, commits, head, tree, review, resolved: None }))
        }
        Err(paths) => match waived(context) {
            Some(reason) => {
                let text = format!("it conflicts in {}, and people merge it: {reason}", paths.join(", "));
                Applied::Done(Output::Note(text))
            }
            None => Applied::Ask(question(context, &line, paths)?),
        },
    })
}

fn question(context: &StepContext, line: &CommitId, paths: Vec<String>) -> Result<Question, StepError> {
    let target = context.target()?;
    Ok(Question {
        text: format!(
            "{} is released from {}, and merging it into `{}` at {} will conflict in {}; nothing is public yet",
            release(context)?.tag,
            target.stated_base.as_ref().map_or("its base", |stated| stated.name.as_str()),
            target.branch,
            line.short(),
            paths.join(", ")
        ),
        kind: QuestionKind::Conflict { paths, begin: None },
        next: vec![
            Advice::then("to merge it by hand once it is released", waive(context)),
            Advice::then(
                "to release from another base, or from the line's head, say so in release.toml, then",
                NextAction::Amend { digest: None },
            ),
        ],
    })
}
