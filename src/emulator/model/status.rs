//! Commit statuses, and whether the checks that a rule requires are green.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::Login;

/// A status that somebody set on a commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CommitStatus {
    pub(crate) id: u64,
    pub(crate) context: String,
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) target_url: Option<String>,
    pub(crate) creator: Login,
    pub(crate) created_at: Timestamp,
}

/// The combined state: of each context the last status counts; none at all is `pending`.
pub(crate) fn combined<'a>(statuses: impl Iterator<Item = &'a CommitStatus>) -> &'static str {
    let mut last = BTreeMap::new();
    for status in statuses {
        last.insert(status.context.as_str(), status.state.as_str());
    }
    let any = |word: &str| last.values().any(|state| *state == word);
    match () {
        () if last.is_empty() || any("pending") && !any("failure") && !any("error") => "pending",
        () if any("failure") || any("error") => "failure",
        () => "success",
    }
}

/// What a branch's rule says about a pull request's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RuleVerdict {
    /// Nothing stands in the way.
    Open,
    /// Required checks are not green; how many are required, and which lack.
    ChecksExpected {
        /// How many are required.
        required: usize,
        /// The names of those that are not green.
        missing: Vec<String>,
    },
    /// Reviews lack; how many are required.
    ReviewsExpected(u32),
    /// None of the owners of the code has approved.
    CodeOwnerExpected(Vec<Login>),
    /// Nobody may change the branch.
    Locked,
    /// Merges go through the queue.
    Queue,
    /// The head does not contain the tip of its base and the rule is strict.
    Behind,
}

impl RuleVerdict {
    /// What `PUT …/merge` answers, with status 405.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            RuleVerdict::Open => None,
            RuleVerdict::ChecksExpected { missing, .. } if missing.len() == 1 => {
                Some(format!("Required status check \"{}\" is expected.", missing[0]))
            }
            RuleVerdict::ChecksExpected { required, missing } => {
                Some(format!("{} of {required} required status checks are expected.", missing.len()))
            }
            RuleVerdict::ReviewsExpected(1) => {
                Some("At least 1 approving review is required by reviewers with write access.".to_owned())
            }
            RuleVerdict::ReviewsExpected(number) => Some(format!(
                "At least {number} approving reviews are required by reviewers with write access."
            )),
            RuleVerdict::CodeOwnerExpected(owners) => {
                let owners: Vec<&str> = owners.iter().map(Login::as_str).collect();
                Some(format!("Waiting on code owner review from {}.", owners.join(" and/or ")))
            }
            RuleVerdict::Locked => Some("Cannot change this locked branch".to_owned()),
            RuleVerdict::Queue => Some("Changes must be made through the merge queue".to_owned()),
            // The sources give no text for this one; GitHub's pages say it so.
            RuleVerdict::Behind => Some("Head branch is out of date with the base branch.".to_owned()),
        }
    }
}
