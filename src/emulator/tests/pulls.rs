//! Pull requests, protection and git over HTTP.

use serde_json::{Value, json};

use super::stage::StagedWorld;

const REPO: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
collaborators = { bob = "write" }
[[repos.protection]]
branches = ["main", "release/**"]
required_checks = ["test"]
[[repos.checks]]
name = "test"
delay = "5m"
"#;

#[tokio::test]
async fn pull_request_waits_for_its_checks_and_is_merged() {
    let stage = StagedWorld::set(REPO).await;
    let head = stage.commit("fix", "main", "lib.c", "one\n2\nthree\n").await;
    stage.push("acme/lib", "fix").await;
    let fields = json!({"title": "fix it", "head": "fix", "base": "main"});
    let (status, pull) = stage.call("POST", "repos/acme/lib/pulls", fields.clone()).await;
    assert_eq!((status, &pull["number"], &pull["mergeable"]), (201, &json!(1), &Value::Null));
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["mergeable"], json!(true));
    let (status, again) = stage.call("POST", "repos/acme/lib/pulls", fields).await;
    assert_eq!(status, 422);
    assert_eq!(again["errors"][0]["message"], "A pull request already exists for acme:fix.");

    let (status, refused) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({"sha": head})).await;
    assert_eq!(
        (status, refused["message"].as_str()),
        (405, Some("Required status check \"test\" is expected."))
    );
    let runs = stage.get(&format!("repos/acme/lib/commits/{head}/check-runs")).await;
    assert_eq!(runs["check_runs"][0]["status"], "in_progress");
    stage.wait(5).await;
    let runs = stage.get(&format!("repos/acme/lib/commits/{head}/check-runs")).await;
    assert_eq!(runs["check_runs"][0]["conclusion"], "success");

    let (status, merged) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({"sha": head})).await;
    assert_eq!((status, &merged["merged"]), (200, &json!(true)), "{merged}");
    let reference = stage.get("repos/acme/lib/git/ref/heads/main").await;
    assert_eq!(reference["object"]["sha"], merged["sha"]);
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["merged"], json!(true));
    let remote = stage.remote("token-bob", "acme/lib");
    assert!(stage.git_ok(&["ls-remote", &remote]).await.contains("refs/pull/1/head"));
}

#[tokio::test]
async fn conflicting_pull_request_is_dirty_and_merged_by_nobody() {
    let stage = StagedWorld::set("[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\n").await;
    for (branch, text) in [("one", "A\ntwo\nthree\n"), ("two", "B\ntwo\nthree\n")] {
        stage.commit(branch, "main", "lib.c", text).await;
        stage.push("acme/lib", branch).await;
        let fields = json!({"title": branch, "head": branch, "base": "main"});
        assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await.0, 201);
    }
    let body = json!({"merge_method": "squash"});
    assert_eq!(stage.call("PUT", "repos/acme/lib/pulls/1/merge", body.clone()).await.0, 200);
    stage.get("repos/acme/lib/pulls/2").await;
    let second = stage.get("repos/acme/lib/pulls/2").await;
    assert_eq!((&second["mergeable"], &second["mergeable_state"]), (&json!(false), &json!("dirty")));
    let (status, refused) = stage.call("PUT", "repos/acme/lib/pulls/2/merge", body).await;
    assert_eq!((status, refused["message"].as_str()), (405, Some("Pull Request is not mergeable")));
}

#[tokio::test]
async fn protected_branch_refuses_a_push_and_strangers_may_not_push_at_all() {
    let stage = StagedWorld::set(REPO).await;
    stage.commit("main", "main", "lib.c", "pushed\n").await;
    let refused = stage.git(&["push", &stage.remote("token-ada", "acme/lib"), "main"]).await;
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("GH006: Protected branch update failed for refs/heads/main"), "{said}");
    let stranger = stage.git(&["push", &stage.remote("token-eve", "acme/lib"), "main:other"]).await;
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("denied to eve"));
    let head = stage.git(&["push", &stage.remote("token-ada", "acme/lib"), "main:refs/pull/9/head"]).await;
    assert!(String::from_utf8_lossy(&head.stderr).contains("hidden ref"));
    stage.push("acme/lib", "main:other").await;
}

#[tokio::test]
async fn pull_request_from_a_fork_brings_its_commits_over() {
    let stage = StagedWorld::set("[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\n").await;
    let forked = stage.call_as("token-bob", "POST", "repos/acme/lib/forks", json!({})).await;
    assert_eq!((forked.0, &forked.1["full_name"]), (202, &json!("bob/lib")));
    let head = stage.commit("fix", "main", "lib.c", "fixed\n").await;
    let remote = stage.remote("token-bob", "bob/lib");
    stage.git_ok(&["push", "-q", &remote, "fix"]).await;
    let fields = json!({"title": "fix", "head": "bob:fix", "base": "main"});
    let (status, pull) = stage.call_as("token-bob", "POST", "repos/acme/lib/pulls", fields).await;
    assert_eq!((status, &pull["head"]["sha"]), (201, &json!(head)), "{pull}");
    let next = stage.commit("fix", "fix", "lib.c", "fixed better\n").await;
    stage.git_ok(&["push", "-q", &remote, "fix"]).await;
    let seen = stage.git_ok(&["ls-remote", &stage.remote("token-ada", "acme/lib"), "refs/pull/1/head"]).await;
    assert!(seen.starts_with(&next));
    let listed = stage.get("repos/acme/lib/pulls?head=bob:fix&base=main&state=open").await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    for method in ["rebase"] {
        let body = json!({"merge_method": method, "sha": next});
        assert_eq!(stage.call("PUT", "repos/acme/lib/pulls/1/merge", body).await.0, 200);
    }
}

#[tokio::test]
async fn token_user_agent_and_privacy_are_checked() {
    let further = "[[repos]]\nname = 'acme/secret'\nvisibility = 'private'\nsource = { path = 'SEED' }\n";
    let stage = StagedWorld::set(further).await;
    assert_eq!(stage.call_as("nobody", "GET", "user", Value::Null).await.0, 401);
    assert_eq!(stage.call_as("token-eve", "GET", "repos/acme/secret", Value::Null).await.0, 404);
    assert_eq!(stage.call("GET", "repos/acme/secret", Value::Null).await.0, 200);
    let clone = stage.git(&["ls-remote", &stage.remote("token-eve", "acme/secret")]).await;
    assert!(String::from_utf8_lossy(&clone.stderr).contains("not found"));
    let log = std::fs::read_to_string(stage.dir.path().join("world/requests.jsonl")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1], json!({"method": "GET", "path": "/repos/acme/secret", "status": 404}));
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn fault_after_the_work_leaves_the_work_done() {
    let stage = StagedWorld::set("[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\n").await;
    stage.commit("fix", "main", "lib.c", "x\n").await;
    stage.push("acme/lib", "fix").await;
    let fault = json!({"method": "POST", "path": "/pulls$", "status": 502, "effect": "after"});
    assert_eq!(stage.call("POST", "_emulator/faults", fault).await.0, 201);
    let fields = json!({"title": "fix", "head": "fix", "base": "main"});
    assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await, (502, Value::Null));
    assert_eq!(stage.get("repos/acme/lib/pulls").await.as_array().map(Vec::len), Some(1));
}

/// Bob's pull request `topic` in a repository in which ada and bob write and eve reads.
async fn proposed() -> StagedWorld {
    let stage = StagedWorld::set(REPO).await;
    stage.commit("topic", "main", "lib.c", "one\n2\nthree\n").await;
    stage.push("acme/lib", "topic").await;
    let fields = json!({"title": "topic", "head": "topic", "base": "main"});
    assert_eq!(stage.call_as("token-bob", "POST", "repos/acme/lib/pulls", fields).await.0, 201);
    stage
}

#[tokio::test]
async fn reviews_are_refused_and_dismissed_in_githubs_words() {
    let stage = proposed().await;
    let (reviews, pull) = ("repos/acme/lib/pulls/1/reviews", "repos/acme/lib/pulls/1");
    let review = async |token: &str, event: &str| {
        let body = json!({"event": event, "body": "seen"});
        stage.call_as(token, "POST", reviews, body).await
    };
    let said = |(status, answer): (u16, Value)| (status, answer["errors"][0].as_str().map(str::to_owned));
    let refused = |text: &str| (422, Some(text.to_owned()));
    assert_eq!(said(review("token-bob", "APPROVE").await), refused("Can not approve your own pull request"));
    let reviewers = json!({"reviewers": ["bob"]});
    let asked = stage.call("POST", &format!("{pull}/requested_reviewers"), reviewers).await;
    let text = "Review cannot be requested from pull request author.";
    assert_eq!((asked.0, asked.1["message"].as_str()), (422, Some(text)));

    let (status, approved) = review("token-ada", "APPROVE").await;
    assert_eq!((status, &approved["state"]), (200, &json!("APPROVED")), "{approved}");
    let dismissals = format!("{reviews}/{}/dismissals", approved["id"]);
    let why = json!({"message": "read again"});
    assert_eq!(stage.call_as("token-eve", "PUT", &dismissals, why.clone()).await.0, 403);
    assert_eq!(stage.call("PUT", &dismissals, json!({})).await.0, 422, "a reason is needed");
    let (status, dismissed) = stage.call("PUT", &dismissals, why.clone()).await;
    assert_eq!((status, &dismissed["state"]), (200, &json!("DISMISSED")), "{dismissed}");
    let text = "Can not dismiss a dismissed pull request review";
    assert_eq!(said(stage.call("PUT", &dismissals, why).await), refused(text));

    let draft = stage.call("POST", reviews, json!({"body": "later"})).await;
    assert_eq!((draft.0, &draft.1["state"]), (200, &json!("PENDING")));
    let text = "User can only have one pending review per pull request";
    assert_eq!(said(review("token-ada", "APPROVE").await), refused(text));
    assert_eq!(stage.call("PATCH", pull, json!({"state": "closed"})).await.0, 200);
    assert_eq!(said(review("token-eve", "APPROVE").await), refused("Can only approve open pull requests"));
    assert_eq!(review("token-eve", "COMMENT").await.0, 200);
}

#[tokio::test]
async fn a_closed_pull_request_is_reopened_only_as_what_it_proposed() {
    let stage = proposed().await;
    let pull = "repos/acme/lib/pulls/1";
    let change = async |body: Value| {
        let (status, answer) = stage.call("PATCH", pull, body).await;
        (status, answer["errors"][0]["message"].as_str().map(str::to_owned))
    };
    let refused = |text: &str| (422, Some(text.to_owned()));
    let (close, open) = (json!({"state": "closed"}), json!({"state": "open"}));
    assert_eq!(change(close.clone()).await, (200, None));
    stage.push("acme/lib", "main:next").await;
    let text = "Cannot change the base branch of a closed pull request.";
    assert_eq!(change(json!({"base": "next"})).await, refused(text));
    let next = stage.commit("topic", "topic", "lib.c", "one\n2\n3\n").await;
    stage.push("acme/lib", "topic").await;
    assert_eq!(change(open.clone()).await, (200, None), "it went on from what was proposed");
    assert_eq!(stage.get(pull).await["head"]["sha"], json!(next));

    assert_eq!(change(close).await, (200, None));
    stage.commit("other", "main", "lib.c", "1\ntwo\nthree\n").await;
    stage.push("acme/lib", "+other:topic").await;
    let text = "state cannot be changed. The topic branch was force-pushed or recreated.";
    assert_eq!(change(open.clone()).await, refused(text));
    stage.push("acme/lib", ":topic").await;
    assert_eq!(change(open).await, refused("state cannot be changed. The topic branch has been deleted."));
}

#[tokio::test]
async fn a_draft_is_merged_by_nobody() {
    let stage = StagedWorld::set(REPO).await;
    stage.commit("topic", "main", "lib.c", "one\n2\nthree\n").await;
    stage.push("acme/lib", "topic").await;
    let fields = json!({"title": "topic", "head": "topic", "base": "main", "draft": true});
    assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await.0, 201);
    let (status, refused) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    assert_eq!((status, refused["message"].as_str()), (405, Some("Pull Request is still a draft")));
}

#[tokio::test]
async fn commits_that_a_ruleset_of_the_base_refuses_are_merged_by_no_method_but_by_who_may_bypass_it() {
    let rules = "[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\ncollaborators = { bob = 'write' }\n\
                 [[repos.rulesets]]\nname = 'words'\ntarget = 'branch'\ninclude = ['main']\n\
                 message_pattern = '^sec: '\nbypass = ['bob']\n";
    let stage = StagedWorld::set(rules).await;
    stage.commit("topic", "main", "lib.c", "one\n2\nthree\n").await;
    stage.push("acme/lib", "topic").await;
    let fields = json!({"title": "sec: topic", "head": "topic", "base": "main"});
    assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await.0, 201);
    let words =
        "Repository rule violations found\n\nCommit message must match a given regex pattern: ^sec: \n\n";
    for method in ["merge", "squash"] {
        let body = json!({"merge_method": method});
        let (status, refused) = stage.call("PUT", "repos/acme/lib/pulls/1/merge", body).await;
        assert_eq!((status, refused["message"].as_str()), (405, Some(words)), "{method}");
    }
    let merged = stage.call_as("token-bob", "PUT", "repos/acme/lib/pulls/1/merge", json!({})).await;
    assert_eq!(merged.0, 200, "{merged:?}");
}

#[tokio::test]
async fn what_a_ruleset_wants_not_to_match_is_refused_when_it_does() {
    let rules = "[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\n\
                 [[repos.rulesets]]\nname = 'words'\ntarget = 'branch'\n\
                 name_pattern = { not = '^wip/' }\nmessage_pattern = { not = 'lib.c' }\n";
    let stage = StagedWorld::set(rules).await;
    let head = stage.commit("topic", "main", "other.c", "1\n").await;
    stage.push("acme/lib", "topic").await;
    let make = |name: &str| json!({"ref": format!("refs/heads/{name}"), "sha": head});
    assert_eq!(stage.call("POST", "repos/acme/lib/git/refs", make("other")).await.0, 201);
    assert_eq!(stage.call("POST", "repos/acme/lib/git/refs", make("wip/x")).await.0, 422);
    let remote = stage.remote("token-ada", "acme/lib");
    let refusal = async |pushed: &str| {
        let output = stage.git(&["push", &remote, pushed]).await;
        assert!(!output.status.success(), "{pushed}");
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refusal("topic:wip/y").await;
    assert!(told.contains("Ref name must not match a given regex pattern: ^wip/"), "{told}");
    stage.commit("words", "main", "lib.c", "1\n").await;
    let told = refusal("words").await;
    assert!(told.contains("Commit message must not match a given regex pattern: lib.c"), "{told}");
    let (_, listed) = stage.call("GET", "repos/acme/lib/rulesets/1", json!(null)).await;
    let rules = listed["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["parameters"]["negate"] == true), "{listed}");
}
