//! `compare-tree`: compare the merged tree with the proven one. What was proven is what is released, or people say so.

use super::answer::{then_resume, then_resume_or_waive, waived};
use crate::ids::{CommitId, TreeId};
use crate::kinds::StepKind;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::Output;
use crate::steps::patch::remote_head::public_head;
use crate::steps::patch::stacked;
use crate::wording::counted;

/// How many differing paths are named.
const SHOWN: usize = 10;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let target = context.target()?;
    let proven = stacked::patch(context)?.tree.clone();
    let head = public_head(context, &target.repo, &target.branch).await?;
    let merged = match context.facts.output(StepKind::MergePatch, &context.target_subject()) {
        Some(Output::Merged(merge)) => merge.commit.clone(),
        // Nothing was merged: the branch already had all of it.
        _ => head.clone(),
    };
    let (at, branch_head) = (merged.clone(), head.clone());
    let (held, tree, differing) = in_store(context, &target.repo, {
        let proven = proven.clone();
        move |store| {
            let held = at == branch_head || store.is_ancestor(&at, &branch_head)?;
            let tree = store.tree_of(&at)?;
            let differing = store.changed_paths(&proven, &tree)?;
            Ok((held, tree, differing))
        }
    })
    .await?;
    if !held {
        let text = format!(
            "{} is at {}, which does not contain the merge {}: somebody moved the branch back; no release was started",
            target.label(),
            head.short(),
            merged.short()
        );
        // Waiving would release a branch that lacks the fixes.
        return Ok(Observed::Ask(then_resume(text)));
    }
    if tree == proven {
        return Ok(Observed::Done(Output::Verified(equal(context, &merged, &tree))));
    }
    if let Some(reason) = waived(context) {
        let differs = format!(
            "tree {} differs from the proven {}: {}",
            tree.short(),
            proven.short(),
            named(&differing)
        );
        return Ok(Observed::Done(Output::Verified(vec![differs, format!("accepted: {reason}")])));
    }
    let text = format!(
        "{}: the merged tree {} is not the proven tree {}; they differ in {}; no release was started; run the suites \
         on {} and waive this step, or correct the branch",
        target.label(),
        tree.short(),
        proven.short(),
        named(&differing),
        merged.short()
    );
    Ok(Observed::Ask(then_resume_or_waive(context, text)))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// What equality means: the same tree as the stack, and as the evidence if the suites ran.
fn equal(context: &StepContext, merged: &CommitId, tree: &TreeId) -> Vec<String> {
    let mut found = vec![format!("the tree {} of {} is the proven stack's", tree.short(), merged.short())];
    if let Ok(evidence) = context.facts.evidence(StepKind::Prove, &context.target_subject())
        && evidence.tree == *tree
    {
        found.push(format!("{} ran on exactly this tree", counted(evidence.results.len(), "suite")));
    }
    found
}

fn named(paths: &[String]) -> String {
    let shown = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    match paths.len() {
        0 => "modes or submodules".to_owned(),
        count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_paths_are_named_and_many_are_counted() {
        assert_eq!(named(&["a".into(), "b".into()]), "`a`, `b`");
        let many: Vec<String> = (0..12).map(|index| index.to_string()).collect();
        assert!(named(&many).ends_with("`9` and 2 more"));
    }
}
