//! Advisories and their temporary private forks.

use serde_json::{Value, json};

use super::stage::StagedWorld;

const WORLD: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
[[repos.checks]]
name = "test"
[[advisories]]
ghsa = "GHSA-23cf-ghjm-pqrv"
repo = "acme/lib"
summary = "overflow"
reporter = "eve"
[cve]
delay = "2h"
numbers = ["CVE-2026-12345"]
"#;

const ADVISORY: &str = "repos/acme/lib/security-advisories/GHSA-23cf-ghjm-pqrv";
const FORK: &str = "acme/lib-ghsa-23cf-ghjm-pqrv";

/// Accepts the report, completes it and opens its fork.
async fn accepted() -> StagedWorld {
    let stage = StagedWorld::set(WORLD).await;
    let fields = json!({
        "state": "draft", "severity": "high", "collaborating_users": ["bob"],
        "vulnerabilities": [{"package": {"ecosystem": "other", "name": "lib"}, "patched_versions": "2.0.1"}],
    });
    assert_eq!(stage.call("PATCH", ADVISORY, fields).await.0, 200);
    let (status, fork) = stage.call("POST", &format!("{ADVISORY}/forks"), Value::Null).await;
    assert_eq!((status, &fork["full_name"]), (202, &json!(FORK)));
    assert_eq!(stage.call("GET", &format!("repos/{FORK}"), Value::Null).await.0, 404);
    stage.wait(1).await;
    stage
}

#[tokio::test]
async fn private_fork_takes_pushes_and_pull_requests_and_refuses_the_rest() {
    let stage = accepted().await;
    let fork = stage.get(&format!("repos/{FORK}")).await;
    assert_eq!((&fork["private"], &fork["permissions"]["push"]), (&json!(true), &json!(false)));
    assert_eq!(stage.get(ADVISORY).await["private_fork"]["full_name"], json!(FORK));
    let head = stage.commit("fix", "main", "lib.c", "fixed\n").await;
    stage.git_ok(&["push", "-q", &stage.remote("token-bob", FORK), "fix"]).await;
    let fields = json!({"title": "fix", "head": "fix", "base": "main"});
    assert_eq!(stage.call_as("token-bob", "POST", &format!("repos/{FORK}/pulls"), fields).await.0, 201);

    let (status, said) = stage.call("PUT", &format!("repos/{FORK}/pulls/1/merge"), json!({})).await;
    assert_eq!(status, 403);
    assert_eq!(said["message"], "This action is forbidden on workspace repositories.");
    let comment = json!({"body": "hello"});
    assert_eq!(stage.call("POST", &format!("repos/{FORK}/issues/1/comments"), comment).await.0, 404);
    let runs = stage.get(&format!("repos/{FORK}/commits/{head}/check-runs")).await;
    assert_eq!(runs["total_count"], 0);
    assert_eq!(stage.get(&format!("repos/{FORK}/actions/runs")).await["total_count"], 0);
    assert_eq!(stage.call_as("token-eve", "GET", &format!("repos/{FORK}"), Value::Null).await.0, 200);
    assert_eq!(stage.call("POST", &format!("{ADVISORY}/forks"), Value::Null).await.0, 422);
}

#[tokio::test]
async fn rd_16_publication_is_refused_while_a_fork_pull_request_is_open() {
    let stage = accepted().await;
    stage.commit("fix", "main", "lib.c", "fixed\n").await;
    stage.push(FORK, "fix").await;
    let fields = json!({"title": "fix", "head": "fix", "base": "main"});
    assert_eq!(stage.call("POST", &format!("repos/{FORK}/pulls"), fields).await.0, 201);
    let publish = json!({"state": "published"});
    assert_eq!(stage.call("PATCH", ADVISORY, publish.clone()).await.0, 422);
    assert_eq!(stage.get(ADVISORY).await["state"], "draft");
    let close = json!({"state": "closed"});
    assert_eq!(stage.call("PATCH", &format!("repos/{FORK}/pulls/1"), close).await.0, 200);
    assert_eq!(stage.call("PATCH", ADVISORY, publish).await.0, 200);
    let published = stage.get(ADVISORY).await;
    assert_eq!((&published["state"], &published["private_fork"]), (&json!("published"), &Value::Null));
    assert_eq!(published["published_at"], "2026-03-02T09:01:00Z");
    assert_eq!(stage.call("GET", &format!("repos/{FORK}"), Value::Null).await.0, 404);
    assert!(!stage.dir.path().join(format!("world/git/{FORK}.git")).exists());
}

#[tokio::test]
async fn cve_is_assigned_after_its_time_and_asked_for_once() {
    let stage = accepted().await;
    let path = format!("{ADVISORY}/cve");
    assert_eq!(stage.call("POST", &path, Value::Null).await.0, 202);
    assert_eq!(stage.call("POST", &path, Value::Null).await.0, 422);
    assert_eq!(stage.get(ADVISORY).await["cve_id"], Value::Null);
    stage.wait(120).await;
    assert_eq!(stage.get(ADVISORY).await["cve_id"], "CVE-2026-12345");
}

#[tokio::test]
async fn report_is_seen_by_those_concerned_only() {
    let stage = StagedWorld::set(WORLD).await;
    assert_eq!(stage.call_as("token-eve", "GET", ADVISORY, Value::Null).await.0, 200);
    assert_eq!(stage.call_as("token-bob", "GET", ADVISORY, Value::Null).await.0, 404);
    let publish = json!({"state": "published"});
    assert_eq!(stage.call("PATCH", ADVISORY, publish).await.0, 422);
    let listed = stage.get("repos/acme/lib/security-advisories?state=triage").await;
    assert_eq!(listed[0]["submission"]["accepted"], json!(false));
    assert_eq!(stage.call("POST", &format!("{ADVISORY}/forks"), Value::Null).await.0, 422);
}

#[tokio::test]
async fn nonsense_is_refused_and_the_severity_follows_the_vector() {
    let stage = accepted().await;
    let range = |text: &str| json!([{"package": {"ecosystem": "npm", "name": "x"}, "vulnerable_version_range": text}]);
    for fields in [
        json!({"credits": [{"login": "nobody-at-all", "type": "finder"}]}),
        json!({"credits": [{"login": "bob", "type": "hero"}]}),
        json!({"cvss_vector_string": "CVSS:3.1/AV:X"}),
        json!({"cwe_ids": ["79"]}),
        json!({"cwe_ids": ["CWE-16"]}),
        json!({"cwe_ids": ["CWE-99999"]}),
        json!({"vulnerabilities": range("about 1.2")}),
        json!({"vulnerabilities": range("< 1, < 2, < 3")}),
    ] {
        assert_eq!(stage.call("PATCH", ADVISORY, fields.clone()).await.0, 422, "{fields}");
    }
    let fields = json!({
        "credits": [{"login": "bob", "type": "finder"}], "cwe_ids": ["CWE-79"],
        "cvss_vector_string": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "vulnerabilities": range(">= 1.0.0, < 1.2.3"),
    });
    let (status, advisory) = stage.call("PATCH", ADVISORY, fields).await;
    assert_eq!((status, &advisory["severity"]), (200, &json!("critical")));
    assert_eq!(advisory["cvss"]["score"], json!(9.8));
}
