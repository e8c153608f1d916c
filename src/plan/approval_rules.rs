//! How many of whom must approve a gate: as the workflow wants it, and as the groups of the catalog do.

use crate::ids::Login;
use crate::wording::counted;

use super::inputs::Inputs;

/// How many of whom must approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRule {
    /// The group of the catalog; none, where it is the workflow that wants approvals.
    pub group: Option<String>,
    /// Who counts.
    pub members: Vec<Login>,
    /// How many of them must approve.
    pub needed: usize,
}

impl ApprovalRule {
    /// The rule in words.
    #[must_use]
    pub fn words(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(Login::as_str).collect();
        match &self.group {
            None => counted(self.needed, "approval"),
            Some(group) => format!("{} of `{group}` ({})", self.needed, names.join(", ")),
        }
    }
}

impl Inputs {
    /// All that must be fulfilled before a gate is passed.
    #[must_use]
    pub fn approval_rules(&self, gate: &str) -> Vec<ApprovalRule> {
        let anybody = ApprovalRule {
            group: None,
            members: self.approvers().to_vec(),
            needed: self.workflow.gate.get(gate).map_or(1, |gate| gate.approvals),
        };
        let groups = self.catalog.approval_groups.iter().filter(|group| group.gate == gate);
        let groups = groups.map(|group| ApprovalRule {
            group: Some(group.name.clone()),
            members: group.members.clone(),
            needed: group.approvals,
        });
        std::iter::once(anybody).chain(groups).collect()
    }

    /// The same in words.
    #[must_use]
    pub fn approvals_in_words(&self, gate: &str) -> String {
        self.approval_rules(gate).iter().map(ApprovalRule::words).collect::<Vec<_>>().join(", and ")
    }

    /// Everybody who may approve a gate, each once.
    #[must_use]
    pub fn approvers_of(&self, gate: &str) -> Vec<Login> {
        let mut people: Vec<Login> = Vec::new();
        for login in self.approval_rules(gate).into_iter().flat_map(|rule| rule.members) {
            if !people.contains(&login) {
                people.push(login);
            }
        }
        people
    }
}
