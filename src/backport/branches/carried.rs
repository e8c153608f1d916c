//! A fix carried to named branches: what came of each, and where a person is needed, whom to ask and what may help.

use serde::Serialize;

use crate::backport::merging::noise::NoiseRules;
use crate::backport::picking::mutual::{Carry, Line, Mutual};
use crate::backport::picking::outcome::{Outcome, Pick};
use crate::backport::picking::pick::Picker;
use crate::backport::picking::proposal::Proposer;
use crate::backport::picking::stack::{Merges, Stack, Stacked, StackedState};
use crate::backport::showing::touched::Touched;
use crate::git::{Committer, GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::wording::with_causes;

/// A fix that somebody wants on branches.
#[derive(Debug, Clone)]
pub struct BackportRequest {
    /// Its commits, in the order in which they are picked.
    pub fix: Vec<CommitId>,
    /// The branches, by names that git knows; one that is named twice counts once.
    pub onto: Vec<String>,
    /// Which files are ignorable.
    pub noise: NoiseRules,
    /// Who signs what is made.
    pub committer: Committer,
    /// What becomes of merges among the commits.
    pub merges: Merges,
    /// Whether the branches help one another.
    pub mutual: Mutual,
}

/// What came of all branches, with the commits that were made for them.
pub struct Backports {
    pub(super) picker: Picker,
    /// In the order in which they were named.
    pub branches: Vec<BranchAnswer>,
}

/// What came of a branch, or why it cannot be used. As JSON it is whichever it is.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum BranchAnswer {
    /// The fix was carried there, as far as it went.
    Carried(Box<CarriedBranch>),
    /// It cannot be used.
    Unusable(UnusableBranch),
}

/// A branch that cannot be used.
#[derive(Debug, Serialize)]
pub struct UnusableBranch {
    /// Its name.
    pub onto: String,
    outcome: &'static str,
    /// Why.
    pub error: String,
    /// What can be done about it.
    pub hint: Option<&'static str>,
}

/// What came of one branch.
#[derive(Debug, Serialize)]
pub struct CarriedBranch {
    /// Its name.
    pub onto: String,
    /// Its head.
    pub base: CommitId,
    /// The outcome of its hardest commit.
    pub outcome: String,
    /// The last commit that was made; `None` where a person is needed.
    pub head: Option<CommitId>,
    /// The tree of that commit.
    pub tree: Option<TreeId>,
    /// Whether a person must resolve something.
    pub needs_hand: bool,
    /// Whether a person must read what went in.
    pub needs_review: bool,
    /// The branch that holds the commits.
    pub written: Option<String>,
    /// Who last touched the conflicting places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Touched>,
    /// The conflicting files for which `mergiraf` proposes a merge. It is no part of the outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<String>,
    /// Every commit of the fix.
    pub commits: Vec<CarriedCommit>,
}

/// What became of one commit of the fix.
#[derive(Debug, Serialize)]
pub struct CarriedCommit {
    /// The commit.
    pub fix: CommitId,
    /// How far it got, in words.
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<CommitId>,
    /// How the pick went, if it was picked.
    #[serde(flatten)]
    pub pick: Option<Pick>,
}

impl Backports {
    /// Carries the fix to every branch. A branch that cannot be used does not hold up the others. Nothing is written into
    /// the repository: what was made is in the picker's draft. `began` hears of each branch, from several threads.
    ///
    /// # Errors
    /// When the fix cannot be picked at all, or the repository cannot be read.
    pub fn carry(
        store: &Store,
        request: &BackportRequest,
        began: &(dyn Fn(&Line) + Sync),
    ) -> Result<Backports, GitError> {
        let mut picker = Picker::new(store)?.with_noise(request.noise.clone());
        let named = named_lines(store, &request.onto)?;
        let lines: Vec<Line> = named.iter().flatten().cloned().collect();
        let carry = Carry {
            fix: &request.fix,
            committer: &request.committer,
            merges: request.merges,
            mutual: request.mutual,
            began,
        };
        let mut stacks = picker.carry(&carry, &lines)?.into_iter();
        let mut branches = Vec::new();
        for line in named {
            branches.push(match line {
                Err(unusable) => BranchAnswer::Unusable(unusable),
                Ok(line) => {
                    let Some(stack) = stacks.next() else { break };
                    BranchAnswer::of(&line, stack, &mut picker)?
                }
            });
        }
        Ok(Backports { picker, branches })
    }
}

fn named_lines(store: &Store, names: &[String]) -> Result<Vec<Result<Line, UnusableBranch>>, GitError> {
    let mut once: Vec<&String> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    let line = |name: &String| {
        let found = store.resolve_branch(name).map(|head| Line { name: name.clone(), head });
        on_branch(name, found)
    };
    once.into_iter().map(line).collect()
}

/// Sets apart an error that concerns one branch. A fix that cannot be picked concerns them all.
fn on_branch<T>(name: &str, result: Result<T, GitError>) -> Result<Result<T, UnusableBranch>, GitError> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(
            error @ (GitError::UnknownRevision { .. }
            | GitError::LooksLikeOption(_)
            | GitError::Replaced { .. }
            | GitError::Missing { .. }
            | GitError::Libgit2 { .. }),
        ) => Ok(Err(UnusableBranch {
            onto: name.to_owned(),
            outcome: "error",
            error: with_causes(&error),
            hint: error.hint(),
        })),
        Err(error) => Err(error),
    }
}

impl BranchAnswer {
    fn of(
        line: &Line,
        stack: Result<Stack, GitError>,
        picker: &mut Picker,
    ) -> Result<BranchAnswer, GitError> {
        let carried = stack.and_then(|stack| CarriedBranch::of(&line.name, &stack, picker));
        Ok(match on_branch(&line.name, carried)? {
            Ok(carried) => BranchAnswer::Carried(Box::new(carried)),
            Err(unusable) => BranchAnswer::Unusable(unusable),
        })
    }
}

impl CarriedBranch {
    fn of(onto: &str, stack: &Stack, picker: &mut Picker) -> Result<CarriedBranch, GitError> {
        let commits: Vec<CarriedCommit> = stack.commits.iter().map(CarriedCommit::of).collect();
        let (mut touched, mut proposals) = (Vec::new(), Vec::new());
        if let Some((open, pick)) = stack.open() {
            touched = picker.touched(pick, &open.fix, &stack.head)?;
            let proposed = |proposer: Proposer| proposer.proposes_for(picker.draft(), pick);
            proposals = Proposer::on_path().map(proposed).unwrap_or_default();
        }
        Ok(CarriedBranch {
            onto: onto.to_owned(),
            base: stack.base.clone(),
            outcome: hardest(&commits).to_owned(),
            head: stack.is_complete().then(|| stack.head.clone()),
            tree: stack.is_complete().then(|| stack.tree.clone()),
            needs_hand: !stack.is_complete(),
            needs_review: stack.needs_review().next().is_some(),
            written: None,
            touched,
            proposals,
            commits,
        })
    }
}

impl CarriedCommit {
    fn of(stacked: &Stacked) -> CarriedCommit {
        let (state, commit, pick) = match &stacked.state {
            StackedState::Picked { commit, pick } => ("picked", Some(commit.clone()), Some(pick)),
            StackedState::NothingToDo { pick } => ("nothing to do", None, Some(pick)),
            StackedState::SkippedMerge => ("left out: a merge", None, None),
            StackedState::Open { pick } => ("needs a hand", None, Some(pick)),
            StackedState::Waiting => ("waits", None, None),
        };
        CarriedCommit { fix: stacked.fix.clone(), state, commit, pick: pick.map(|pick| (**pick).clone()) }
    }
}

/// A branch is as hard as its hardest commit.
fn hardest(commits: &[CarriedCommit]) -> &'static str {
    let weight = |outcome: &Outcome| match outcome {
        Outcome::AlreadyFixed { .. } => 0,
        Outcome::Clean { .. } => 1,
        Outcome::CleanUnconfirmed { .. } => 2,
        Outcome::ConflictInNoise => 3,
        Outcome::NotApplicable => 4,
        Outcome::Structural => 5,
        Outcome::Conflict => 6,
    };
    let outcomes = commits.iter().filter_map(|commit| commit.pick.as_ref()).map(|pick| &pick.outcome);
    outcomes.max_by_key(|outcome| weight(outcome)).map_or("nothing", Outcome::name)
}
