//! The answers in the shapes that a strict client reads: octocrab's own models, which have broken on partial
//! answers before.

use octocrab::models;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::stage::StagedWorld;

const WORLD: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
[[repos.protection]]
branches = ["main"]
required_checks = ["test"]
[[repos.checks]]
name = "test"
[repos.release]
trigger = { dispatch = { workflow = "release.yml" } }
tag = "v{version}"
version = { file = "version.h", patterns = ['MAJOR (\d+)', 'MINOR (\d+)', 'PATCH (\d+)'] }
release = { assets = ["lib.tar.gz"] }
[[advisories]]
ghsa = "GHSA-23cf-ghjm-pqrv"
repo = "acme/lib"
state = "draft"
summary = "overflow"
severity = "high"
collaborators = ["bob"]
fork = {}
"#;

/// Reads a value as the model, with the place where it does not fit.
fn reads<T: DeserializeOwned>(value: &Value) -> T {
    serde_path_to_error::deserialize(value).unwrap_or_else(|error| panic!("{error}: {value:#}"))
}

#[tokio::test]
async fn answers_are_read_by_a_strict_client() {
    let stage = StagedWorld::set(WORLD).await;
    let repo: models::Repository = reads(&stage.get("repos/acme/lib").await);
    assert_eq!(repo.default_branch.as_deref(), Some("main"));
    let head = stage.commit("fix", "main", "lib.c", "fixed\n").await;
    stage.push("acme/lib", "fix").await;
    let fields = json!({"title": "fix", "body": "text", "head": "fix", "base": "main"});
    let (_, opened) = stage.call("POST", "repos/acme/lib/pulls", fields).await;
    reads::<models::pulls::PullRequest>(&opened);
    reads::<Vec<models::pulls::PullRequest>>(&stage.get("repos/acme/lib/pulls").await);
    reads::<Vec<models::repos::RepoCommit>>(&stage.get("repos/acme/lib/pulls/1/commits").await);
    reads::<Vec<models::repos::DiffEntry>>(&stage.get("repos/acme/lib/pulls/1/files").await);
    reads::<models::commits::CommitComparison>(&stage.get("repos/acme/lib/compare/main...fix").await);
    reads::<models::repos::RepoCommit>(&stage.get("repos/acme/lib/commits/main").await);
    reads::<models::repos::Ref>(&stage.get("repos/acme/lib/git/ref/heads/main").await);
    reads::<Vec<models::repos::Branch>>(&stage.get("repos/acme/lib/branches").await);
    reads::<models::repos::Content>(&stage.get("repos/acme/lib/contents/lib.c").await);
    let checks = stage.get(&format!("repos/acme/lib/commits/{head}/check-runs")).await;
    reads::<models::checks::ListCheckRuns>(&checks);
    reads::<models::CombinedStatus>(&stage.get(&format!("repos/acme/lib/commits/{head}/status")).await);
    let (_, merged) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    reads::<models::pulls::Merge>(&merged);
    reads::<models::pulls::PullRequest>(&stage.get("repos/acme/lib/pulls/1").await);
}

#[tokio::test]
async fn answers_about_releases_and_advisories_are_read_by_a_strict_client() {
    let stage = StagedWorld::set(WORLD).await;
    let dispatches = "repos/acme/lib/actions/workflows/release.yml/dispatches";
    let (_, run) = stage.call("POST", dispatches, json!({"ref": "main", "return_run_details": true})).await;
    let run = format!("repos/acme/lib/actions/runs/{}", run["workflow_run_id"]);
    reads::<models::workflows::Run>(&stage.get(&run).await);
    reads::<Vec<models::workflows::Job>>(&stage.get(&format!("{run}/jobs")).await["jobs"]);
    reads::<Vec<models::workflows::WorkFlow>>(
        &stage.get("repos/acme/lib/actions/workflows").await["workflows"],
    );
    let release: models::repos::Release = reads(&stage.get("repos/acme/lib/releases/latest").await);
    assert_eq!(release.assets.len(), 1);
    let advisories = stage.get("repos/acme/lib/security-advisories").await;
    let read: Vec<models::security_advisories::RepositoryAdvisory> = reads(&advisories);
    assert!(read[0].private_fork.is_some());
    reads::<models::Author>(&stage.get("user").await);
    reads::<models::RateLimit>(&stage.get("rate_limit").await);
}
