//! Releases by scripted CI, the label "latest", registries, and reopening.

use serde_json::{Value, json};

use super::stage::StagedWorld;

const DISPATCH: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
[repos.release]
trigger = { dispatch = { workflow = "release_process.yml" } }
tag = "LIB-{version}"
delay = "2m"
version = { file = "version.h", patterns = ['MAJOR (\d+)', 'MINOR (\d+)', 'PATCH (\d+)'] }
release = { delay = "1m", assets = ["lib-{version}.tar.gz", { name = "lib-{version}.zip", delay = "10m" }] }
publish = [{ ecosystem = "npm", name = "@acme/lib", delay = "5m" }]
"#;

const DISPATCHES: &str = "repos/acme/lib/actions/workflows/release_process.yml/dispatches";

#[tokio::test]
async fn rd_12_older_line_released_last_steals_latest() {
    let stage = StagedWorld::set(DISPATCH).await;
    for branch in ["release/2.x", "release/1.x"] {
        let body = json!({"ref": branch, "return_run_details": true});
        let (status, run) = stage.call("POST", DISPATCHES, body).await;
        assert_eq!(status, 200);
        let run = format!("repos/acme/lib/actions/runs/{}", run["workflow_run_id"]);
        assert_eq!(stage.get(&run).await["status"], "in_progress");
        stage.wait(20).await;
        assert_eq!(stage.get(&run).await["conclusion"], "success");
    }
    let latest = stage.get("repos/acme/lib/releases/latest").await;
    assert_eq!(latest["tag_name"], "LIB-1.4.0");
    assert_eq!(latest["published_at"], "2026-03-02T09:23:00Z");
    let newest = stage.get("repos/acme/lib/releases/tags/LIB-2.0.0").await;
    assert_eq!(newest["assets"][1]["name"], "lib-2.0.0.zip");
    let path = format!("repos/acme/lib/releases/{}", newest["id"]);
    assert_eq!(stage.call("PATCH", &path, json!({"make_latest": "true"})).await.0, 200);
    assert_eq!(stage.get("repos/acme/lib/releases/latest").await["tag_name"], "LIB-2.0.0");
    let (status, document) = stage.registry("npm/@acme/lib").await;
    assert_eq!(status, 200);
    assert!(document.contains("\"2.0.0\""));
}

#[tokio::test]
async fn rd_20_second_dispatch_cancels_the_first() {
    let stage = StagedWorld::set(DISPATCH).await;
    let body = json!({"ref": "release/2.x"});
    assert_eq!(stage.call("POST", DISPATCHES, body.clone()).await.0, 204);
    stage.wait(1).await;
    assert_eq!(stage.call("POST", DISPATCHES, body).await.0, 204);
    let runs = stage.get("repos/acme/lib/actions/runs?branch=release/2.x").await;
    assert_eq!(runs["workflow_runs"][1]["conclusion"], "cancelled");
    stage.wait(1).await;
    assert_eq!(stage.call("GET", "repos/acme/lib/git/ref/tags/LIB-2.0.0", Value::Null).await.0, 404);
    stage.wait(1).await;
    stage.get("repos/acme/lib/git/ref/tags/LIB-2.0.0").await;
}

#[tokio::test]
async fn rd_07_attempt_that_stops_at_the_tag_is_rerun() {
    let stage =
        StagedWorld::set(&DISPATCH.replace("delay = \"2m\"", "flakes = 1\nstops_after = \"tag\"")).await;
    let body = json!({"ref": "release/2.x", "return_run_details": true});
    let (_, run) = stage.call("POST", DISPATCHES, body).await;
    let run = format!("repos/acme/lib/actions/runs/{}", run["workflow_run_id"]);
    stage.wait(30).await;
    assert_eq!(stage.get(&run).await["conclusion"], "failure");
    stage.get("repos/acme/lib/git/ref/tags/LIB-2.0.0").await;
    assert_eq!(stage.call("GET", "repos/acme/lib/releases/latest", Value::Null).await.0, 404);
    assert_eq!(stage.call("POST", &format!("{run}/rerun-failed-jobs"), json!({})).await.0, 201);
    stage.wait(30).await;
    assert_eq!(stage.get(&run).await["conclusion"], "success");
    stage.get("repos/acme/lib/releases/tags/LIB-2.0.0").await;
}

const MARKER: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
[repos.release]
trigger = { merge-marker = { text = "[release-this]" } }
branches = ["release/*"]
tag = "v{version}"
version = { file = "version.h", patterns = ['MAJOR (\d+)', 'MINOR (\d+)', 'PATCH (\d+)'] }
release = {}
publish = [{ ecosystem = "cargo", name = "acme-lib" }]
"#;

#[tokio::test]
async fn marker_in_a_merged_commit_tags_and_publishes() {
    let stage = StagedWorld::set(MARKER).await;
    stage.git_ok(&["checkout", "-q", "-B", "bump", "release/2.x"]).await;
    std::fs::write(stage.work().join("version.h"), "#define MAJOR 2\n#define MINOR 0\n#define PATCH 1\n")
        .unwrap();
    stage.git_ok(&["commit", "-q", "-am", "bump\n\n[release-this]"]).await;
    stage.push("acme/lib", "bump").await;
    let fields = json!({"title": "bump", "head": "bump", "base": "release/2.x"});
    assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await.0, 201);
    let (_, merged) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    let tag = stage.get("repos/acme/lib/git/ref/tags/v2.0.1").await;
    assert_eq!(tag["object"]["sha"], merged["sha"]);
    let (status, index) = stage.registry("cargo/ac/me/acme-lib").await;
    assert_eq!(status, 200);
    assert!(index.contains("\"vers\":\"2.0.1\""));
}

#[tokio::test]
async fn commit_that_says_so_starts_nothing_by_its_push_its_tag_or_its_pull_request() {
    let trigger = MARKER
        .replace("{ merge-marker = { text = \"[release-this]\" } }", "{ tag-pushed = { glob = \"v*\" } }");
    let stage = StagedWorld::set(&format!("{trigger}[[repos.checks]]\nname = 'test'\ndelay = '1m'\n")).await;
    stage.git_ok(&["checkout", "-q", "-B", "fix", "release/2.x"]).await;
    stage.git_ok(&["commit", "-q", "--allow-empty", "-m", "notes [skip ci]"]).await;
    stage.push("acme/lib", "fix").await;
    stage.push("acme/lib", "fix:refs/tags/v2.0.0").await;
    let fields = json!({"title": "fix", "head": "fix", "base": "release/2.x"});
    let (_, pull) = stage.call("POST", "repos/acme/lib/pulls", fields).await;
    let runs = format!("repos/acme/lib/commits/{}/check-runs", pull["head"]["sha"].as_str().unwrap());
    assert_eq!(stage.get(&runs).await["total_count"], 0);
    stage.wait(30).await;
    assert_eq!(stage.call("GET", "repos/acme/lib/releases/latest", Value::Null).await.0, 404);
    // What is merged has a message of its own.
    let (_, merged) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    let runs = format!("repos/acme/lib/commits/{}/check-runs", merged["sha"].as_str().unwrap());
    assert_eq!(stage.get(&runs).await["total_count"], 1);
}

#[tokio::test]
async fn pushed_tag_is_released() {
    let trigger = MARKER
        .replace("{ merge-marker = { text = \"[release-this]\" } }", "{ tag-pushed = { glob = \"v*\" } }");
    let stage = StagedWorld::set(&trigger).await;
    stage.push("acme/lib", "release/1.x:refs/tags/v1.4.0").await;
    assert_eq!(stage.get("repos/acme/lib/releases/latest").await["tag_name"], "v1.4.0");
}

#[tokio::test]
async fn en_01_reopened_world_is_the_same_and_goes_on() {
    let mut stage = StagedWorld::set(DISPATCH).await;
    stage.commit("fix", "main", "lib.c", "x\n").await;
    stage.push("acme/lib", "fix").await;
    let fields = json!({"title": "fix", "head": "fix", "base": "main"});
    stage.call("POST", "repos/acme/lib/pulls", fields).await;
    stage.wait(3).await;
    stage.call("POST", DISPATCHES, json!({"ref": "release/2.x"})).await;
    stage.reopen().await;
    assert_eq!(stage.clock.now().to_string(), "2026-03-02T09:03:00Z");
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["state"], "open");
    stage.wait(20).await;
    stage.get("repos/acme/lib/releases/tags/LIB-2.0.0").await;
    stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    stage.reopen().await;
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["merged"], json!(true));
}

const IMMUTABLE: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
collaborators = { eve = "read", bob = "write" }
immutable_releases = true
burnt_tags = ["v1.3.9"]
"#;

#[tokio::test]
async fn draft_is_hidden_filled_and_frozen_once_it_is_published() {
    let stage = StagedWorld::set(IMMUTABLE).await;
    let new =
        json!({"tag_name": "v1.4.0", "target_commitish": "release/1.x", "name": "1.4.0", "draft": true});
    let (status, draft) = stage.call_as("token-bob", "POST", "repos/acme/lib/releases", new).await;
    assert_eq!((status, &draft["immutable"]), (201, &json!(false)));
    let path = format!("repos/acme/lib/releases/{}", draft["id"]);
    for (token, seen) in [("token-bob", 200), ("token-eve", 404)] {
        assert_eq!(stage.call_as(token, "GET", &path, Value::Null).await.0, seen, "{token}");
        assert_eq!(stage.call_as(token, "GET", &format!("{path}/assets"), Value::Null).await.0, seen);
    }
    let (_, listed) = stage.call_as("token-eve", "GET", "repos/acme/lib/releases", Value::Null).await;
    assert_eq!(listed, json!([]));

    let upload = |name: &str| format!("{path}/assets?name={name}");
    let (status, asset) = stage.call("POST", &upload("a.txt"), json!("text")).await;
    assert_eq!((status, asset["size"].as_u64()), (201, Some(6)));
    assert!(asset["digest"].as_str().unwrap().starts_with("sha256:"));
    let (status, refusal) = stage.call("POST", &upload("a.txt"), json!("text")).await;
    assert_eq!((status, &refusal["errors"][0]["code"]), (422, &json!("already_exists")));
    assert_eq!(stage.call_as("token-eve", "POST", &upload("b.txt"), json!("text")).await.0, 403);
    let delete = format!("repos/acme/lib/releases/assets/{}", asset["id"]);
    assert_eq!(stage.call("DELETE", &delete, Value::Null).await.0, 204);
    let (_, asset) = stage.call("POST", &upload("a.txt"), json!("other")).await;

    let (status, published) = stage.call("PATCH", &path, json!({"draft": false})).await;
    assert_eq!((status, &published["immutable"]), (200, &json!(true)));
    let delete = format!("repos/acme/lib/releases/assets/{}", asset["id"]);
    assert_eq!(stage.call("DELETE", &delete, Value::Null).await.0, 422);
    let (status, refusal) = stage.call("POST", &upload("b.txt"), json!("text")).await;
    assert_eq!((status, &refusal["message"]), (422, &json!("Cannot upload assets to an immutable release.")));
    assert_eq!(stage.call("PATCH", &path, json!({"tag_name": "v1.4.1"})).await.0, 422);
    assert_eq!(stage.call("PATCH", &path, json!({"body": "Better words."})).await.0, 200);
    assert_eq!(stage.get("repos/acme/lib/immutable-releases").await["enabled"], true);
}

#[tokio::test]
async fn tag_of_an_immutable_release_that_was_deleted_is_used_up() {
    let stage = StagedWorld::set(IMMUTABLE).await;
    let new = json!({"tag_name": "v1.3.9", "draft": true});
    let (status, draft) = stage.call("POST", "repos/acme/lib/releases", new).await;
    assert_eq!(status, 201, "a draft has no tag yet");
    let path = format!("repos/acme/lib/releases/{}", draft["id"]);
    let (status, refusal) = stage.call("PATCH", &path, json!({"draft": false})).await;
    assert_eq!(
        (status, &refusal["errors"][0]["message"]),
        (422, &json!("tag_name was used by an immutable release"))
    );

    let (_, made) = stage.call("POST", "repos/acme/lib/releases", json!({"tag_name": "v2.0.1"})).await;
    let path = format!("repos/acme/lib/releases/{}", made["id"]);
    assert_eq!(stage.call("DELETE", &path, Value::Null).await.0, 204);
    let (status, _) = stage.call("POST", "repos/acme/lib/releases", json!({"tag_name": "v2.0.1"})).await;
    assert_eq!(status, 422);
}
