//! Pull requests and their merges.

use serde_json::{Value, json};

use super::super::script::{Script, answer};
use super::super::*;
use super::*;
use crate::ids::RepoName;

#[tokio::test]
async fn bp_23_existing_pull_request_is_adopted() {
    let exists = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom",
        "message": "A pull request already exists for brightwater:fix."}]});
    let closed = a_pull("closed", None);
    let list = json!([closed, a_pull("open", None)]);
    let script = Script::of([answer(422, exists), ok(&list)]).await;
    let made = script.client().await.create_pull(&repo(), &new_pull(), &permit()).await.unwrap();
    assert!(matches!(made, PullCreation::AlreadyExists(pull) if pull.state == PullState::Open));
    assert!(script.lines()[1].contains("state=all&head=brightwater%3Afix&base=main"), "{:?}", script.lines());
}

#[tokio::test]
async fn bp_43_pull_requests_from_a_fork_and_from_the_repository_are_distinguished() {
    let own = a_pull_from(7, "brightwater/sluice");
    let twin = a_pull_from(8, "brightwater/sluice-fork");
    let strangers = a_pull_from(9, "mara/sluice");
    let all = json!([own, twin, strangers]);
    for (home, expected) in
        [("brightwater/sluice", 7), ("brightwater/sluice-fork", 8), ("mara/sluice", 9), ("Mara/Sluice", 9)]
    {
        let home: RepoName = home.parse().unwrap();
        let script = Script::of([ok(&all)]).await;
        let client = script.client().await;
        let found = client.find_pull(&repo(), &home, &branch("fix"), &branch("main")).await.unwrap();
        assert_eq!(found.unwrap().number, expected, "from {home}");
        assert!(script.lines()[0].contains(&format!("head={}%3Afix", home.owner())), "{:?}", script.lines());
    }
}

#[tokio::test]
async fn bp_43_pull_request_from_a_fork_names_it_as_github_expects() {
    for (home, head, named) in [
        ("brightwater/sluice", "brightwater:fix", None),
        ("mara/sluice", "mara:fix", None),
        ("brightwater/sluice-fork", "brightwater:fix", Some("sluice-fork")),
    ] {
        let script = Script::of([ok(&a_pull_from(7, home))]).await;
        let wanted = NewPullRequest { head_repo: home.parse().unwrap(), ..new_pull() };
        script.client().await.create_pull(&repo(), &wanted, &permit()).await.unwrap();
        let asked = script.asked().remove(0);
        let body: Value = serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!((body["head"].as_str(), body["head_repo"].as_str()), (Some(head), named));
    }
}

#[tokio::test]
async fn rd_14_pull_request_merged_by_hand_is_adopted() {
    let merged = a_pull("closed", Some("2026-03-02T08:59:00Z"));
    let script = Script::of([refused(405, "Pull Request is not mergeable"), ok(&merged)]).await;
    let outcome = script.client().await.merge_pull(&repo(), 7, &merge(), &permit()).await.unwrap();
    assert_eq!(outcome, MergeResult::AlreadyMerged(Some(head())));
}

#[tokio::test]
async fn merge_is_retried_when_the_base_moved() {
    let moved = refused(405, "Base branch was modified. Review and try the merge again.");
    let merged = json!({"sha": HEAD, "merged": true, "message": "merged"});
    let script = Script::of([moved, ok(&merged)]).await;
    let outcome = script.client().await.merge_pull(&repo(), 7, &merge(), &permit()).await.unwrap();
    assert_eq!(outcome, MergeResult::Merged(head()));
    assert!(
        script.asked().iter().all(|request| request.contains(HEAD)),
        "the proven head is named each time"
    );
}
