//! What the table says of one kind, asked in other ways than by column.

use std::fmt;

use super::columns::{AllowedDecision, DecisionKind};
use super::table::StepKind;

impl StepKind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<StepKind> {
        StepKind::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The kind of the step of this name, which begins with it.
    #[must_use]
    pub fn of_step(step: &str) -> Option<StepKind> {
        StepKind::named(step.split('/').next()?)
    }

    /// Whether and when people can take this decision about it, and what follows; `None` if it has no effect here.
    #[must_use]
    pub fn decision(self, decision: DecisionKind) -> Option<AllowedDecision> {
        self.decisions().iter().copied().find(|allowed| allowed.decision == decision)
    }

    /// Whether it can be waived: when, and what that means.
    #[must_use]
    pub fn waivable(self) -> Option<AllowedDecision> {
        self.decision(DecisionKind::Waive)
    }
}

/// How often each kind is among these, in the order in which they come first.
pub fn counted_kinds(kinds: impl IntoIterator<Item = StepKind>) -> Vec<(StepKind, usize)> {
    let mut counts: Vec<(StepKind, usize)> = Vec::new();
    for kind in kinds {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    counts
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::columns::When;
    use crate::kinds::{Applies, Scope, WhenLeftOut};

    #[test]
    fn names_are_unique_and_are_what_files_say() {
        for kind in StepKind::ALL {
            let named: Vec<_> =
                StepKind::ALL.iter().filter(|other| other.as_str() == kind.as_str()).collect();
            assert_eq!(named, [kind]);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn gates_can_only_be_approved_and_nothing_else_can_be() {
        for kind in StepKind::ALL {
            let approved = kind.decision(DecisionKind::Approve).is_some();
            assert_eq!(approved, *kind == StepKind::Gate, "{kind}");
        }
        assert_eq!(StepKind::Gate.decisions().len(), 1);
    }

    #[test]
    fn only_waits_and_tidying_can_be_waived_before_they_ask_and_only_mails_be_confirmed() {
        let decided = |decision: DecisionKind, when: When| {
            let kinds = StepKind::ALL
                .iter()
                .filter(move |kind| kind.decision(decision).is_some_and(|allowed| allowed.when == when));
            kinds.map(|kind| kind.as_str()).collect::<Vec<&str>>()
        };
        assert_eq!(decided(DecisionKind::Confirm, When::Held), ["advance-mail", "release-mail"]);
        let waits = ["await-cve", "await-registry", "delete-branches", "late-cve"];
        assert_eq!(decided(DecisionKind::Waive, When::Held), waits);
        // Nobody can waive what a rule of GitHub insists on.
        let checks = ["await-checks", "await-bump-checks", "await-development-checks"];
        assert_eq!(decided(DecisionKind::Waive, When::Shown), checks);
    }

    #[test]
    fn columns_of_a_kind_fit_its_scope() {
        for kind in StepKind::ALL {
            let of_a_branch = matches!(kind.scope(), Scope::Target | Scope::Line | Scope::Patch);
            let skipped = kind.when_left_out() == WhenLeftOut::Skipped;
            assert!(of_a_branch || !skipped, "{kind} is skipped for a branch that it does not have");
            let fits = match kind.applies() {
                Applies::Always => true,
                Applies::IfPatched | Applies::IfTidied => kind.scope() == Scope::Target,
                Applies::UnlessTagAlone => kind.scope() == Scope::Repository,
                Applies::IfForked => kind.scope() == Scope::Advisory,
                Applies::IfRegistered
                | Applies::IfBumped
                | Applies::IfBumpPulled
                | Applies::IfMergedBack
                | Applies::IfDeveloped
                | Applies::IfGitHubReleased => kind.scope() == Scope::Line,
            };
            assert!(fits, "{kind} applies {:?}, which its scope knows nothing of", kind.applies());
        }
    }
}
