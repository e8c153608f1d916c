//! Tags that the project's own CI makes, where a ruleset stands in the way: whether its account may bypass it, only people know.

use std::fmt::Write as _;

use crate::catalog::Trigger;
use crate::plan::{Plan, Target};

/// A line for each such tag; nothing where there are none.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let lines: Vec<String> = plan.targets.iter().flat_map(|target| of(plan, target)).collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("\nTags that the project's own CI makes\n");
    lines.iter().for_each(|line| {
        let _ = writeln!(out, "  {line}");
    });
}

fn of(plan: &Plan, target: &Target) -> Vec<String> {
    let rule = plan.inputs.catalog.repo(&target.repo).and_then(|repo| plan.inputs.release_rule(repo));
    let seen = plan.snapshot.repos.get(&target.repo);
    let (Some(rule), Some(release), Some(seen)) = (rule, &target.release, seen) else { return Vec::new() };
    if rule.trigger == Trigger::PushTag {
        return Vec::new();
    }
    let told = release.tags().filter_map(|tag| {
        let refusal = seen.rules.pushes.refuses_name(&format!("refs/tags/{tag}"))?;
        Some(format!(
            "{} {tag}: the ruleset `{}` {}; see before the hour that the workflow's account may bypass it",
            target.repo, refusal.ruleset, refusal.because
        ))
    });
    told.collect()
}
