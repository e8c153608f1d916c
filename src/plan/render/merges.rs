//! What GitHub requires of the merges, for people who have to give it.

use std::fmt::Write as _;

use crate::merge_rules::{BranchRules, Demand};
use crate::plan::{Plan, Target};
use crate::wording::counted;

/// The rules of the targets' branches, those first that wait for people; nothing where there are none.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let ruled: Vec<(&Target, &BranchRules)> =
        plan.targets.iter().filter_map(|target| Some((target, plan.branch_rules(target)?))).collect();
    if ruled.is_empty() {
        return;
    }
    out.push_str("\nWhat GitHub requires of the merges\n");
    let approved: usize = ruled
        .iter()
        .filter(|(_, rules)| rules.approvals() > 0)
        .map(|(target, _)| plan.pull_count(target))
        .sum();
    if approved > 0 {
        let _ = writeln!(
            out,
            "  {} by somebody else than who opens {}: {}",
            match approved {
                1 => "1 pull request needs an approval".to_owned(),
                many => format!("{many} pull requests need an approval each"),
            },
            if approved == 1 { "it" } else { "them" },
            asked(plan)
        );
    }
    let mut rest = ruled.as_slice();
    while let Some((first, rules)) = rest.first() {
        let same = rest.iter().take_while(|(target, other)| target.repo == first.repo && other == rules);
        let branches: Vec<&str> = same.map(|(target, _)| target.branch.as_str()).collect();
        let _ = writeln!(out, "  {} {}: {}", first.repo, branches.join(", "), said(rules).join("; "));
        rest = &rest[branches.len()..];
    }
}

/// Whom GitHub asks.
fn asked(plan: &Plan) -> String {
    let mut names: Vec<&str> = plan
        .targets
        .iter()
        .filter(|target| plan.branch_rules(target).is_some_and(|rules| rules.approvals() > 0))
        .flat_map(|target| plan.reviewers(&target.repo))
        .map(crate::ids::Login::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    let needed =
        plan.targets.iter().filter_map(|target| plan.branch_rules(target)).map(BranchRules::approvals);
    let needed = usize::try_from(needed.max().unwrap_or(0)).unwrap_or(usize::MAX);
    match names.as_slice() {
        [] => "nobody is asked, since `reviewers` in the catalog names nobody".to_owned(),
        names if names.len() < needed => format!(
            "ONLY {} can be asked, and {} are required: name more `reviewers` in the catalog",
            names.join(", "),
            counted(needed, "approval")
        ),
        [one] => format!("{one} is asked as soon as they are open"),
        names => format!("{} are asked as soon as they are open", names.join(", ")),
    }
}

fn said(rules: &BranchRules) -> Vec<String> {
    let mut said = Vec::new();
    if rules.required_reviews > 0 {
        said.push(counted(rules.required_reviews.try_into().unwrap_or(usize::MAX), "approval"));
    }
    said.extend(rules.demands.iter().filter_map(|demand| in_words(*demand)).map(str::to_owned));
    if !rules.required_checks.is_empty() {
        said.push(format!("checks {}", rules.required_checks.join(", ")));
    }
    if let Some(methods) = &rules.methods {
        let words: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        said.push(format!("merged by {} only", words.join(" or ")));
    }
    if said.is_empty() {
        said.push("a pull request".to_owned());
    }
    said
}

/// A demand that somebody has to know of; that there is a pull request goes without saying.
fn in_words(demand: Demand) -> Option<&'static str> {
    Some(match demand {
        Demand::PullRequest => return None,
        Demand::CodeOwner => "an owner of the changed code approves",
        Demand::LastPush => "the last push is approved by somebody else",
        Demand::FreshReviews => "a push makes approvals void",
        Demand::Conversations => "every conversation is resolved",
        Demand::Signatures => "commits are signed",
        Demand::LinearHistory => "no merge commits",
        Demand::Queue => "merged by the merge queue, to which each pull request is added",
        Demand::Locked => "locked: an administrator unlocks it before the hour",
    })
}
