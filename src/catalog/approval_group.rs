//! Groups of people of whom some must approve a gate.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::Login;
use crate::input::{InputError, KeyPart, Source};

/// A group of people of whom some must approve a gate, beside those whom the workflow wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApprovalGroup {
    /// What the group is called where its approval is asked for.
    pub name: String,
    /// The gate, by its name in the workflow: `ready` or `release-day`.
    pub gate: String,
    /// Who belongs to it. They may approve this gate, whoever else may.
    pub members: Vec<Login>,
    /// How many of them must approve.
    #[serde(default = "one")]
    pub approvals: usize,
}

fn one() -> usize {
    1
}

/// Refuses groups that can never approve, or in which somebody is counted twice.
pub(super) fn check(groups: &[ApprovalGroup], source: &Source) -> Result<(), InputError> {
    for (index, group) in groups.iter().enumerate() {
        let at = |key| [KeyPart::Key("approval-group"), KeyPart::Index(index), KeyPart::Key(key)];
        let members: BTreeSet<&Login> = group.members.iter().collect();
        if members.len() < group.members.len() {
            return Err(source.error_at(
                &at("members"),
                format!("somebody is in the group `{}` twice", group.name),
                "GitHub's logins are the same in any case; name everybody once",
            ));
        }
        if group.approvals == 0 || group.approvals > members.len() {
            return Err(source.error_at(
                &at(if group.approvals == 0 || members.len() > 1 { "approvals" } else { "members" }),
                format!("{} of {} cannot approve", group.approvals, members.len()),
                "want at least one approval, and no more than the group has members",
            ));
        }
    }
    Ok(())
}
