//! What the real repository requires, as rules of the emulated one: a rehearsal refuses what the day will refuse.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::catalog::Repo;
use crate::emulator::spec::{
    MergeStyle, PatternSpec, ProtectionSpec, RepoSpec, Role, RuleKind, RulesetSpec, RulesetTarget,
    ScriptedReviewer,
};
use crate::ids::{BranchName, Login};
use crate::merge_rules::{BranchRules, Demand, MergeMethod, MergeRules};
use crate::plan::Inputs;
use crate::push_rules::{PatternOperator, PushRule, PushRuleset, PushTarget, TextPattern};

/// How long after the request the people of the world approve.
const APPROVAL: SignedDuration = SignedDuration::from_mins(10);

/// Gives a repository the rules of the real one. A branch without any keeps those that every derived world has.
pub(super) fn govern(made: &mut RepoSpec, inputs: &Inputs, repo: &Repo, rules: &MergeRules) {
    if let Some(methods) = &rules.methods {
        made.merge_methods = styles(methods);
    }
    let others = inputs.catalog.maintainers.iter().filter(|login| **login != inputs.release.manager);
    let reviewers: Vec<Login> = repo.reviewers.clone().unwrap_or_else(|| others.cloned().collect());
    // Only who was let in is asked for a review.
    for login in &reviewers {
        made.collaborators.entry(login.clone()).or_insert(Role::Write);
    }
    let ruled: BTreeSet<String> = rules.branches.keys().map(ToString::to_string).collect();
    for rule in &mut made.protection {
        rule.branches.retain(|branch| !ruled.contains(branch));
    }
    made.protection.retain(|rule| !rule.branches.is_empty());
    let branches = rules.branches.iter();
    made.protection.extend(branches.map(|(branch, rules)| protection(branch, rules, &reviewers)));
    made.rulesets = rules.pushes.0.iter().map(ruleset).collect();
}

fn styles(methods: &BTreeSet<MergeMethod>) -> Vec<MergeStyle> {
    let style = |method: &MergeMethod| match method {
        MergeMethod::Merge => MergeStyle::Merge,
        MergeMethod::Squash => MergeStyle::Squash,
        MergeMethod::Rebase => MergeStyle::Rebase,
    };
    methods.iter().map(style).collect()
}

fn protection(branch: &BranchName, rules: &BranchRules, reviewers: &[Login]) -> ProtectionSpec {
    let demands = |one: Demand| rules.demands.contains(&one);
    let has_queue = demands(Demand::Queue);
    let methods = rules.methods.as_ref().map(styles);
    ProtectionSpec {
        branches: vec![branch.to_string()],
        kind: RuleKind::Ruleset,
        required_checks: rules.required_checks.clone(),
        required_reviews: u32::try_from(rules.approvals()).unwrap_or(u32::MAX),
        // Who owns which code is not asked: any of those who are asked for reviews.
        code_owners: if demands(Demand::CodeOwner) { reviewers.to_vec() } else { Vec::new() },
        fresh_reviews: demands(Demand::LastPush) || demands(Demand::FreshReviews),
        signatures: demands(Demand::Signatures),
        linear_history: demands(Demand::LinearHistory),
        merge_queue: has_queue,
        queue_method: methods.as_ref().filter(|_| has_queue).and_then(|methods| methods.first().copied()),
        locked: demands(Demand::Locked),
        merge_methods: methods.filter(|_| !has_queue),
        reviewers: reviewers
            .iter()
            .map(|login| ScriptedReviewer { login: login.clone(), after: APPROVAL })
            .collect(),
        ..ProtectionSpec::default()
    }
}

fn ruleset(rules: &PushRuleset) -> RulesetSpec {
    let target = match rules.about {
        PushTarget::Branches | PushTarget::Merges => RulesetTarget::Branch,
        PushTarget::Tags => RulesetTarget::Tag,
        PushTarget::Pushes => RulesetTarget::Push,
    };
    let named = |globs: &[String]| -> Vec<String> {
        let within = |glob: &String| match glob.as_str() {
            "~ALL" => Some("**".to_owned()),
            glob => glob.strip_prefix(target.prefix()).map(|name| name.replace("**/*", "**")),
        };
        globs.iter().filter_map(within).collect()
    };
    let mut made = RulesetSpec {
        name: rules.name.clone(),
        target,
        include: if target == RulesetTarget::Push { Vec::new() } else { named(&rules.include) },
        exclude: named(&rules.exclude),
        restrict_creation: rules.rules.contains(&PushRule::Creation),
        name_pattern: None,
        message_pattern: None,
        author_email_pattern: None,
        committer_email_pattern: None,
        restricted_paths: Vec::new(),
        bypass: Vec::new(),
    };
    for rule in &rules.rules {
        match rule {
            PushRule::Name(form) => made.name_pattern = Some(expression(form)),
            PushRule::Message(form) => made.message_pattern = Some(expression(form)),
            PushRule::AuthorEmail(form) => made.author_email_pattern = Some(expression(form)),
            PushRule::CommitterEmail(form) => made.committer_email_pattern = Some(expression(form)),
            PushRule::Paths(paths) => {
                made.restricted_paths = paths.iter().map(|path| path.replace("**/*", "**")).collect();
            }
            PushRule::Creation | PushRule::LongestPath(_) => {}
        }
    }
    made
}

/// The form as a regular expression.
fn expression(form: &TextPattern) -> PatternSpec {
    let literal = regex::escape(&form.pattern);
    let expression = match form.operator {
        PatternOperator::StartsWith => format!("^{literal}"),
        PatternOperator::EndsWith => format!("{literal}$"),
        PatternOperator::Contains => literal,
        PatternOperator::Regex => form.pattern.clone(),
    };
    if form.negate { PatternSpec::NotFound { not: expression } } else { PatternSpec::Found(expression) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_carried_over_with_what_it_refuses() {
        for (operator, negate, good, bad) in [
            (PatternOperator::StartsWith, false, "fix: a.b", "a fix: a"),
            (PatternOperator::StartsWith, true, "a fix: a", "fix: a"),
            (PatternOperator::EndsWith, true, "fix: and more", "a fix:"),
            (PatternOperator::Contains, true, "afix", "a fix: a"),
            (PatternOperator::Regex, true, "afix", "a fix: a"),
        ] {
            let made = expression(&TextPattern { operator, pattern: "fix:".into(), negate });
            assert_eq!(made.refuses("Commit message", good), None, "{made:?}");
            assert!(made.refuses("Commit message", bad).is_some(), "{made:?}");
        }
    }
}
