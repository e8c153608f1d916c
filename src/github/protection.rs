//! The rules of a branch as GitHub writes them: classic protection and rulesets.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::merge_rules::{BranchRules, Demand, MergeMethod};

/// Classic protection (`branch-protection`); every part may be missing.
#[derive(Deserialize)]
pub(super) struct WireProtection {
    required_status_checks: Option<WireStatusChecks>,
    required_pull_request_reviews: Option<WireReviews>,
    #[serde(default)]
    required_signatures: WireSwitch,
    #[serde(default)]
    required_linear_history: WireSwitch,
    #[serde(default)]
    required_conversation_resolution: WireSwitch,
    #[serde(default)]
    lock_branch: WireSwitch,
}

#[derive(Deserialize)]
struct WireStatusChecks {
    #[serde(default)]
    contexts: Vec<String>,
}

#[derive(Deserialize)]
struct WireReviews {
    required_approving_review_count: Option<u64>,
    #[serde(default)]
    require_code_owner_reviews: bool,
    #[serde(default)]
    require_last_push_approval: bool,
    #[serde(default)]
    dismiss_stale_reviews: bool,
}

#[derive(Default, Deserialize)]
struct WireSwitch {
    #[serde(default)]
    enabled: bool,
}

/// One rule of `GET …/rules/branches/{branch}`.
#[derive(Deserialize)]
pub(super) struct WireRule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Value,
}

fn demand(rules: &mut BranchRules, demand: Demand, is_made: bool) {
    if is_made {
        rules.demands.insert(demand);
    }
}

/// Adds what the classic protection requires.
pub(super) fn add_classic(rules: &mut BranchRules, classic: WireProtection) {
    let checks = classic.required_status_checks.into_iter().flat_map(|checks| checks.contexts);
    rules.required_checks.extend(checks);
    if let Some(reviews) = classic.required_pull_request_reviews {
        let count = reviews.required_approving_review_count.unwrap_or(1);
        rules.required_reviews = rules.required_reviews.max(count);
        demand(rules, Demand::PullRequest, true);
        demand(rules, Demand::CodeOwner, reviews.require_code_owner_reviews);
        demand(rules, Demand::LastPush, reviews.require_last_push_approval);
        demand(rules, Demand::FreshReviews, reviews.dismiss_stale_reviews);
    }
    demand(rules, Demand::Signatures, classic.required_signatures.enabled);
    demand(rules, Demand::LinearHistory, classic.required_linear_history.enabled);
    demand(rules, Demand::Conversations, classic.required_conversation_resolution.enabled);
    demand(rules, Demand::Locked, classic.lock_branch.enabled);
}

/// Adds what one rule of a ruleset requires (GitHub REST API, "Get rules for a branch").
pub(super) fn add_rule(rules: &mut BranchRules, rule: &WireRule) {
    match rule.kind.as_str() {
        "required_status_checks" => {
            let checks = rule.parameters["required_status_checks"].as_array().into_iter().flatten();
            let names = checks.filter_map(|check| check["context"].as_str()).map(str::to_owned);
            rules.required_checks.extend(names);
        }
        "pull_request" => add_pull_request_rule(rules, &rule.parameters),
        "required_signatures" => demand(rules, Demand::Signatures, true),
        "required_linear_history" => demand(rules, Demand::LinearHistory, true),
        "merge_queue" => {
            demand(rules, Demand::Queue, true);
            let word = rule.parameters["merge_method"].as_str().unwrap_or_default().to_lowercase();
            if let Some(method) = MergeMethod::ALL.into_iter().find(|method| method.as_str() == word) {
                allow(rules, [method].into());
            }
        }
        // Only who may bypass it can update the branch.
        "update" => demand(rules, Demand::Locked, true),
        _ => {}
    }
}

fn add_pull_request_rule(rules: &mut BranchRules, parameters: &Value) {
    let says = |key: &str| parameters[key].as_bool().unwrap_or(false);
    let count = parameters["required_approving_review_count"].as_u64().unwrap_or(0);
    rules.required_reviews = rules.required_reviews.max(count);
    demand(rules, Demand::PullRequest, true);
    demand(rules, Demand::CodeOwner, says("require_code_owner_review"));
    demand(rules, Demand::LastPush, says("require_last_push_approval"));
    demand(rules, Demand::FreshReviews, says("dismiss_stale_reviews_on_push"));
    demand(rules, Demand::Conversations, says("required_review_thread_resolution"));
    if let Some(methods) = parameters["allowed_merge_methods"].as_array() {
        let named = methods.iter().filter_map(Value::as_str).collect::<Vec<_>>();
        let methods: BTreeSet<MergeMethod> =
            MergeMethod::ALL.into_iter().filter(|method| named.contains(&method.as_str())).collect();
        allow(rules, methods);
    }
}

/// Several rules: what all of them allow.
fn allow(rules: &mut BranchRules, methods: BTreeSet<MergeMethod>) {
    rules.methods = Some(match rules.methods.take() {
        Some(before) => before.intersection(&methods).copied().collect(),
        None => methods,
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_kinds_of_rules_count() {
        let mut found = BranchRules::default();
        let classic = json!({"required_status_checks": {"strict": true, "contexts": ["build"]},
            "required_pull_request_reviews": {"required_approving_review_count": 1, "require_code_owner_reviews": true},
            "lock_branch": {"enabled": false}, "required_conversation_resolution": {"enabled": true}});
        add_classic(&mut found, serde_json::from_value(classic).unwrap());
        for rule in [
            json!({"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "test"}]}}),
            json!({"type": "pull_request", "parameters": {"required_approving_review_count": 2,
                "require_last_push_approval": true, "allowed_merge_methods": ["squash", "rebase"]}}),
            json!({"type": "pull_request", "parameters": {"allowed_merge_methods": ["merge", "squash"]}}),
            json!({"type": "merge_queue", "parameters": {"merge_method": "SQUASH"}}),
            json!({"type": "deletion"}),
        ] {
            add_rule(&mut found, &serde_json::from_value(rule).unwrap());
        }
        let expected = BranchRules {
            required_checks: vec!["build".into(), "test".into()],
            required_reviews: 2,
            demands: [
                Demand::PullRequest,
                Demand::CodeOwner,
                Demand::LastPush,
                Demand::Conversations,
                Demand::Queue,
            ]
            .into(),
            methods: Some([MergeMethod::Squash].into()),
        };
        assert_eq!(found, expected);
    }
}
