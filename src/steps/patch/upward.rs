//! Merging upwards: the patched head of the line below, merged into a newer line, is what that line's stack begins with.
//!
//! The fixes come up, and whatever else the line below has and the newer one lacks; the notes and the bump of its release
//! stay there. Each line keeps its own version, whatever the line below states.

use super::pile::Pile;
use super::resolution::own_commits;
use crate::backport::{HistoryMerge, merge_history};
use crate::git::{Committer, GitError, MergedHistories, Store};
use crate::ids::{BranchName, CommitId, GhsaId, TreeId};
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::Target;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::{Patch, PatchCommit};
use crate::steps::release::tree_files::{TreeFiles, with_changes};
use crate::version::{BumpMethod, Versioning};
use crate::wording::counted;

/// How many of the commits that a merge brings beside the fixes are named.
const NAMED: usize = 3;

/// The lines below a target, the nearest first.
fn lines_below<'a>(context: &'a StepContext, target: &'a Target) -> impl Iterator<Item = &'a Target> {
    let below = |target: &Target| context.plan.target(&target.repo, target.merged_from.as_ref()?);
    std::iter::successors(below(target), move |target| below(target))
}

/// The line from which the fix of the step's advisory comes by a merge, so that nothing is picked here.
pub(in crate::steps) fn comes_from<'a>(
    context: &'a StepContext,
    advisory: &GhsaId,
) -> Result<Option<&'a BranchName>, StepError> {
    let mut below = lines_below(context, context.target()?);
    let brings = |target: &&Target| {
        let patch = context.facts.patch(StepKind::Backport, &target.subject_for(advisory));
        patch.is_ok_and(|patch| !patch.commits.is_empty())
    };
    Ok(below.find(brings).map(|target| &target.branch))
}

/// What is merged into the step's target; `None` where no line below brings anything.
pub(super) fn of(context: &StepContext) -> Result<Option<MergeUp>, StepError> {
    let target = context.target()?;
    for lower in lines_below(context, target) {
        let Ok(patch) = context.facts.patch(StepKind::Stack, &lower.subject()) else { continue };
        let Some(head) = fixed_head(patch) else { continue };
        let versioning = context.inputs().versioning(context.repo()?, &target.branch);
        let stacks = lines_below(context, target)
            .filter_map(|lower| context.facts.patch(StepKind::Stack, &lower.subject()).ok());
        let fixes = stacks.flat_map(|stack| &stack.commits).filter(|commit| commit.advisory.is_some());
        return Ok(Some(MergeUp {
            fixes: fixes.cloned().collect(),
            from: lower.branch.clone(),
            into: target.branch.clone(),
            head: head.clone(),
            base: patch.base.clone(),
            versioning: versioning.filter(Versioning::is_in_files),
        }));
    }
    Ok(None)
}

/// The last commit of a stack that belongs to a fix: what follows it are notes.
fn fixed_head(patch: &Patch) -> Option<&CommitId> {
    let of_fix = |commit: &&PatchCommit| commit.from.is_some() || commit.advisory.is_some();
    patch.commits.iter().rfind(of_fix).map(|commit| &commit.commit)
}

/// A line that is merged into a newer one.
pub(super) struct MergeUp {
    from: BranchName,
    into: BranchName,
    /// The line below with its fixes.
    head: CommitId,
    /// The public head that these stand on.
    base: CommitId,
    /// The commits of fixes that come with it, whatever line they were made on.
    fixes: Vec<PatchCommit>,
    versioning: Option<Versioning>,
}

/// What came of it.
pub(super) enum Laid {
    /// The pile goes on.
    On,
    /// People resolved the merge and what follows it: what does not fit on top is in it.
    Whole,
    Conflict(TornMerge),
}

/// A merge that people must settle.
pub(super) struct TornMerge {
    pub(super) paths: Vec<String>,
    /// What is merged: the line below, with the version of the newer one.
    pub(super) merge: CommitId,
    /// What is merged into what, as a clause.
    pub(super) what: String,
    /// Why what people resolved before does not count, as a sentence.
    pub(super) stale: Option<String>,
}

impl MergeUp {
    pub(super) fn fixes(&self) -> &[PatchCommit] {
        &self.fixes
    }

    /// Merges into the pile, or takes what people made of the merge.
    pub(super) fn lay(
        &self,
        pile: &mut Pile<'_>,
        resolved: Option<&(CommitId, String)>,
    ) -> Result<Laid, StepError> {
        let (store, base) = (pile.store, pile.patch.head.clone());
        let mut stale = None;
        if let Some((resolved, by)) = resolved {
            if store.has_commit(resolved) && !store.is_ancestor(&self.base, resolved)? {
                stale = Some(format!(
                    "The resolution {} does not hold `{}` at {}, and is not taken.",
                    resolved.short(),
                    self.from,
                    self.base.short()
                ));
            } else {
                return self.take(pile, resolved, by);
            }
        }
        if store.merge_base(&base, &self.head)?.is_none() {
            return Err(StepError::input(
                format!(
                    "`{}` and `{}` have no common history, so that one cannot be merged into the other",
                    self.from, self.into
                ),
                "remove `carry` from the catalog: the fix is picked onto each line then",
            ));
        }
        let MergeAttempt { merge, came, told } = self.attempt(store, &base, pile.committer)?;
        let tree = match came {
            MergedHistories::Clean(tree) => tree,
            MergedHistories::Conflict(paths) => {
                let what = format!("merging `{}` at {} into `{}`", self.from, self.head.short(), self.into);
                return Ok(Laid::Conflict(TornMerge { paths, merge, what, stale }));
            }
        };
        if tree == pile.patch.tree {
            return Ok(Laid::On);
        }
        let message = format!("{}\n", self.subject());
        self.put(pile, tree, &message)?;
        pile.patch.review.extend(told);
        pile.patch.review.extend(self.version_told(store, &base, &pile.patch.tree)?);
        self.tell_more(pile, &base)?;
        Ok(Laid::On)
    }

    /// What people made of the merge, as one merge commit.
    fn take(&self, pile: &mut Pile<'_>, resolved: &CommitId, by: &str) -> Result<Laid, StepError> {
        let base = pile.patch.head.clone();
        let own = own_commits(pile.store, &base, resolved)?;
        let tree = pile.store.tree_of(resolved)?;
        self.put(pile, tree, &format!("{}\n", self.subject()))?;
        pile.patch.resolved = Some(resolved.clone());
        pile.patch.review.push(format!(
            "{by} resolved the merge of `{}`, up to {}",
            self.from,
            resolved.short()
        ));
        self.tell_more(pile, &base)?;
        Ok(if own > 1 { Laid::Whole } else { Laid::On })
    }

    fn subject(&self) -> String {
        format!("Merge branch '{}' into {}", self.from, self.into)
    }

    fn put(&self, pile: &mut Pile<'_>, tree: TreeId, message: &str) -> Result<(), StepError> {
        let parents = [pile.patch.head.clone(), self.head.clone()];
        let made =
            pile.store.commit_as(&tree, &parents, message, &pile.committer.signature, pile.committer)?;
        let commit = PatchCommit {
            commit: made.clone(),
            from: Some(self.head.clone()),
            advisory: None,
            subject: self.subject(),
        };
        pile.take(commit, made, tree);
        Ok(())
    }

    /// Tells of what the merge brings beside the fixes.
    fn tell_more(&self, pile: &mut Pile<'_>, base: &CommitId) -> Result<(), GitError> {
        let more = pile.store.commits_between(base, &self.base)?;
        if more.is_empty() {
            return Ok(());
        }
        let mut named = Vec::new();
        for commit in more.iter().rev().take(NAMED) {
            named.push(format!("{} \"{}\"", commit.short(), pile.store.commit_info(commit)?.subject()));
        }
        let others = more.len().saturating_sub(NAMED);
        let others = if others == 0 { String::new() } else { format!(" and {others} more") };
        pile.patch.review.push(format!(
            "the merge also brings {} of `{}` that `{}` lacks: {}{others}",
            counted(more.len(), "commit"),
            self.from,
            self.into,
            named.join(", ")
        ));
        Ok(())
    }

    /// The merge, as git makes it. The newer line keeps its version: it is written into what is merged; or, where the two
    /// conflict about it, into the line below before they are merged.
    fn attempt(
        &self,
        store: &Store,
        base: &CommitId,
        committer: &Committer,
    ) -> Result<MergeAttempt, StepError> {
        let HistoryMerge { came, doubts } = merge_history(store, base, &self.head)?;
        let plain = MergeAttempt { merge: self.head.clone(), came, told: self.doubtful(doubts) };
        let rewrites = |versioning: &&Versioning| versioning.method() == BumpMethod::Rewrite;
        let Some(versioning) = self.versioning.as_ref().filter(rewrites) else { return Ok(plain) };
        let below = store.tree_of(&self.head)?;
        let read = |files: &TreeFiles<'_>| versioning.read(files);
        let (Ok(own), Ok(other)) =
            (read(&TreeFiles::of(store, base)?), read(&TreeFiles::in_tree(store, below.clone())))
        else {
            return Ok(plain);
        };
        if own == other {
            return Ok(plain);
        }
        let mut told =
            vec![format!("`{}` keeps its version {own}; `{}` states {other}", self.into, self.from)];
        let with_own = |tree: &TreeId| with_version(store, tree, versioning, &own);
        let paths = match plain.came {
            MergedHistories::Clean(tree) => {
                let came = MergedHistories::Clean(with_own(&tree)?.unwrap_or(tree));
                told.extend(plain.told);
                return Ok(MergeAttempt { came, told, merge: plain.merge });
            }
            MergedHistories::Conflict(paths) => paths,
        };
        let Some(tree) = with_own(&below)? else {
            return Ok(MergeAttempt { came: MergedHistories::Conflict(paths), ..plain });
        };
        let message = format!("The version stays {own}\n");
        let parents = [self.head.clone()];
        let merge = store.commit_as(&tree, &parents, &message, &committer.signature, committer)?;
        let HistoryMerge { came, doubts } = merge_history(store, base, &merge)?;
        told.extend(self.doubtful(doubts));
        Ok(match came {
            // To write it moved what stands beside it, and settled nothing.
            MergedHistories::Conflict(others) if others.len() >= paths.len() => {
                MergeAttempt { came: MergedHistories::Conflict(paths), ..plain }
            }
            came => MergeAttempt { merge, came, told },
        })
    }

    /// Why somebody must look at the merge, a sentence each.
    fn doubtful(&self, doubts: Vec<String>) -> Vec<String> {
        doubts.into_iter().map(|doubt| format!("the merge of `{}`: {doubt}", self.from)).collect()
    }

    /// What is to be said where the merge moved the version all the same.
    fn version_told(
        &self,
        store: &Store,
        base: &CommitId,
        tree: &TreeId,
    ) -> Result<Option<String>, StepError> {
        let Some(versioning) = &self.versioning else { return Ok(None) };
        let own = versioning.read(&TreeFiles::of(store, base)?);
        let merged = versioning.read(&TreeFiles::in_tree(store, tree.clone()));
        Ok(match (own, merged) {
            (Ok(own), Ok(merged)) if own != merged => {
                Some(format!("the merge moves the version of `{}` from {own} to {merged}", self.into))
            }
            _ => None,
        })
    }
}

/// The tree with this version; `None` where it has it already, or where the rule does not fit its files: then the version is left
/// to the merge, and to people.
fn with_version(
    store: &Store,
    tree: &TreeId,
    versioning: &Versioning,
    version: &Version,
) -> Result<Option<TreeId>, StepError> {
    let files = TreeFiles::in_tree(store, tree.clone());
    match versioning.write(&files, version) {
        Ok(changes) if !changes.is_empty() => Ok(Some(with_changes(store, tree, &changes)?)),
        _ => Ok(None),
    }
}

/// A merge of the line below.
struct MergeAttempt {
    /// What is merged: the line below, perhaps with the version of the newer one.
    merge: CommitId,
    came: MergedHistories,
    /// Why somebody must look at it, and that the two lines have different versions: a sentence each.
    told: Vec<String>,
}
