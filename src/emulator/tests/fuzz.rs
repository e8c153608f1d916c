//! Requests made at random, on every wire: each is answered, none with a fault of the server, and the world is there afterwards.
//! `PROPTEST_CASES=20000` tries more than the usual 256.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::stage::StagedWorld;
use crate::emulator::routes::templates;

const WORLD: &str = r#"
[[repos]]
name = "acme/lib"
source = { path = "SEED" }
[[repos.checks]]
name = "test"
[repos.release]
trigger = { dispatch = { workflow = "release.yml" } }
tag = "v{version}"
version = { file = "version.h", patterns = ['MAJOR (\d+)', 'MINOR (\d+)', 'PATCH (\d+)'] }
[[advisories]]
ghsa = "GHSA-23cf-ghjm-pqrv"
repo = "acme/lib"
state = "draft"
summary = "overflow"
fork = {}
"#;

/// Longer takes no answer.
const LONGEST: Duration = Duration::from_secs(20);

/// What stands in the holes of an address.
const WORDS: [&str; 20] = [
    "acme",
    "lib",
    "acme/lib",
    "1",
    "0",
    "-1",
    "18446744073709551616",
    "main",
    "heads%2Fmain",
    "heads/main",
    "v1.0.0",
    "ada",
    "GHSA-23cf-ghjm-pqrv",
    "release.yml",
    "main...main",
    "%00",
    "%ff%fe",
    "..%2F..%2Fetc",
    "%E2%80%AE",
    "a%20b",
];

/// Fields that GitHub's requests have.
const FIELDS: [&str; 33] = [
    "title",
    "body",
    "head",
    "base",
    "ref",
    "sha",
    "state",
    "merge_method",
    "tag_name",
    "target_commitish",
    "inputs",
    "draft",
    "prerelease",
    "make_latest",
    "vulnerabilities",
    "cvss_vector_string",
    "cwe_ids",
    "credits",
    "severity",
    "summary",
    "description",
    "force",
    "labels",
    "reviewers",
    "event",
    "context",
    "message",
    "tree",
    "parents",
    "content",
    "query",
    "variables",
    "return_run_details",
];

/// A value as a confused client would send it.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(&WORDS[..]).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:H/A:N")),
        Just(json!(
            "mutation($id: ID!) { enqueuePullRequest(input: {pullRequestId: $id}) { clientMutationId } }"
        )),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::vec((select(&FIELDS[..]), value), 0..6)
        .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

#[derive(Debug, Clone)]
struct RandomRequest {
    method: String,
    path: String,
    body: Vec<u8>,
}

/// An address of the emulated GitHub, with something in each hole.
fn address() -> impl Strategy<Value = (String, String)> {
    let known = select(templates());
    let words = proptest::collection::vec(select(&WORDS[..]), 4);
    let query = prop_oneof![2 => Just(String::new()), 1 => "\\?[a-z_]{1,9}=[ -~&&[^#]]{0,9}"];
    (known, words, query, any::<bool>()).prop_map(|((method, template), words, query, in_lib)| {
        let template = if in_lib { template.replacen("{owner}/{repo}", "acme/lib", 1) } else { template };
        (method, format!("{}{query}", filled(&template, &words)))
    })
}

fn filled(template: &str, words: &[&str]) -> String {
    let mut words = words.iter().cycle();
    let part = |part: &str| {
        if part.starts_with('{') {
            words.next().copied().unwrap_or_default().to_owned()
        } else {
            part.to_owned()
        }
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn request() -> impl Strategy<Value = RandomRequest> {
    let body = prop_oneof![
        4 => object(value()).prop_map(|object| Value::from(object).to_string().into_bytes()),
        1 => value().prop_map(|value| value.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    let api = address().prop_map(|(method, path)| (method, format!("/api/v3{path}")));
    let elsewhere = prop_oneof![
        select(
            &["info/refs?service=git-upload-pack", "info/refs?service=git-receive-pack", "info/refs", "HEAD"]
                [..]
        )
        .prop_map(|rest| ("GET".to_owned(), format!("/git/acme/lib.git/{rest}"))),
        select(&["git-upload-pack", "git-receive-pack"][..])
            .prop_map(|rest| ("POST".to_owned(), format!("/git/acme/lib.git/{rest}"))),
        "(cargo|npm|pypi|[a-z]{1,5})/[ -~&&[^#?%]]{0,12}"
            .prop_map(|rest| ("GET".to_owned(), format!("/registry/{rest}"))),
        "[ -~&&[^#?%]]{0,12}".prop_map(|rest| ("GET".to_owned(), format!("/{rest}"))),
    ];
    let methods = select(&["", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"][..]);
    (prop_oneof![6 => api, 1 => elsewhere], methods, body).prop_map(|((method, path), other, body)| {
        let method = if other.is_empty() { method } else { other.to_owned() };
        RandomRequest { method, path, body }
    })
}

#[test]
fn every_request_is_answered_and_the_world_is_there_afterwards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = runtime.block_on(StagedWorld::set(WORLD));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let tried = runner.run(&request(), |request| {
        let RandomRequest { method, path, body } = request;
        let sent = stage.send_raw(&method, &path, body);
        let status = runtime.block_on(async { tokio::time::timeout(LONGEST, sent).await });
        prop_assert!(status.is_ok_and(|status| status < 500));
        Ok(())
    });
    tried.unwrap();
    assert_eq!(runtime.block_on(stage.get("user"))["login"], "ada");
}
