//! Branches and their protection (`branch-with-protection`, `branch-protection`, `repository-rule-detailed`).

use git2::Commit;
use serde_json::{Value, json};

use super::{Links, commit, encode};
use crate::emulator::spec::{MergeStyle, ProtectionSpec};
use crate::ids::RepoName;

fn required(links: &Links, repo: &RepoName, name: &str, rule: &ProtectionSpec) -> Value {
    let url =
        links.api(&format!("/repos/{repo}/branches/{}/protection/required_status_checks", encode(name)));
    let checks: Vec<Value> =
        rule.required_checks.iter().map(|check| json!({"context": check, "app_id": null})).collect();
    json!({
        "url": url, "strict": rule.strict, "contexts": rule.required_checks,
        "contexts_url": format!("{url}/contexts"), "checks": checks, "enforcement_level": "everyone",
    })
}

/// A branch on its own.
pub(crate) fn branch(
    links: &Links,
    repo: &RepoName,
    name: &str,
    tip: &Commit<'_>,
    rule: Option<&ProtectionSpec>,
) -> Value {
    let url = links.api(&format!("/repos/{repo}/branches/{}", encode(name)));
    let mut protection = json!({"enabled": rule.is_some(), "required_status_checks":
        {"enforcement_level": "off", "contexts": [], "checks": []}});
    if let Some(rule) = rule {
        protection["required_status_checks"] = required(links, repo, name, rule);
    }
    json!({
        "name": name, "commit": commit(links, repo, tip),
        "_links": {"self": url, "html": links.web(&format!("/{repo}/tree/{}", encode(name)))},
        "protected": rule.is_some(), "protection": protection, "protection_url": format!("{url}/protection"),
    })
}

/// The classic protection of a branch.
pub(crate) fn protection(links: &Links, repo: &RepoName, name: &str, rule: &ProtectionSpec) -> Value {
    let url = links.api(&format!("/repos/{repo}/branches/{}/protection", encode(name)));
    let switch = |is_on: bool| json!({"enabled": is_on});
    let mut all = json!({
        "url": url, "enforce_admins": {"url": format!("{url}/enforce_admins"), "enabled": true},
        "required_linear_history": switch(rule.linear_history), "allow_force_pushes": switch(false),
        "allow_deletions": switch(false), "block_creations": switch(false),
        "required_conversation_resolution": switch(false), "lock_branch": switch(rule.locked),
        "allow_fork_syncing": switch(false),
        "required_signatures": {"url": format!("{url}/required_signatures"), "enabled": rule.signatures},
    });
    if !rule.required_checks.is_empty() {
        all["required_status_checks"] = required(links, repo, name, rule);
    }
    if rule.wants_reviews() {
        all["required_pull_request_reviews"] = json!({
            "url": format!("{url}/required_pull_request_reviews"), "dismiss_stale_reviews": rule.fresh_reviews,
            "require_code_owner_reviews": !rule.code_owners.is_empty(),
            "required_approving_review_count": rule.required_reviews,
            "require_last_push_approval": rule.fresh_reviews,
        });
    }
    all
}

/// The rules that a ruleset has for a branch. `number` tells rulesets of one repository apart.
pub(crate) fn rules(repo: &RepoName, number: usize, rule: &ProtectionSpec) -> Vec<Value> {
    let of_type = |kind: &str, parameters: Value| {
        let mut one = json!({
            "type": kind, "ruleset_source_type": "Repository", "ruleset_source": repo, "ruleset_id": number,
        });
        if !parameters.is_null() {
            one["parameters"] = parameters;
        }
        one
    };
    let mut all = Vec::new();
    if rule.wants_reviews() || rule.merge_methods.is_some() {
        all.push(of_type("pull_request", pull_request(rule)));
    }
    if !rule.required_checks.is_empty() {
        let checks: Vec<Value> = rule.required_checks.iter().map(|check| json!({"context": check})).collect();
        let parameters =
            json!({"required_status_checks": checks, "strict_required_status_checks_policy": rule.strict});
        all.push(of_type("required_status_checks", parameters));
    }
    let switches = [
        (rule.signatures, "required_signatures"),
        (rule.linear_history, "required_linear_history"),
        (rule.locked, "update"),
    ];
    all.extend(switches.iter().filter(|(is_on, _)| *is_on).map(|(_, kind)| of_type(kind, Value::Null)));
    if let Some(method) = rule.queue() {
        all.push(of_type("merge_queue", queue(method)));
    }
    all
}

fn pull_request(rule: &ProtectionSpec) -> Value {
    let mut parameters = json!({
        "required_approving_review_count": rule.required_reviews,
        "dismiss_stale_reviews_on_push": rule.fresh_reviews,
        "require_code_owner_review": !rule.code_owners.is_empty(),
        "require_last_push_approval": rule.fresh_reviews, "required_review_thread_resolution": false,
    });
    if let Some(methods) = &rule.merge_methods {
        let words: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        parameters["allowed_merge_methods"] = json!(words);
    }
    parameters
}

/// GitHub's own values for a new queue.
fn queue(method: MergeStyle) -> Value {
    json!({
        "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
        "max_entries_to_merge": 5, "merge_method": method.as_enum(), "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    })
}
