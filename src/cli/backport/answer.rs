//! What `lockgate backport` says of one branch.

use serde::Serialize;

use crate::backport::{Outcome, Pick, Picker, Proposer, Stack, Stacked, StackedState, Touched};
use crate::cli::exit::Exit;
use crate::git::GitError;
use crate::ids::{CommitId, TreeId};
use crate::wording::with_causes;

/// What came of a branch, or why it cannot be used.
pub(super) type Answered = Result<Answer, Unanswered>;

pub(super) fn shown(answer: &Answered) -> Result<serde_json::Value, serde_json::Error> {
    match answer {
        Ok(answer) => serde_json::to_value(answer),
        Err(unanswered) => serde_json::to_value(unanswered),
    }
}

/// What cannot be used must be mended before conflicts are worth a person's time.
pub(super) fn exit_of(answers: &[Answered]) -> Exit {
    if answers.iter().any(Result::is_err) {
        Exit::BadInput
    } else if answers.iter().flatten().any(|answer| answer.needs_hand) {
        Exit::Decision
    } else {
        Exit::Done
    }
}

/// A branch that cannot be used.
#[derive(Debug, Serialize)]
pub(super) struct Unanswered {
    onto: String,
    outcome: &'static str,
    error: String,
    hint: Option<&'static str>,
}

impl Unanswered {
    pub(super) fn of(onto: &str, error: &GitError) -> Unanswered {
        Unanswered { onto: onto.to_owned(), outcome: "error", error: with_causes(error), hint: error.hint() }
    }

    pub(super) fn text(&self) -> String {
        let hint = self.hint.map(|hint| format!("    hint: {hint}\n")).unwrap_or_default();
        format!("{}: error: {}\n{hint}", self.onto, self.error)
    }
}

/// What came of one branch.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) onto: String,
    pub(super) base: CommitId,
    outcome: String,
    pub(super) head: Option<CommitId>,
    tree: Option<TreeId>,
    needs_hand: bool,
    needs_review: bool,
    pub(super) written: Option<String>,
    /// Who last touched the conflicting places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<Touched>,
    /// The conflicting files for which `mergiraf` proposes a merge. It is no part of the outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proposals: Vec<String>,
    commits: Vec<Picked>,
}

#[derive(Debug, Serialize)]
struct Picked {
    fix: CommitId,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<CommitId>,
    #[serde(flatten)]
    pick: Option<Pick>,
}

impl Answer {
    /// What came of a branch. Where it needs a hand, whom to ask and what may help are looked up in the picker's draft.
    pub(super) fn of(onto: &str, stacked: &Stack, picker: &mut Picker) -> Result<Answer, GitError> {
        let commits: Vec<Picked> = stacked.commits.iter().map(Picked::of).collect();
        let (mut touched, mut proposals) = (Vec::new(), Vec::new());
        if let Some((open, pick)) = stacked.open() {
            touched = picker.touched(pick, &open.fix, &stacked.head)?;
            let proposed = |proposer: Proposer| proposer.proposes_for(picker.draft(), pick);
            proposals = Proposer::on_path().map(proposed).unwrap_or_default();
        }
        Ok(Answer {
            onto: onto.to_owned(),
            base: stacked.base.clone(),
            outcome: worst(&commits).to_owned(),
            head: stacked.is_complete().then(|| stacked.head.clone()),
            tree: stacked.is_complete().then(|| stacked.tree.clone()),
            needs_hand: !stacked.is_complete(),
            needs_review: stacked.needs_review().next().is_some(),
            written: None,
            touched,
            proposals,
            commits,
        })
    }

    pub(super) fn text(&self) -> String {
        let review = if self.needs_review { ", NEEDS REVIEW" } else { "" };
        let tree = self.tree.as_ref().map(|tree| format!(", tree {}", tree.short())).unwrap_or_default();
        let mut text = format!("{}: {}{review}{tree}\n", self.onto, self.outcome);
        for picked in &self.commits {
            let outcome = picked.pick.as_ref().map_or(String::new(), |pick| match &pick.outcome {
                Outcome::AlreadyFixed { evidence } => evidence.to_string(),
                outcome => outcome.name().to_owned(),
            });
            text += &format!("    {} {}: {outcome}\n", picked.fix.short(), picked.state);
            for reason in picked.pick.iter().flat_map(Pick::review_reasons) {
                text += &format!("        {reason}\n");
            }
            for conflict in picked.pick.iter().flat_map(|pick| &pick.conflicts) {
                text += &format!("        {}: {}\n", conflict.path, conflict.kind);
            }
        }
        if !self.proposals.is_empty() {
            text += &format!(
                "    mergiraf proposes a merge, for a person to check, of {}\n",
                self.proposals.join(", ")
            );
        }
        for place in &self.touched {
            text += &format!("    {} line {}:\n", place.path, place.line);
            for toucher in &place.on_branch {
                text += &format!("        on the branch last touched by {toucher}\n");
            }
            for toucher in &place.before_fix {
                text += &format!("        the fix builds on {toucher}, which the branch lacks\n");
            }
        }
        if let Some(branch) = &self.written {
            text += &format!("    written as {branch}\n");
        }
        text
    }
}

impl Picked {
    fn of(stacked: &Stacked) -> Picked {
        let (state, commit, pick) = match &stacked.state {
            StackedState::Picked { commit, pick } => ("picked", Some(commit.clone()), Some(pick)),
            StackedState::NothingToDo { pick } => ("nothing to do", None, Some(pick)),
            StackedState::SkippedMerge => ("left out: a merge", None, None),
            StackedState::Open { pick } => ("needs a hand", None, Some(pick)),
            StackedState::Waiting => ("waits", None, None),
        };
        Picked { fix: stacked.fix.clone(), state, commit, pick: pick.map(|pick| (**pick).clone()) }
    }
}

/// The outcome of a branch is that of its hardest commit.
fn worst(commits: &[Picked]) -> &'static str {
    let weight = |outcome: &Outcome| match outcome {
        Outcome::AlreadyFixed { .. } => 0,
        Outcome::Clean { .. } => 1,
        Outcome::CleanUnconfirmed { .. } => 2,
        Outcome::ConflictInNoise => 3,
        Outcome::NotApplicable => 4,
        Outcome::Structural => 5,
        Outcome::Conflict => 6,
    };
    let outcomes = commits.iter().filter_map(|picked| picked.pick.as_ref()).map(|pick| &pick.outcome);
    outcomes.max_by_key(|outcome| weight(outcome)).map_or("nothing", Outcome::name)
}
