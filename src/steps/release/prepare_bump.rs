//! `prepare-bump`: make the version bump and lay it on the stacked fixes, in memory. What can fail about it, fails here and
//! not on release day; the gate shows what it changes and where the old version stays.

use super::bump;
use super::bump::Bump;
use super::tree_files::TreeFiles;
use crate::backport::{Against, Onto, PickRequest, Picker};
use crate::git::Store;
use crate::ids::{CommitId, TreeId};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::plan::LineRelease;
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{in_store, made_ref};
use crate::steps::output::{Output, PreparedBump};
use crate::steps::patch::push_rules::{PushedCommits, refused_by_rulesets};
use crate::steps::publish::answer::{waive, waived};
use crate::steps::publish::public::release;
use crate::version::{announcing, remaining};

pub(in crate::steps) async fn observe(_: &StepContext) -> Result<Observed, StepError> {
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let base = context.facts.base(target).clone();
    let stated = bump::version_at(context, &base).await?;
    if let Some(why) = bump::needless(context, &base, stated.as_ref()).await? {
        return Ok(Applied::Done(Output::Skipped(why)));
    }
    let stack = context.facts.patch(StepKind::Stack, context.subject()).ok();
    if let Some(stack) = stack
        && let Some(why) = brought(context, &stack.head).await?
    {
        return Ok(Applied::Done(Output::Skipped(why)));
    }
    // A release beside its line has its bump on its fixes; any other is merged by a pull request of its own.
    let base = stack.filter(|_| target.is_merged_back()).map_or(base, |stack| stack.head.clone());
    let bump = bump::make(context, &base).await?;
    let trial = Trial {
        title: bump::title(context)?,
        bump,
        from: distinct_numbers(release(context)?),
        stack: stack.map(|stack| stack.head.clone()).filter(|head| *head != base),
        base,
        kept: made_ref(context),
    };
    let (bump, conflicts) = in_store(context, &target.repo, move |store| trial.take(store)).await?;
    if let Some(question) = refused_by_rulesets(context, pushed(context, &bump)?).await? {
        return Ok(Applied::Ask(question));
    }
    if conflicts.is_empty() || waived(context).is_some() {
        return Ok(Applied::Done(Output::Bump(bump)));
    }
    Ok(Applied::Ask(question(context, conflicts)))
}

/// Why a line needs no bump of its own whose fixes state the version that is released: people made their backport and the bump
/// of its release in one.
async fn brought(context: &StepContext, stack: &CommitId) -> Result<Option<String>, StepError> {
    // Files that are out of step after the fixes are found where the bump is laid on them.
    let Ok(stated) = bump::version_at(context, stack).await else { return Ok(None) };
    let needless = bump::needless(context, stack, stated.as_ref()).await?;
    Ok(needless.map(|_| format!("the fixes of {} bring its version", context.target_subject())))
}

/// The bump as it is pushed to the public repository.
fn pushed(context: &StepContext, bump: &PreparedBump) -> Result<PushedCommits, StepError> {
    let into = context.target()?.branch.clone();
    let branch = context.repo()?.bump_branch_of(&into, &release(context)?.to);
    Ok(PushedCommits { what: "the bump", branch, into, base: bump.base.clone(), head: bump.commit.clone() })
}

fn question(context: &StepContext, paths: Vec<String>) -> Question {
    Question {
        text: format!(
            "the version bump of {} will conflict with the fixes in {}; nothing is public yet",
            context.target_subject(),
            paths.join(", ")
        ),
        kind: QuestionKind::Conflict { paths, begin: None },
        next: vec![
            Advice::then("to resolve the conflict on the bump's branch on release day", waive(context)),
            Advice::then(
                "to have it changed in other files, name them in the catalog, then",
                NextAction::Amend { digest: None },
            ),
        ],
    }
}

/// A bump, and what it is tried on.
struct Trial {
    title: String,
    bump: Bump,
    base: CommitId,
    /// The versions before, of the line and of packages with numbers of their own.
    from: Vec<Version>,
    stack: Option<CommitId>,
    kept: String,
}

impl Trial {
    /// The bump, and the files in which it conflicts with the stack.
    fn take(self, store: &Store) -> Result<(PreparedBump, Vec<String>), StepError> {
        let commit = self.bump.commit;
        let tree = store.tree_of(&commit)?;
        let files = store.changed_paths(&store.tree_of(&self.base)?, &tree)?;
        let conflicts = match self.stack {
            Some(stack) => conflicts(store, &commit, stack)?,
            None => Vec::new(),
        };
        store.set_own_ref(&self.kept, &commit, "prepare-bump")?;
        let review = if files.is_empty() { Vec::new() } else { stays(store, tree, &self.from) };
        Ok((PreparedBump { base: self.base, commit, title: self.title, files, review }, conflicts))
    }
}

/// The places that still state a version before, a sentence each.
pub(in crate::steps) fn stays(store: &Store, tree: TreeId, from: &[Version]) -> Vec<String> {
    let files = TreeFiles::in_tree(store, tree);
    let of = |from: &Version| {
        let places = remaining(&files, from).into_iter();
        places.map(|place| format!("{place} still states {from}")).collect::<Vec<_>>()
    };
    from.iter().flat_map(of).collect()
}

/// Where a tree says that the version is still to come, which is released from it.
pub(in crate::steps) fn announces(store: &Store, tree: TreeId, version: &Version) -> Vec<String> {
    let places = announcing(&TreeFiles::in_tree(store, tree), version).into_iter();
    places.map(|place| format!("{place} says that {version} is still to come")).collect()
}

/// The numbers that a release raises, each once.
fn distinct_numbers(release: &LineRelease) -> Vec<Version> {
    let mut numbers = vec![release.from.clone()];
    for package in release.other_numbers().filter(|package| package.from != package.to) {
        if !numbers.contains(&package.from) {
            numbers.push(package.from.clone());
        }
    }
    numbers
}

/// The files in which a bump conflicts with the stacked fixes of its line.
fn conflicts(store: &Store, bump: &CommitId, stack: CommitId) -> Result<Vec<String>, StepError> {
    let request = PickRequest { fix: bump.clone(), against: Against::Parent, onto: Onto::Commit(stack) };
    let pick = Picker::new(store)?.pick(&request)?;
    Ok(if pick.tree.is_none() { pick.conflicting_paths() } else { Vec::new() })
}
