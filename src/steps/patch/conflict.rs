//! The conflict at which a backport stopped, in the words of a question.

use std::collections::BTreeSet;

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

/// How many commits are named; whoever has more looks into the histories.
const NAMED: usize = 5;

/// Whom to ask about the conflicting lines, and what the fix builds on that the branch lacks; each commit once.
fn touched(places: &[Touched]) -> String {
    let mut text = String::new();
    let (here, more) =
        first(places.iter().flat_map(|place| {
            place.on_branch.iter().map(move |toucher| (&toucher.commit, (place, toucher)))
        }));
    for (place, toucher) in here {
        text += &format!(" {} line {} was last touched here by {toucher}.", place.path, place.line);
    }
    if more > 0 {
        text += &format!(" {} touched more of these lines.", counted(more, "other commit"));
    }
    let before = places.iter().flat_map(|place| &place.before_fix);
    let (before, more) = first(before.map(|toucher| (&toucher.commit, toucher.to_string())));
    if !before.is_empty() {
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        text += &format!(" The fix builds on {}{more}, which the branch lacks.", before.join(", "));
    }
    text
}

/// The first of these, each commit once, and how many more there are.
fn first<'a, T>(all: impl Iterator<Item = (&'a CommitId, T)>) -> (Vec<T>, usize) {
    let (mut seen, mut named) = (BTreeSet::new(), Vec::new());
    for (commit, what) in all {
        if seen.insert(commit) && named.len() < NAMED {
            named.push(what);
        }
    }
    let more = seen.len() - named.len();
    (named, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backport::Toucher;

    fn toucher(number: usize) -> Toucher {
        let commit = format!("{number:040}").parse().unwrap();
        Toucher { commit, author: "Ada".to_owned(), subject: format!("change {number}") }
    }

    fn place(line: usize, on_branch: Vec<Toucher>, before_fix: Vec<Toucher>) -> Touched {
        Touched { path: "a.c".to_owned(), line, on_branch, before_fix }
    }

    #[test]
    fn each_commit_is_named_once_and_at_most_five_are() {
        let twice =
            [place(5, vec![toucher(1)], vec![toucher(2)]), place(9, vec![toucher(1)], vec![toucher(2)])];
        let zeros = "0".repeat(10);
        assert_eq!(
            touched(&twice),
            format!(
                " a.c line 5 was last touched here by {zeros} \"change 1\" by Ada. The fix builds on {zeros} \"change 2\" by \
                 Ada, which the branch lacks."
            )
        );
        let many = touched(&[place(5, Vec::new(), (1..20).map(toucher).collect())]);
        assert_eq!(many.matches("by Ada").count(), 5, "{many}");
        assert!(many.ends_with("\"change 5\" by Ada and 14 more, which the branch lacks."), "{many}");
    }
}
