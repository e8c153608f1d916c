//! Commits that are made through the interface alone.

use serde_json::{Value, json};

use super::stage::StagedWorld;

const WORLD: &str = "[[repos]]\nname = \"acme/lib\"\nsource = { path = \"SEED\" }\n";

#[tokio::test]
async fn a_commit_is_made_of_blobs_and_trees_and_becomes_a_branch() {
    let stage = StagedWorld::set(WORLD).await;
    let main = stage.get("repos/acme/lib/git/ref/heads/main").await["object"]["sha"].clone();
    let base = stage.get(&format!("repos/acme/lib/git/commits/{}", main.as_str().unwrap())).await;
    let (status, blob) = stage
        .call("POST", "repos/acme/lib/git/blobs", json!({"content": "aGk=", "encoding": "base64"}))
        .await;
    assert_eq!(status, 201);
    let entry = json!({"path": "docs/new.txt", "mode": "100644", "type": "blob", "sha": blob["sha"]});
    let tree = json!({"base_tree": base["tree"]["sha"], "tree": [entry]});
    let (status, tree) = stage.call("POST", "repos/acme/lib/git/trees", tree).await;
    assert_eq!(status, 201);
    let fields = json!({"message": "docs: new", "tree": tree["sha"], "parents": [main]});
    let (status, made) = stage.call("POST", "repos/acme/lib/git/commits", fields).await;
    assert_eq!((status, &made["author"]["name"]), (201, &json!("ada")));
    let branch = json!({"ref": "refs/heads/made", "sha": made["sha"]});
    assert_eq!(stage.call("POST", "repos/acme/lib/git/refs", branch).await.0, 201);
    let all = stage.get("repos/acme/lib/git/trees/made?recursive=1").await;
    let paths: Vec<&str> =
        all["tree"].as_array().unwrap().iter().filter_map(|one| one["path"].as_str()).collect();
    assert!(paths.contains(&"docs/new.txt"), "{paths:?}");
    let read = stage.get(&format!("repos/acme/lib/git/blobs/{}", blob["sha"].as_str().unwrap())).await;
    assert_eq!(read["content"], "aGk=");
    let missing = format!("repos/acme/lib/git/blobs/{}", "0".repeat(40));
    assert_eq!(stage.call("GET", &missing, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_file_is_written_and_deleted_by_one_request_each() {
    let stage = StagedWorld::set(WORLD).await;
    let path = "repos/acme/lib/contents/docs/new.txt";
    let write = |content: &str, sha: Option<&Value>| {
        let mut fields = json!({"message": "docs: new", "content": content});
        if let Some(sha) = sha {
            fields["sha"] = sha.clone();
        }
        fields
    };
    let (status, made) = stage.call("PUT", path, write("aGk=", None)).await;
    assert_eq!((status, &made["content"]["path"]), (201, &json!("docs/new.txt")));
    assert_eq!(made["commit"]["author"]["name"], "ada");
    let main = stage.get("repos/acme/lib/git/ref/heads/main").await["object"]["sha"].clone();
    assert_eq!(main, made["commit"]["sha"], "the branch is at the commit");
    // Whoever writes over a file must have seen it.
    assert_eq!(stage.call("PUT", path, write("aG8=", None)).await.0, 422);
    let wrong = json!("0".repeat(40));
    assert_eq!(stage.call("PUT", path, write("aG8=", Some(&wrong))).await.0, 409);
    let (status, changed) = stage.call("PUT", path, write("aG8=", Some(&made["content"]["sha"]))).await;
    assert_eq!(status, 200);
    assert_eq!(stage.get(path).await["content"], "aG8=\n");
    let gone = json!({"message": "docs: none", "sha": changed["content"]["sha"]});
    let (status, deleted) = stage.call("DELETE", path, gone).await;
    assert_eq!((status, &deleted["content"]), (200, &Value::Null));
    assert_eq!(stage.call("GET", path, Value::Null).await.0, 404);
    let elsewhere = json!({"message": "x", "content": "aGk=", "branch": "gone"});
    assert_eq!(stage.call("PUT", path, elsewhere).await.0, 404);
}

#[tokio::test]
async fn a_protected_branch_takes_no_file_without_a_pull_request() {
    let rule = "[[repos.protection]]\nbranches = [\"main\"]\n[[repos.checks]]\nname = \"test\"\n";
    let stage = StagedWorld::set(&format!("{WORLD}{rule}")).await;
    let fields = json!({"message": "docs: new", "content": "aGk="});
    let (status, refused) = stage.call("PUT", "repos/acme/lib/contents/new.txt", fields).await;
    assert_eq!(status, 409);
    assert!(refused["message"].as_str().unwrap().contains("through a pull request"), "{refused}");
    let head = stage.get("repos/acme/lib/git/ref/heads/main").await["object"]["sha"].clone();
    let head = head.as_str().unwrap();
    assert_eq!(stage.get(&format!("repos/acme/lib/commits/{head}/check-runs")).await["total_count"], 1);
    let suites = stage.get(&format!("repos/acme/lib/commits/{head}/check-suites")).await;
    let suite = &suites["check_suites"][0];
    assert_eq!((&suites["total_count"], &suite["head_sha"]), (&json!(1), &json!(head)));
    let address = format!("repos/acme/lib/check-suites/{}", suite["id"]);
    assert_eq!(stage.get(&address).await["id"], suite["id"]);
    assert_eq!(stage.get(&format!("{address}/check-runs")).await["check_runs"][0]["name"], "test");
}
