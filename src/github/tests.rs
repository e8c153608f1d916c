//! The client against a server that follows a script.

use super::repos::RepoVisibility;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::script::{Script, Scripted, TOKEN, answer};
use super::*;
use crate::egress::{Disclosed, LeakGuard, Permit, Surface};
use crate::ids::{BranchName, CommitId, Digest, RepoName};

const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";

fn repo() -> RepoName {
    "brightwater/sluice".parse().unwrap()
}

fn branch(name: &str) -> BranchName {
    name.parse().unwrap()
}

fn head() -> CommitId {
    HEAD.parse().unwrap()
}

fn permit() -> Permit {
    Permit::Cleared(LeakGuard::default().clear(&Surface("test".into()), &[]).unwrap())
}

fn ok(body: &Value) -> Scripted {
    answer(200, body)
}

fn refused(status: u16, message: &str) -> Scripted {
    answer(status, json!({"message": message}))
}

fn a_repository(is_private: bool) -> Value {
    json!({"full_name": "brightwater/sluice", "private": is_private, "default_branch": "main",
        "html_url": "https://github.example/brightwater/sluice"})
}

fn a_pull(state: &str, merged_at: Option<&str>) -> Value {
    let end = |name: &str| json!({"ref": name, "sha": HEAD, "repo": {"full_name": "brightwater/sluice"}});
    json!({"number": 7, "html_url": "https://github.example/7", "state": state, "title": "Fix", "body": null,
        "head": end("fix"), "base": end("main"), "merged_at": merged_at, "merge_commit_sha": HEAD,
        "user": {"login": "dependabot[bot]"}})
}

fn new_pull() -> NewPullRequest {
    NewPullRequest {
        head_repo: repo(),
        head: branch("fix"),
        base: branch("main"),
        title: "Fix".into(),
        body: String::new(),
    }
}

fn merge() -> MergeRequest {
    MergeRequest { head: head(), method: PullMergeMethod::Merge, title: None, message: None }
}

#[tokio::test]
async fn a_read_is_repeated_after_a_fault() {
    let script = Script::of([answer(502, "<html>"), ok(&a_repository(false))]).await;
    let client = script.client().await;
    let found = client.repository(&repo()).await.unwrap().unwrap();
    assert_eq!(found.visibility, RepoVisibility::Public);
    assert_eq!(client.requests(), 2);
    assert_eq!(script.lines(), ["GET /repos/brightwater/sluice", "GET /repos/brightwater/sluice"]);
}

#[tokio::test]
async fn en_08_a_write_is_not_repeated_after_a_fault() {
    let script = Script::of([answer(502, "")]).await;
    let client = script.client().await;
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::Unknown);
    assert_eq!(script.lines(), ["POST /repos/brightwater/sluice/pulls"]);
}

#[tokio::test]
async fn en_08_a_write_whose_answer_is_lost_is_not_repeated() {
    let script = Script::of([answer(0, "")]).await;
    let client = script.client().await;
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert!(matches!(error.class, Class::Transport { .. }), "{error}");
    assert_eq!(error.certainty(), Certainty::Unknown);
    assert_eq!(client.requests(), 1);
}

#[tokio::test]
async fn rd_26_retry_after_is_honoured_for_a_write() {
    let limited = answer(403, json!({"message": "secondary rate limit"})).header("retry-after: 90");
    let script = Script::of([limited, answer(201, a_pull("open", None))]).await;
    let client = script.client().await;
    let made = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap();
    assert!(matches!(made, PullCreation::Created(pull) if pull.number == 7 && pull.state == PullState::Open));
    assert_eq!(script.clock.now().to_string(), "2026-03-02T09:01:30Z");
}

#[tokio::test]
async fn a_limit_beyond_patience_is_reported_with_its_hour() {
    let reset = "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap();
    let limited =
        answer(403, "{}").header("x-ratelimit-remaining: 0").header("x-ratelimit-reset: 1772445600");
    let script = Script::of([limited]).await;
    let error = script.client().await.repository(&repo()).await.unwrap_err();
    assert_eq!(error.class, Class::RateLimited { until: reset });
    assert!(error.to_string().contains("until 2026-03-02T10:00:00Z"), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_certain_and_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let clock = crate::clock::Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap());
    let client = Client::connect(Endpoint::new(api, TOKEN.to_owned().into(), clock)).await.unwrap();
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert!(matches!(error.class, Class::NoConnection { .. }), "{error}");
    assert_eq!(error.certainty(), Certainty::NotCarriedOut);
    assert_eq!(client.requests(), 6);
}

#[tokio::test]
async fn every_request_names_client_and_version_once_and_shows_its_token_nowhere_else() {
    let echo = format!("who is {TOKEN}?");
    let script = Script::of([answer(422, json!({"message": echo}))]).await;
    let client = script.client().await;
    let error = client.repository(&repo()).await.unwrap_err();
    let asked = script.asked().remove(0).to_ascii_lowercase();
    for header in
        ["user-agent: lockgate/", "x-github-api-version: 2022-11-28", "authorization: bearer ", "accept: "]
    {
        assert_eq!(asked.matches(header).count(), 1, "{header} in {asked}");
    }
    let endpoint = Endpoint::new(
        format!("http://{}", script.address).parse().unwrap(),
        TOKEN.to_owned().into(),
        script.clock.clone(),
    );
    for text in [format!("{error} {error:?}"), format!("{client:?}"), format!("{endpoint:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn a_token_with_a_line_break_is_refused_without_being_repeated() {
    let clock = crate::clock::Clock::system();
    let api = "http://127.0.0.1:1".parse().unwrap();
    let error = Client::connect(Endpoint::new(api, format!("{TOKEN}\n").into(), clock)).await.unwrap_err();
    assert_eq!(error, ConnectError::Token);
    assert!(!format!("{error} {error:?}").contains(TOKEN));
}

#[tokio::test]
async fn bp_23_an_existing_pull_request_is_adopted() {
    let exists = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom",
        "message": "A pull request already exists for brightwater:fix."}]});
    let closed = a_pull("closed", None);
    let list = json!([closed, a_pull("open", None)]);
    let script = Script::of([answer(422, exists), ok(&list)]).await;
    let made = script.client().await.create_pull(&repo(), &new_pull(), &permit()).await.unwrap();
    assert!(matches!(made, PullCreation::AlreadyExists(pull) if pull.state == PullState::Open));
    assert!(script.lines()[1].contains("state=all&head=brightwater%3Afix&base=main"), "{:?}", script.lines());
}

/// A pull request from a branch `fix` of this repository.
fn a_pull_from(number: u64, head: &str) -> Value {
    let mut pull = a_pull("open", None);
    pull["number"] = json!(number);
    pull["head"]["repo"]["full_name"] = json!(head);
    pull
}

#[tokio::test]
async fn bp_43_the_pull_request_of_a_fork_is_told_from_that_of_the_repository() {
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
async fn bp_43_a_pull_request_from_a_fork_names_it_as_github_wants() {
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
async fn rd_14_a_pull_request_merged_by_hand_is_adopted() {
    let merged = a_pull("closed", Some("2026-03-02T08:59:00Z"));
    let script = Script::of([refused(405, "Pull Request is not mergeable"), ok(&merged)]).await;
    let outcome = script.client().await.merge_pull(&repo(), 7, &merge(), &permit()).await.unwrap();
    assert_eq!(outcome, MergeResult::AlreadyMerged(Some(head())));
}

#[tokio::test]
async fn a_merge_is_tried_again_when_the_base_moved() {
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

#[tokio::test]
async fn a_private_permit_does_not_reach_a_public_repository() {
    let script = Script::of([ok(&a_repository(false))]).await;
    let client = script.client().await;
    for _ in 0..2 {
        let error = client.create_pull(&repo(), &new_pull(), &Permit::Private).await.unwrap_err();
        assert!(matches!(error.class, Class::NotPrivate { .. }), "{error}");
        assert_eq!(error.certainty(), Certainty::NotCarriedOut);
    }
    assert_eq!(script.lines(), ["GET /repos/brightwater/sluice"], "asked once, and nothing was sent");
}

#[tokio::test]
async fn a_renamed_repository_is_followed_for_writes_and_never_to_another_host() {
    let elsewhere = answer(307, "").header("location: http://198.51.100.7/x");
    let renamed = answer(307, "").header("location: /api/v3/repositories/1/pulls");
    let script = Script::of([renamed, answer(201, a_pull("open", None)), elsewhere]).await;
    let client = script.client().await;
    client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap();
    assert_eq!(script.lines()[1], "POST /repositories/1/pulls");
    assert!(script.asked()[1].contains("\"title\":\"Fix\""));
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert!(matches!(error.class, Class::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn dispatch_understands_both_answers() {
    let details = json!({"workflow_run_id": 12, "run_url": "https://x.example", "html_url": "https://github.example/12"});
    let script = Script::of([answer(204, ""), ok(&details)]).await;
    let client = script.client().await;
    let inputs = BTreeMap::from([("version".to_owned(), "2.4.3".to_owned())]);
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        outcomes.push(
            client
                .dispatch(&repo(), "release.yml", &branch("release/2.4.x"), &inputs, &permit())
                .await
                .unwrap(),
        );
    }
    assert_eq!(
        outcomes,
        [Dispatched::Unnamed, Dispatched::Run { id: 12, url: "https://github.example/12".into() }]
    );
    assert!(script.asked()[0].contains(r#""return_run_details":true"#));
}

#[tokio::test]
async fn checks_are_read_from_both_places() {
    let runs = json!({"total_count": 0, "check_runs": []});
    let status = json!({"state": "pending", "statuses": [], "total_count": 0});
    let red = json!({"state": "failure", "statuses": [{"context": "ci/old", "state": "error", "target_url": null}]});
    let script = Script::of([ok(&runs), ok(&status), ok(&runs), ok(&red)]).await;
    let client = script.client().await;
    assert_eq!(client.checks(&repo(), &head()).await.unwrap().verdict(&[]), ChecksVerdict::Absent);
    assert!(matches!(client.checks(&repo(), &head()).await.unwrap().verdict(&[]), ChecksVerdict::Red(_)));
}

fn an_advisory(state: &str) -> Value {
    json!({"ghsa_id": "GHSA-23cf-ghjm-pqrv", "cve_id": null, "html_url": "https://github.example/a", "summary": "s",
        "description": null, "severity": "high", "state": state, "private_fork": null, "vulnerabilities": [],
        "cvss": {"vector_string": null, "score": null}, "collaborating_users": null, "published_at": null})
}

#[tokio::test]
async fn an_advisory_is_edited_while_private_and_published_once() {
    let id = "GHSA-23cf-ghjm-pqrv".parse().unwrap();
    let edited = ok(&an_advisory("draft"));
    let script = Script::of([
        ok(&an_advisory("draft")),
        edited,
        ok(&an_advisory("published")),
        ok(&an_advisory("published")),
    ])
    .await;
    let client = script.client().await;
    let line = Vulnerability {
        ecosystem: "other".into(),
        package: Some("sluice".into()),
        vulnerable_version_range: Some("< 2.4.3".into()),
        patched_versions: Some("2.4.3".into()),
    };
    let edit = AdvisoryEdit {
        rating: Some(Rating::Level(AdvisorySeverity::High)),
        vulnerabilities: Some(vec![line]),
        ..AdvisoryEdit::default()
    };
    client.update_advisory(&repo(), &id, &edit, &Permit::Private).await.unwrap();
    let sent = &script.asked()[1];
    assert!(sent.contains(r#""severity":"high""#) && !sent.contains("cvss_vector_string"), "{sent}");
    let error = client.update_advisory(&repo(), &id, &edit, &Permit::Private).await.unwrap_err();
    assert!(matches!(error.class, Class::NotPrivate { .. }), "{error}");
    let disclosed = Disclosed::by_release_day_gate(Digest::of("approved"));
    let outcome = client.publish_advisory(&repo(), &id, &disclosed).await.unwrap();
    assert!(matches!(outcome, Publication::AlreadyPublished(_)), "rd_17: somebody published it first");
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_only_from_the_same_host() {
    let pulls = |number: u64| json!([a_pull_from(number, "brightwater/sluice")]);
    let script = Script::of([]).await;
    let next = format!("link: <http://{}/api/v3/page2>; rel=\"next\", <x>; rel=\"last\"", script.address);
    script.then([ok(&pulls(1)).header(next), ok(&pulls(2))]);
    let client = script.client().await;
    let all = client.pulls(&repo(), &PullQuery::default()).await.unwrap();
    assert_eq!(all.iter().map(|pull| pull.number).collect::<Vec<_>>(), [1, 2]);
    script.then([ok(&pulls(1)).header("link: <http://198.51.100.7/page2>; rel=\"next\"")]);
    assert!(client.pulls(&repo(), &PullQuery::default()).await.is_err());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_names_the_field() {
    let script = Script::of([ok(&json!({"full_name": "brightwater/sluice", "private": "no"}))]).await;
    let error = script.client().await.repository(&repo()).await.unwrap_err();
    assert!(error.to_string().contains("`private`"), "{error}");
}

#[test]
fn the_pace_suits_the_place() {
    let endpoint =
        |api: &str| Endpoint::new(api.parse().unwrap(), String::new().into(), crate::clock::Clock::system());
    assert_eq!(endpoint("https://api.github.com").pacing.mutation_interval, Duration::from_secs(1));
    assert_eq!(endpoint("http://127.0.0.1:1").pacing.mutation_interval, Duration::ZERO);
}
