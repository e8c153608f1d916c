//! Commits that rulesets refuse, with what to do before the hour.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::{Plan, RefusedCommit};

/// A line for each such commit, with the targets that get it; nothing where there are none.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let mut refused: BTreeMap<(String, String), (RefusedCommit, Vec<&str>)> = BTreeMap::new();
    for target in &plan.targets {
        for one in plan.refused_commits(target) {
            let key = (target.repo.to_string(), one.what.clone());
            refused.entry(key).or_insert_with(|| (one, Vec::new())).1.push(target.branch.as_str());
        }
    }
    if refused.is_empty() {
        return;
    }
    out.push_str("\nCommits that GitHub will refuse\n");
    for ((repo, what), (one, branches)) in refused {
        let (ruleset, because) = (&one.refusal.ruleset, &one.refusal.because);
        let branches = branches.join(", ");
        let _ =
            writeln!(out, "  {repo} {branches}: {what}: the ruleset `{ruleset}` {because}; {}", one.remedy);
    }
}
