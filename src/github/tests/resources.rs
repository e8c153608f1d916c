//! Workflows, checks and advisories.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::script::{Script, answer};
use super::super::*;
use super::*;
use crate::egress::{Disclosed, Permit};
use crate::ids::Digest;

#[tokio::test]
async fn dispatch_understands_both_responses() {
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
async fn advisory_is_edited_while_private_and_published_once() {
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
    let line = RepositoryVulnerability {
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

fn a_draft(upload_url: &str) -> Value {
    json!({"id": 5, "upload_url": upload_url, "tag_name": "v1.2.4", "name": "Pump 1.2.4", "body": "Fixed.",
        "html_url": "https://github.example/r", "draft": true, "prerelease": false, "published_at": null,
        "assets": [{"id": 9, "name": "pump.tar.gz", "size": 4, "state": "open", "digest": null}]})
}

#[tokio::test]
async fn release_is_drafted_filled_and_published_with_the_label_said() {
    let script = Script::of([]).await;
    let draft = a_draft(&format!("http://{}/api/v3/up{{?name,label}}", script.address));
    let asset = json!({"id": 10, "name": "pump.tar.gz", "size": 4, "state": "uploaded"});
    script.then([ok(&draft), answer(204, ""), ok(&asset), ok(&draft)]);
    let client = script.client().await;
    let (tag, name, body) = ("v1.2.4".to_owned(), "Pump 1.2.4".to_owned(), "Fixed.".to_owned());
    let new = NewRelease { tag, name, body, stage: ReleaseStage::Full };
    let made = client.draft_release(&repo(), &new, &permit()).await.unwrap();
    assert_eq!((made.stage, made.assets[0].id), (ReleaseStage::Draft, 9));
    client.delete_asset(&repo(), 9, &permit()).await.unwrap();
    let bytes = b"\x00\x01{}".to_vec();
    client.upload_asset(&repo(), &made, "pump.tar.gz", bytes, &permit()).await.unwrap();
    let (stage, label) = (ReleaseStage::Full, LatestLabel::Stays);
    client.publish_release(&repo(), made.id, stage, label, &permit()).await.unwrap();
    let lines = script.lines();
    assert_eq!(lines[1], "DELETE /repos/brightwater/sluice/releases/assets/9");
    assert_eq!(lines[2], "POST /up?name=pump.tar.gz");
    let asked = script.asked();
    assert!(asked[0].contains(r#""draft":true"#) && asked[0].contains(r#""make_latest":"false""#));
    assert!(asked[2].contains("application/octet-stream") && asked[2].ends_with("\u{0}\u{1}{}"));
    assert!(asked[3].contains(r#""draft":false"#) && asked[3].contains(r#""make_latest":"false""#));
}

#[tokio::test]
async fn files_and_token_go_to_no_other_host() {
    let script = Script::of([ok(&a_draft("https://uploads.evil.example/up{?name}"))]).await;
    let client = script.client().await;
    let (tag, name, body) = ("v1.2.4".to_owned(), String::new(), String::new());
    let new = NewRelease { tag, name, body, stage: ReleaseStage::Full };
    let made = client.draft_release(&repo(), &new, &permit()).await.unwrap();
    let refused = client.upload_asset(&repo(), &made, "a", vec![1], &permit()).await.unwrap_err();
    assert!(matches!(refused.class, Class::Malformed { .. }), "{refused}");
    assert_eq!(script.asked().len(), 1);
}
