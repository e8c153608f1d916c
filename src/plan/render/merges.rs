//! What GitHub requires of the merges, for people who have to give it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::owners::owners;
use crate::merge_rules::{BranchRules, Demand};
use crate::plan::{Plan, Target};
use crate::wording::counted;

/// The rules of the targets' branches, those first that wait for people; nothing where there are none.
pub(super) fn render(plan: &Plan, out: &mut String) {
    let ruled: Vec<(&Target, &BranchRules)> =
        plan.targets.iter().filter_map(|target| Some((target, plan.branch_rules(target)?))).collect();
    let approved: Vec<&Target> = plan.targets.iter().filter(|target| plan.wants_approval(target)).collect();
    if ruled.is_empty() && approved.is_empty() {
        return;
    }
    out.push_str("\nWhat GitHub requires of the merges\n");
    approvals(plan, &approved, out);
    let mut rest = ruled.as_slice();
    while let Some((first, rules)) = rest.first() {
        let same = rest.iter().take_while(|(target, other)| target.repo == first.repo && other == rules);
        let branches: Vec<&str> = same.map(|(target, _)| target.branch.as_str()).collect();
        let _ = writeln!(out, "  {} {}: {}", first.repo, branches.join(", "), said(rules).join("; "));
        let owned: BTreeSet<String> =
            rest.iter().take(branches.len()).flat_map(|(target, _)| owners(plan, target)).collect();
        owned.iter().for_each(|line| {
            let _ = writeln!(out, "      {line}");
        });
        rest = &rest[branches.len()..];
    }
    started_by_reviews(plan, out);
}

/// How many approvals people will be asked for, and whom.
fn approvals(plan: &Plan, approved: &[&Target], out: &mut String) {
    let pulls: usize = approved.iter().map(|target| plan.pull_count(target)).sum();
    if pulls == 0 {
        return;
    }
    let (need, them) = match pulls {
        1 => ("1 pull request needs an approval".to_owned(), "it"),
        many => (format!("{many} pull requests need an approval each"), "them"),
    };
    let _ = writeln!(out, "  {need} by somebody else than who opens {them}: {}", asked(plan, approved));
}

/// The workflows that begin only when somebody approves: a wait for their checks is one for a person.
fn started_by_reviews(plan: &Plan, out: &mut String) {
    for target in plan.targets.iter().filter(|target| !plan.started_by_reviews(target).is_empty()) {
        let files: Vec<String> =
            plan.started_by_reviews(target).iter().map(|file| format!("`{file}`")).collect();
        let _ = writeln!(
            out,
            "  {}: {} starts only when somebody reviews the pull request",
            target.label(),
            files.join(" and ")
        );
    }
}

/// Whom GitHub asks.
fn asked(plan: &Plan, approved: &[&Target]) -> String {
    let reviewers = approved.iter().flat_map(|target| plan.reviewers(&target.repo));
    let mut names: Vec<&str> = reviewers.map(crate::ids::Login::as_str).collect();
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
