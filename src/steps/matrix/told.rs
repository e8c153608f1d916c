//! How far the entries of a target are, for whoever watches its step.

use std::cell::Cell;

use crate::matrix::CiEntry;
use crate::runner::{EntryEvidence, EntryOutcome, EntryProgress, Manner, TimeLeft};
use crate::steps::context::StepContext;
use crate::wording::counted;

/// Tells how far it is.
pub(super) struct Told<'a> {
    context: &'a StepContext,
    manner: Manner,
    expected: Cell<usize>,
    ended: Cell<usize>,
    failed: Cell<usize>,
    left: Cell<TimeLeft>,
}

impl Told<'_> {
    pub(super) fn of(context: &StepContext, manner: Manner) -> Told<'_> {
        let (expected, ended, failed) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Told { context, manner, expected, ended, failed, left: Cell::default() }
    }

    fn tell(&self) {
        if self.manner == Manner::Look || self.expected.get() == 0 {
            return;
        }
        let failed = match self.failed.get() {
            0 => String::new(),
            failed => format!(", {failed} not passed"),
        };
        let left = match self.left.get().to_string() {
            left if left.is_empty() => left,
            left => format!(", {left}"),
        };
        let (ended, expected) = (self.ended.get(), counted(self.expected.get(), "CI entry"));
        self.context.progress.tell(&self.context.step.name, format!("{ended} of {expected}{failed}{left}"));
    }
}

impl EntryProgress for Told<'_> {
    fn expected(&self, total: usize) {
        self.expected.set(total);
        self.tell();
    }

    fn doing(&self, entry: &CiEntry, what: &str) {
        tracing::debug!(step = %self.context.step.name, entry = entry.name, what, "under way");
    }

    fn ended(&self, _entry: &CiEntry, evidence: &EntryEvidence) {
        self.ended.set(self.ended.get() + 1);
        self.failed.set(self.failed.get() + usize::from(evidence.outcome != EntryOutcome::Passed));
        self.tell();
    }

    fn left(&self, left: TimeLeft) {
        self.left.set(left);
        self.tell();
    }
}
