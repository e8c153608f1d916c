//! Repository security advisories (`repository-advisory`).

use ::cvss::Cvss;
use serde_json::{Value, json};

use super::{Links, simple_repository, user};
use crate::emulator::model::{ForkProgress, StoredAdvisory};
use crate::emulator::spec::StoredAdvisoryState;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

/// An advisory.
pub(crate) fn advisory(world: &EmulatedWorld, links: &Links, one: &StoredAdvisory) -> Value {
    let (repo, ghsa) = (&one.repo, &one.ghsa);
    let fork = (one.fork == ForkProgress::Open).then(|| world.repositories.get(one.fork_name().as_str()));
    let fork = fork.flatten().map(|fork| simple_repository(world, links, fork));
    let mut identifiers = vec![json!({"type": "GHSA", "value": ghsa})];
    if let Some(cve) = &one.cve_id {
        identifiers.push(json!({"type": "CVE", "value": cve}));
    }
    let cwes: Vec<Value> = one.cwe_ids.iter().map(|id| json!({"cwe_id": id, "name": id})).collect();
    let people: Vec<Value> = one.collaborating_users.iter().map(|login| user(world, links, login)).collect();
    let teams: Vec<Value> = one.collaborating_teams.iter().map(|slug| team(links, slug)).collect();
    let submission = one.reported.then(|| json!({"accepted": one.state != StoredAdvisoryState::Triage}));
    let score = one.cvss_vector.as_deref().and_then(score);
    json!({
        "ghsa_id": ghsa, "cve_id": one.cve_id,
        "url": links.api(&format!("/repos/{repo}/security-advisories/{ghsa}")),
        "html_url": links.web(&format!("/{repo}/security/advisories/{ghsa}")), "summary": one.summary,
        "description": one.description, "severity": one.severity, "author": user(world, links, &one.author),
        "publisher": one.publisher.as_ref().map(|login| user(world, links, login)),
        "identifiers": identifiers, "state": one.state.as_str(), "created_at": one.created_at,
        "updated_at": one.updated_at, "published_at": one.published_at, "closed_at": one.closed_at,
        "withdrawn_at": null, "submission": submission,
        "vulnerabilities": one.vulnerabilities.iter().map(vulnerability).collect::<Vec<_>>(),
        "cvss": {"vector_string": one.cvss_vector, "score": score},
        "cvss_severities": {
            "cvss_v3": cvss(one, |vector| !vector.starts_with("CVSS:4")),
            "cvss_v4": cvss(one, |vector| vector.starts_with("CVSS:4")),
        },
        "cwes": cwes, "cwe_ids": one.cwe_ids, "credits": one.credits,
        "credits_detailed": one.credits.iter().map(|credit| credited(world, links, credit)).collect::<Vec<_>>(),
        "collaborating_users": people, "collaborating_teams": teams, "private_fork": fork,
    })
}

/// The score that a vector stands for.
fn score(vector: &str) -> Option<f64> {
    vector.parse::<Cvss>().ok().map(|parsed| parsed.score())
}

fn cvss(one: &StoredAdvisory, fits: impl Fn(&str) -> bool) -> Value {
    let vector = one.cvss_vector.as_deref().filter(|vector| fits(vector));
    json!({"vector_string": vector, "score": vector.and_then(score)})
}

fn vulnerability(given: &Value) -> Value {
    let field = |name: &str| given.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "package": field("package"), "vulnerable_version_range": field("vulnerable_version_range"),
        "patched_versions": field("patched_versions"),
        "vulnerable_functions": given.get("vulnerable_functions").cloned().unwrap_or_else(|| json!([])),
    })
}

fn credited(world: &EmulatedWorld, links: &Links, credit: &Value) -> Value {
    let login = credit.get("login").and_then(Value::as_str).and_then(|text| text.parse::<Login>().ok());
    json!({
        "user": login.map(|login| user(world, links, &login)), "type": credit.get("type"), "state": "pending",
    })
}

fn team(links: &Links, slug: &str) -> Value {
    json!({
        "id": 1, "node_id": super::node_id("Team", slug), "name": slug, "slug": slug, "description": null,
        "privacy": "closed", "notification_setting": "notifications_enabled", "permission": "pull",
        "url": links.api(&format!("/teams/{slug}")), "html_url": links.web(&format!("/teams/{slug}")),
        "members_url": links.api(&format!("/teams/{slug}/members{{/member}}")),
        "repositories_url": links.api(&format!("/teams/{slug}/repos")), "parent": null, "type": "organization",
    })
}
