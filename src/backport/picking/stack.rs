//! A stack: the commits of several advisories, picked in order onto one branch.
//!
//! Each pick becomes a commit in the picker's draft. The first one that needs a person stops the stack, which then
//! says what is done, what is open and what waits.

use super::chain::Help;
use super::outcome::{Outcome, Pick};
use super::pick::Picker;
use super::request::{Against, Onto, PickRequest};
use crate::git::{Committer, GitError};
use crate::ids::{CommitId, TreeId};

/// One advisory's commits, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// What the caller calls it: an advisory id.
    pub key: String,
    /// Its commits, oldest first.
    pub commits: Vec<CommitId>,
}

/// What to do with a merge commit in a series: the "update branch" button leaves them in pull requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merges {
    /// Stop: a merge may hold a resolution that belongs to the fix.
    #[default]
    Fail,
    /// Leave merges out and pick the rest.
    Skip,
    /// Pick each against its first parent.
    FirstParent,
}

/// What became of one commit of a stack.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stacked {
    /// The advisory it belongs to.
    pub key: String,
    /// The commit of the fix.
    pub fix: CommitId,
    /// How far it got.
    pub state: StackedState,
}

/// How far one commit of a stack got.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StackedState {
    /// It became a commit.
    Picked {
        /// The new commit, in the picker's draft until it is kept.
        commit: CommitId,
        /// How the pick went.
        pick: Box<Pick>,
    },
    /// Nothing to do: the branch has it, or an earlier commit of the stack brought it.
    NothingToDo {
        /// How that is known.
        pick: Box<Pick>,
    },
    /// A merge that was left out, as the policy says.
    SkippedMerge,
    /// It needs a person.
    Open {
        /// How the pick went.
        pick: Box<Pick>,
    },
    /// It waits for the open one.
    Waiting,
}

/// One branch with its stack.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stack {
    /// The head that the stack stands on.
    pub base: CommitId,
    /// The last commit made; the base if there was none.
    pub head: CommitId,
    /// The tree of the head.
    pub tree: TreeId,
    /// Every commit asked for, in order.
    pub commits: Vec<Stacked>,
}

impl Stack {
    /// The commit that needs a person, if one does.
    #[must_use]
    pub fn open(&self) -> Option<(&Stacked, &Pick)> {
        self.commits.iter().find_map(|stacked| match &stacked.state {
            StackedState::Open { pick } => Some((stacked, &**pick)),
            _ => None,
        })
    }

    /// Whether every commit is in, or had nothing to do.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.open().is_none()
    }

    /// The commits that were made, oldest first.
    #[must_use]
    pub fn made(&self) -> Vec<CommitId> {
        let made = self.commits.iter().filter_map(|stacked| match &stacked.state {
            StackedState::Picked { commit, .. } => Some(commit.clone()),
            _ => None,
        });
        made.collect()
    }

    /// The commits that went in but must be read by a person: clean picks that nothing confirmed.
    pub fn needs_review(&self) -> impl Iterator<Item = &Stacked> {
        self.commits.iter().filter(|stacked| {
            matches!(&stacked.state, StackedState::Picked { pick, .. }
                if !matches!(pick.outcome, Outcome::Clean { .. }))
        })
    }

    /// How many are done, open and waiting.
    #[must_use]
    pub fn progress(&self) -> StackProgress {
        let mut progress = StackProgress::default();
        for stacked in &self.commits {
            match stacked.state {
                StackedState::Open { .. } => progress.open += 1,
                StackedState::Waiting => progress.waiting += 1,
                _ => progress.done += 1,
            }
        }
        progress
    }
}

/// How far a stack got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct StackProgress {
    /// Picked, or nothing to do.
    pub done: usize,
    /// Needs a person: none or one.
    pub open: usize,
    /// Waits for the open one.
    pub waiting: usize,
}

/// Picks every item's commits in order onto `base`, with newer lines and earlier resolutions to help where a fix
/// conflicts. The commits live in [`Picker::draft`] until [`Store::keep`](crate::git::Store::keep) copies them out.
///
/// # Errors
/// [`GitError::MainlineNeeded`] if there is a merge and the policy is [`Merges::Fail`]; [`GitError::Missing`] if a
/// commit is not here. A conflict is a result.
pub fn stack_with_help(
    picker: &mut Picker,
    base: &CommitId,
    items: &[Item],
    committer: &Committer,
    merges: Merges,
    help: &Help<'_>,
) -> Result<Stack, GitError> {
    let mut stack = Stack {
        base: base.clone(),
        head: base.clone(),
        tree: picker.draft().tree_of(base)?,
        commits: Vec::new(),
    };
    for (item, fix) in items.iter().flat_map(|item| item.commits.iter().map(move |fix| (item, fix))) {
        let state = if stack.is_complete() {
            place(picker, &mut stack, fix, committer, (merges, help))?
        } else {
            StackedState::Waiting
        };
        stack.commits.push(Stacked { key: item.key.clone(), fix: fix.clone(), state });
    }
    Ok(stack)
}

fn place(
    picker: &mut Picker,
    stack: &mut Stack,
    fix: &CommitId,
    committer: &Committer,
    (merges, help): (Merges, &Help<'_>),
) -> Result<StackedState, GitError> {
    let is_merge = picker.draft().commit_info(fix)?.is_merge();
    let against = match (is_merge, merges) {
        (true, Merges::Skip) => return Ok(StackedState::SkippedMerge),
        (true, Merges::FirstParent) => Against::Mainline(1),
        _ => Against::Parent,
    };
    let request = PickRequest { fix: fix.clone(), against, onto: Onto::Commit(stack.head.clone()) };
    let pick = Box::new(picker.pick_with_help(&request, help)?);
    match (&pick.outcome, &pick.tree) {
        (Outcome::AlreadyFixed { .. }, _) => Ok(StackedState::NothingToDo { pick }),
        (Outcome::Clean { .. } | Outcome::CleanUnconfirmed { .. }, Some(tree)) => {
            let commit = picker.draft().commit_pick(fix, tree, &stack.head, committer)?;
            stack.tree = tree.clone();
            stack.head = commit.clone();
            Ok(StackedState::Picked { commit, pick })
        }
        _ => Ok(StackedState::Open { pick }),
    }
}
