//! Branches and their protection (`branch-with-protection`, `branch-protection`).

use git2::Commit;
use serde_json::{Value, json};

use super::{Links, commit, encode};
use crate::emulator::spec::ProtectionSpec;
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

/// The protection of a branch.
pub(crate) fn protection(links: &Links, repo: &RepoName, name: &str, rule: &ProtectionSpec) -> Value {
    let url = links.api(&format!("/repos/{repo}/branches/{}/protection", encode(name)));
    let off = json!({"enabled": false});
    let mut all = json!({
        "url": url, "enforce_admins": {"url": format!("{url}/enforce_admins"), "enabled": true},
        "required_linear_history": off, "allow_force_pushes": off, "allow_deletions": off,
        "block_creations": off, "required_conversation_resolution": off, "lock_branch": off,
        "allow_fork_syncing": off,
        "required_signatures": {"url": format!("{url}/required_signatures"), "enabled": false},
    });
    if !rule.required_checks.is_empty() {
        all["required_status_checks"] = required(links, repo, name, rule);
    }
    if rule.required_reviews > 0 {
        all["required_pull_request_reviews"] = json!({
            "url": format!("{url}/required_pull_request_reviews"), "dismiss_stale_reviews": false,
            "require_code_owner_reviews": false, "required_approving_review_count": rule.required_reviews,
            "require_last_push_approval": false,
        });
    }
    all
}
