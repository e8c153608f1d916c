//! What a release will ask of GitHub's interface: about how often, and how much of that when the hour has come.

use std::collections::BTreeSet;

use super::graph::Plan;
use super::step::Step;
use crate::ids::StepName;
use crate::kinds::{Requests, StepKind};
use crate::workflow::RELEASE_DAY;

/// The requests of a release that meets no trouble: nothing is tried again, checks and releases take as long as two looks
/// last. Looking at the repositories when the plan is made is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outlook {
    /// Those before the release-day gate.
    pub before: Requests,
    /// Those after it.
    pub after: Requests,
}

impl Plan {
    /// About how many requests the release will send.
    #[must_use]
    pub fn requests(&self) -> Outlook {
        let mut outlook = Outlook::default();
        // In the order of the plan, whatever a step follows stands before it.
        let mut after: BTreeSet<&StepName> =
            self.gate(RELEASE_DAY).map(|gate| &gate.name).into_iter().collect();
        for step in self.steps() {
            let is_after = self.after(&step.name).any(|earlier| after.contains(&earlier.name));
            if is_after {
                after.insert(&step.name);
            }
            let part = if is_after { &mut outlook.after } else { &mut outlook.before };
            let Requests { asks, changes } = self.requests_of(step);
            part.asks += asks;
            part.changes += changes;
        }
        outlook
    }

    /// What a kind of step usually asks, where it does not depend on what the release has of something.
    fn requests_of(&self, step: &Step) -> Requests {
        let usual = step.kind.requests();
        let changes = match step.kind {
            StepKind::ClosePrivatePulls => {
                let opened = self.of_kind(StepKind::OpenPrivatePull);
                opened.filter(|opened| opened.subject.advisory == step.subject.advisory).count()
            }
            StepKind::TriggerRelease if !self.is_dispatched(step) => 0,
            _ => usual.changes,
        };
        Requests { changes, ..usual }
    }

    fn is_dispatched(&self, step: &Step) -> bool {
        let repo = step.subject.repo.as_ref().and_then(|repo| self.inputs.catalog.repo(repo));
        let rule = repo.and_then(|repo| self.inputs.release_rule(repo));
        rule.is_some_and(|rule| rule.dispatched().is_some())
    }
}
