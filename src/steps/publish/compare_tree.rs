//! `compare-tree`: compare the merged tree with the proven one. What was proven is what is released, or people say so.

use super::answer::{then_resume, then_resume_or_waive, waived};
use crate::git::Store;
use crate::ids::{CommitId, TreeId};
use crate::kinds::StepKind;
use crate::plan::Target;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{MergedPull, Output, Patch};
use crate::steps::patch::remote_head::{public_head, public_head_with, wait_to_see};
use crate::steps::patch::stacked;
use crate::wording::counted;

/// How many differing paths are named.
const SHOWN: usize = 10;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let target = context.target()?;
    let proven = match expected(context)? {
        ExpectedTree::Tree(tree) => tree,
        ExpectedTree::Unknown(note) => return Ok(Observed::Done(Output::Note(note))),
    };
    let (head, merged) = match context.facts.output(StepKind::MergePatch, &context.target_subject()) {
        Some(Output::Merged(MergedPull { commit, .. })) => {
            match public_head_with(context, &target.repo, &target.branch, commit).await? {
                Some(head) => (head, commit.clone()),
                None => return Ok(wait_to_see(context, &target.branch, commit)),
            }
        }
        // Nothing was merged: the branch already had all of it.
        _ => {
            let head = public_head(context, &target.repo, &target.branch).await?;
            (head.clone(), head)
        }
    };
    let (at, branch_head, merge) = (merged.clone(), head.clone(), merged);
    let (held, merged, tree, differing, unfixed) = in_store(context, &target.repo, {
        let (proven, stack) = (proven.clone(), stacked::patch(context)?.clone());
        let published = stacked::published(context)?.clone();
        move |store| {
            // A pull request that was turned to another branch in the moment of its merge was merged there.
            let is_held = |commit: &CommitId| -> Result<bool, StepError> {
                Ok(*commit == branch_head
                    || store.has_commit(commit) && store.is_ancestor(commit, &branch_head)?)
            };
            let is_merged_there = is_held(&at)?;
            let held = is_merged_there || is_held(&published)?;
            let at = if is_merged_there { at } else { branch_head.clone() };
            let (mut at, mut tree) = (at.clone(), store.tree_of(&at)?);
            let mut lacking = unfixed(store, &stack, &tree)?;
            // A merge that lacked the fix stays as it is; what was brought to the branch since counts.
            if held && !lacking.is_empty() && at != branch_head {
                tree = store.tree_of(&branch_head)?;
                lacking = unfixed(store, &stack, &tree)?;
                at = branch_head;
            }
            let differing = store.changed_paths(&proven, &tree)?;
            Ok((held, at, tree, differing, lacking))
        }
    })
    .await?;
    if !held {
        let text = format!(
            "{} is at {}, which does not contain the merge {}: somebody moved the branch back, or turned the pull request to another \
             branch when it was merged; no release was started; see where the merge is, and merge the proven commits, which end at {}, \
             into the branch",
            target.label(),
            head.short(),
            merge.short(),
            stacked::published(context)?
        );
        // Waiving would release a branch that lacks the fixes.
        return Ok(Observed::Ask(then_resume(text)));
    }
    if tree == proven {
        return Ok(Observed::Done(Output::Verified(equal(context, &merged, &tree))));
    }
    if !unfixed.is_empty() {
        let text = format!(
            "{}: the merged {} lacks the fix: {} as before it; no release was started, and none may be: bring the fix \
             to the branch; its proven commits end at {}",
            target.label(),
            merged.short(),
            is_as_before(&unfixed),
            stacked::published(context)?
        );
        // Not to be waived: an unfixed version would be announced as the patched one.
        return Ok(Observed::Ask(then_resume(text)));
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

/// What the branch is to hold after the merge.
enum ExpectedTree {
    /// This tree: what was proven, or what a release that is made beside its line comes to with it.
    Tree(TreeId),
    /// People merged it by hand.
    Unknown(String),
}

fn expected(context: &StepContext) -> Result<ExpectedTree, StepError> {
    if !context.target()?.is_merged_back() {
        return Ok(ExpectedTree::Tree(stacked::patch(context)?.tree.clone()));
    }
    if let Some(Output::Note(by_hand)) = context.facts.output(StepKind::MergePatch, &context.target_subject())
    {
        return Ok(ExpectedTree::Unknown(by_hand.clone()));
    }
    Ok(match context.facts.output(StepKind::PrepareMerge, &context.target_subject()) {
        Some(Output::Patch(merge)) => ExpectedTree::Tree(merge.tree.clone()),
        Some(other) => ExpectedTree::Unknown(other.summary()),
        None => ExpectedTree::Unknown("the merge was not tried before".to_owned()),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// The files that the fixes change and that a tree has as they were before the fixes.
pub(super) fn unfixed(store: &Store, stack: &Patch, merged: &TreeId) -> Result<Vec<String>, StepError> {
    // What comes after the last fix is notes of the release.
    let Some(last) = stack.commits.iter().rfind(|commit| commit.from.is_some()) else {
        return Ok(Vec::new());
    };
    let (before, fixed) = (store.tree_of(&stack.base)?, store.tree_of(&last.commit)?);
    let moved = store.changed_paths(&before, merged)?;
    let differs = store.changed_paths(&fixed, merged)?;
    // The notes may collect a fragment that came with the fix: what was proven is without it, too.
    let proven = store.changed_paths(&before, &stack.tree)?;
    let paths = store.changed_paths(&before, &fixed)?.into_iter();
    let is_lost = |path: &String| differs.contains(path) && !moved.contains(path);
    Ok(paths.filter(|path| is_lost(path) && proven.contains(path)).collect())
}

pub(super) fn is_as_before(paths: &[String]) -> String {
    format!("{} {}", named(paths), if paths.len() == 1 { "is" } else { "are" })
}

/// What equality means: the same tree as the stack, and as the evidence if the suites ran.
fn equal(context: &StepContext, merged: &CommitId, tree: &TreeId) -> Vec<String> {
    let whose =
        if context.target().is_ok_and(Target::is_merged_back) { "prepared merge" } else { "proven stack" };
    let mut found = vec![format!("the tree {} of {} is the {whose}'s", tree.short(), merged.short())];
    if let Ok(evidence) = context.facts.evidence(StepKind::Prove, &context.target_subject())
        && evidence.tree == *tree
    {
        let entries = context.facts.matrix_evidence(StepKind::Prove, &context.target_subject());
        let entries = entries.map(|matrix| format!(" and {}", counted(matrix.attempted.len(), "CI entry")));
        let suites = counted(evidence.results.len(), "suite");
        found.push(format!("{suites}{} ran on exactly this tree", entries.unwrap_or_default()));
    }
    found
}

pub(super) fn named(paths: &[String]) -> String {
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
    use crate::git::Signature;
    use crate::steps::output::PatchCommit;

    #[test]
    fn files_that_are_as_before_the_fix_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let tree = |files: &[(&str, &str)]| {
            let bytes: Vec<_> = files.iter().map(|(path, text)| (*path, Some(text.as_bytes()))).collect();
            store.with_files(&store.empty_tree().unwrap(), &bytes).unwrap()
        };
        let commit = |tree: &TreeId, parents: &[CommitId]| {
            let who = Signature::utc("Ada", "ada@acme.example", jiff::Timestamp::UNIX_EPOCH);
            store.commit(tree, parents, "x", &who, &who).unwrap()
        };
        let base = commit(&tree(&[("a", "0"), ("b", "0"), ("NEWS", "0")]), &[]);
        let fixed = commit(&tree(&[("a", "1"), ("b", "1"), ("NEWS", "0")]), std::slice::from_ref(&base));
        let noted = commit(&tree(&[("a", "1"), ("b", "1"), ("NEWS", "1")]), std::slice::from_ref(&fixed));
        let of = |commit: &CommitId, from: Option<&CommitId>| PatchCommit {
            commit: commit.clone(),
            from: from.cloned(),
            advisory: None,
            subject: String::new(),
        };
        let commits = vec![of(&fixed, Some(&fixed)), of(&noted, None)];
        let stack = Patch {
            tree: store.tree_of(&noted).unwrap(),
            head: noted,
            base,
            commits,
            review: Vec::new(),
            resolved: None,
        };
        let unfixed = |merged| unfixed(&store, &stack, &tree(merged)).unwrap();
        assert_eq!(unfixed(&[("a", "0"), ("b", "0"), ("c", "1")]), ["a", "b"]);
        assert_eq!(unfixed(&[("a", "1"), ("b", "0"), ("NEWS", "1")]), ["b"]);
        // The notes of the release took `b` back, which came with the fix.
        let mut collected = stack.clone();
        collected.tree = tree(&[("a", "1"), ("b", "0"), ("NEWS", "1")]);
        assert!(super::unfixed(&store, &collected, &collected.tree).unwrap().is_empty());
        // Other changes beside the fix, or in its files, are for people to judge.
        assert!(unfixed(&[("a", "1"), ("b", "2"), ("NEWS", "0")]).is_empty());
    }

    #[test]
    fn few_paths_are_named_and_many_are_counted() {
        assert_eq!(named(&["a".into(), "b".into()]), "`a`, `b`");
        let many: Vec<String> = (0..12).map(|index| index.to_string()).collect();
        assert!(named(&many).ends_with("`9` and 2 more"));
    }
}
