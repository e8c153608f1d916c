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
