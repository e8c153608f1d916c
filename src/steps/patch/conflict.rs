//! The conflict at which a backport stopped, in the words of a question.

use super::resolution;
use crate::backport::{Outcome, Pick, Stack, StackProgress, Touched};
use crate::ids::{CommitId, GhsaId};
use crate::next_action::{Advice, NextAction, ResolveFrom};
use crate::steps::context::{ConflictStart, Question, QuestionKind, StepContext};
use crate::wording::counted;

/// A conflict that people must settle.
pub(in crate::steps) struct CarryConflict {
    fix: CommitId,
    what: &'static str,
    paths: Vec<String>,
    progress: StackProgress,
    touched: Vec<Touched>,
    /// The files for which there is a proposal.
    proposals: Vec<String>,
    /// Where people begin.
    begin: ConflictStart,
    /// The earlier fixes that it was picked on top of.
    on: Vec<GhsaId>,
}

impl CarryConflict {
    /// The one at which a stack stopped.
    pub(in crate::steps) fn of(
        stacked: &Stack,
        (fix, pick): (&CommitId, &Pick),
        touched: Vec<Touched>,
        proposals: Vec<String>,
        begin: ConflictStart,
    ) -> CarryConflict {
        CarryConflict {
            fix: fix.clone(),
            what: match pick.outcome {
                Outcome::ConflictInNoise => {
                    "conflicts only in files that decide nothing (tests, lock files, notes, what the catalog names)"
                }
                Outcome::Structural => "meets files that were moved, renamed or deleted",
                Outcome::NotApplicable => "finds none of the files that it changes",
                _ => "conflicts",
            },
            paths: pick.conflicting_paths(),
            progress: stacked.progress(),
            touched,
            proposals,
            begin,
            on: Vec::new(),
        }
    }

    /// The same conflict, found on top of these fixes.
    pub(in crate::steps) fn on_top_of(self, on: Vec<GhsaId>) -> CarryConflict {
        CarryConflict { on, ..self }
    }

    /// What people are asked.
    pub(in crate::steps) fn question(&self, context: &StepContext) -> Question {
        let StackProgress { done, open, waiting } = self.progress;
        Question {
            kind: QuestionKind::Conflict { paths: self.paths.clone(), begin: Some(self.begin.clone()) },
            text: format!(
                "commit {} of {} {} on {}{}: {} ({} of the fix done, {open} open, {waiting} waiting).{}{} \
                 Every other target continues; nothing was pushed for this one.",
                self.fix.short(),
                context.subject().advisory.as_ref().map_or("the fix", GhsaId::as_str),
                self.what,
                context.target_subject(),
                self.below(),
                self.paths.join(", "),
                counted(done, "commit"),
                touched(&self.touched),
                self.proposed()
            ),
            next: self.next(context),
        }
    }
}

impl CarryConflict {
    fn below(&self) -> String {
        let on: Vec<&str> = self.on.iter().map(GhsaId::as_str).collect();
        if on.is_empty() { String::new() } else { format!(", on top of {}", on.join(" and ")) }
    }

    fn proposed(&self) -> String {
        match self.proposals.as_slice() {
            [] => String::new(),
            paths => format!(" mergiraf proposes a merge of {}, for a person to check.", paths.join(", ")),
        }
    }

    fn next(&self, context: &StepContext) -> Vec<Advice> {
        let mut next = by_hand(context);
        if !self.proposals.is_empty() {
            next.insert(1, resolve(context, ResolveFrom::Proposal).into());
        }
        next
    }
}

/// The ways in which people settle a conflict.
pub(in crate::steps) fn by_hand(context: &StepContext) -> Vec<Advice> {
    by_hand_on(context, &resolution::branch_name(context))
}

/// The ways in which people settle a conflict, one of which is this branch of the private side.
pub(in crate::steps) fn by_hand_on(context: &StepContext, branch: &str) -> Vec<Advice> {
    vec![
        resolve(context, ResolveFrom::Markers).into(),
        Advice::then(
            format!("push the resolved branch as `{branch}` to the private side, then"),
            NextAction::Resume,
        ),
    ]
}

fn resolve(context: &StepContext, from: ResolveFrom) -> NextAction {
    NextAction::Resolve { step: context.step.name.clone(), from }
}

/// Whom to ask about the conflicting lines, and what the fix builds on that the branch lacks.
fn touched(places: &[Touched]) -> String {
    let mut text = String::new();
    for place in places {
        for toucher in &place.on_branch {
            text += &format!(" {} line {} was last touched here by {toucher}.", place.path, place.line);
        }
        for toucher in &place.before_fix {
            text += &format!(" The fix builds on {toucher}, which the branch lacks.");
        }
    }
    text
}
