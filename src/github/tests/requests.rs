//! Retries, limits, headers and redirects.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::super::repository::RepoVisibility;
use super::super::script::{Script, TOKEN, answer};
use super::super::*;
use super::*;
use crate::failure::{Effect, Persistence, ServiceError as _};

#[tokio::test]
async fn read_is_retried_after_a_server_failure() {
    let script = Script::of([answer(502, "<html>"), ok(&a_repository(false))]).await;
    let client = script.client().await;
    let found = client.repository(&repo()).await.unwrap().unwrap();
    assert_eq!(found.visibility, RepoVisibility::Public);
    assert_eq!(client.requests(), 2);
    assert_eq!(script.lines(), ["GET /repos/brightwater/sluice", "GET /repos/brightwater/sluice"]);
}

#[tokio::test]
async fn en_08_write_is_not_retried_after_a_server_failure() {
    let script = Script::of([answer(502, "")]).await;
    let client = script.client().await;
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(script.lines(), ["POST /repos/brightwater/sluice/pulls"]);
}

#[tokio::test]
async fn en_08_write_whose_response_is_lost_is_not_retried() {
    let script = Script::of([answer(0, "")]).await;
    let client = script.client().await;
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert!(matches!(error.class, Class::Transport { .. }), "{error}");
    assert_eq!(error.effect(), Effect::Unknown);
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
async fn limit_beyond_patience_is_reported_with_its_end() {
    let reset = "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap();
    let limited =
        answer(403, "{}").header("x-ratelimit-remaining: 0").header("x-ratelimit-reset: 1772445600");
    let script = Script::of([limited]).await;
    let error = script.client().await.repository(&repo()).await.unwrap_err();
    assert_eq!(error.class, Class::RateLimited { until: reset });
    assert!(error.to_string().contains("until 2026-03-02T10:00:00Z"), "{error}");
}

#[tokio::test]
async fn refused_connection_is_certain_and_retried() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let clock = crate::clock::Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap());
    let client = Client::connect(Endpoint::new(api, TOKEN.to_owned(), clock)).await.unwrap();
    let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
    assert!(matches!(error.class, Class::NoConnection { .. }), "{error}");
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(client.requests(), 6);
}

#[tokio::test]
async fn every_request_has_its_headers_once_and_the_token_shows_nowhere_else() {
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
        TOKEN.to_owned(),
        script.clock.clone(),
    );
    for text in [format!("{error} {error:?}"), format!("{client:?}"), format!("{endpoint:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn token_with_a_line_break_is_refused_and_not_shown() {
    let clock = crate::clock::Clock::system();
    let api = "http://127.0.0.1:1".parse().unwrap();
    let error = Client::connect(Endpoint::new(api, format!("{TOKEN}\n"), clock)).await.unwrap_err();
    assert_eq!(error, ConnectError::Token);
    assert!(!format!("{error} {error:?}").contains(TOKEN));
}

#[tokio::test]
async fn private_permit_does_not_reach_a_public_repository() {
    let script = Script::of([ok(&a_repository(false))]).await;
    let client = script.client().await;
    for _ in 0..2 {
        let error = client.create_pull(&repo(), &new_pull(), &Permit::Private).await.unwrap_err();
        assert!(matches!(error.class, Class::NotPrivate { .. }), "{error}");
        assert_eq!(error.effect(), Effect::None);
    }
    assert_eq!(script.lines(), ["GET /repos/brightwater/sluice"], "asked once, and nothing was sent");
}

#[tokio::test]
async fn redirects_are_followed_by_reads_on_the_same_host_and_by_nothing_else() {
    let renamed = || answer(301, "").header("location: /api/v3/repositories/1");
    let elsewhere = || answer(301, "").header("location: http://198.51.100.7/x");
    let script = Script::of([renamed(), ok(&a_repository(false)), elsewhere()]).await;
    let client = script.client().await;
    client.repository(&repo()).await.unwrap();
    assert_eq!(script.lines()[1], "GET /repositories/1");
    let error = client.repository(&repo()).await.unwrap_err();
    assert_eq!(error.class, Class::Moved { to: "http://198.51.100.7/x".into() });

    for place in ["http://198.51.100.7/x", "/api/v3/repositories/1/pulls"] {
        script.then([answer(307, "").header(format!("location: {place}"))]);
        let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
        assert_eq!((error.effect(), error.persistence()), (Effect::None, Persistence::Permanent));
    }
    assert_eq!(script.lines().len(), 5, "nothing was sent to where it redirects");
}

#[tokio::test]
async fn a_page_for_people_is_no_answer_whatever_its_status() {
    let page = || answer(200, "<!DOCTYPE html><title>Sign in</title>");
    let typed = answer(202, "Maintenance").header("content-type: text/html; charset=utf-8");
    let script = Script::of([page(), ok(&a_repository(false)), page(), typed]).await;
    let client = script.client().await;
    client.repository(&repo()).await.unwrap();
    assert_eq!(script.lines().len(), 2, "a read is repeated");
    for status in [200, 202] {
        let error = client.create_pull(&repo(), &new_pull(), &permit()).await.unwrap_err();
        assert_eq!(error.class, Class::Page { status });
        assert_eq!((error.effect(), error.persistence()), (Effect::Unknown, Persistence::TRANSIENT));
    }
    assert_eq!(script.lines().len(), 4, "a write is not");
}

#[tokio::test]
async fn nothing_and_half_of_something_are_no_answers_although_they_look_whole() {
    for broken in ["", r#"{"id": 1, "na"#] {
        let broken = || answer(200, broken);
        let script = Script::of([broken(), ok(&a_repository(false)), broken(), broken()]).await;
        let client = script.client().await;
        client.repository(&repo()).await.unwrap();
        assert_eq!(script.lines().len(), 2, "a read is repeated");
        let inputs = BTreeMap::new();
        let dispatched = client.dispatch(&repo(), "release.yml", &branch("main"), &inputs, &permit()).await;
        let rerun = client.rerun_failed_jobs(&repo(), 7, &permit()).await;
        for error in [dispatched.unwrap_err(), rerun.unwrap_err()] {
            assert!(matches!(error.class, Class::CutShort { .. }), "{error}");
            assert_eq!((error.effect(), error.persistence()), (Effect::Unknown, Persistence::TRANSIENT));
        }
        assert_eq!(script.lines().len(), 4, "a write is not");
    }
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
async fn response_that_cannot_be_read_names_the_field() {
    let script = Script::of([ok(&json!({"full_name": "brightwater/sluice", "private": "no"}))]).await;
    let error = script.client().await.repository(&repo()).await.unwrap_err();
    assert!(error.to_string().contains("`private`"), "{error}");
}

#[test]
fn pace_fits_the_endpoint() {
    let endpoint =
        |api: &str| Endpoint::new(api.parse().unwrap(), String::new(), crate::clock::Clock::system());
    assert_eq!(endpoint("https://api.github.com").pacing.mutation_interval, Duration::from_secs(1));
    assert_eq!(endpoint("http://127.0.0.1:1").pacing.mutation_interval, Duration::ZERO);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let version = "etag: W/\"one\"";
    let script = Script::of([
        ok(&a_repository(false)).header(version),
        answer(304, "").header(version),
        ok(&a_repository(true)).header("etag: W/\"two\""),
        answer(404, "{}"),
    ])
    .await;
    let client = script.client().await;
    let visibility = async || client.repository(&repo()).await.unwrap().map(|found| found.visibility);
    assert_eq!(visibility().await, Some(RepoVisibility::Public));
    assert_eq!(visibility().await, Some(RepoVisibility::Public));
    assert_eq!(visibility().await, Some(RepoVisibility::Private), "a change is seen");
    assert_eq!(visibility().await, None);
    let asked = script.asked();
    let named = |number: usize| asked[number].to_lowercase().contains("if-none-match: w/");
    assert_eq!([named(0), named(1), named(2), named(3)], [false, true, true, true]);
    assert!(asked[3].contains("W/\"two\""), "{}", asked[3]);
}

#[tokio::test]
async fn answer_that_broke_off_is_not_remembered() {
    let cut = answer(200, "{\"name\": \"slu").header("etag: \"one\"");
    let script = Script::of([cut, ok(&a_repository(false))]).await;
    let client = script.client().await;
    let _ = client.repository(&repo()).await;
    let _ = client.repository(&repo()).await;
    assert!(script.asked().iter().all(|request| !request.to_lowercase().contains("if-none-match")));
}
