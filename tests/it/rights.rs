//! A token that will not do on the day is found while the plan is made.

use std::fs;

use crate::support::{copy, expect, fixture, run, said};

/// The plan of the small fixture, whose manager's token is like this.
fn planned(token: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("conflict"), folder.path());
    let path = folder.path().join("world.toml");
    let world =
        fs::read_to_string(&path).unwrap().replacen("admin = true", &format!("admin = true\n{token}"), 1);
    fs::write(&path, world).unwrap();
    let output = run(["plan", folder.path().to_str().unwrap(), "--long"]);
    (output.status.code(), said(&output))
}

#[test]
fn token_that_will_not_do_is_refused_by_the_plan_with_what_to_do() {
    for (token, wanted) in [
        ("expires = \"2026-03-06T16:00:00Z\"", "expires at 2026-03-06T16:00:00Z"),
        ("expires = \"2026-03-06T16:00:00Z\"", "make a token that is valid for longer"),
        ("scopes = [\"public_repo\"]", "has the scopes public_repo, and not `repo`"),
        ("app = true", "GitHub starts no checks for pull requests that a workflow's token opened"),
        (
            "sign_on = \"https://github.example/orgs/brightwater/sso\"",
            "https://github.example/orgs/brightwater/sso",
        ),
        ("sign_on = \"https://github.example/orgs/brightwater/sso\"", "authorise the token"),
    ] {
        let (code, told) = planned(token);
        assert!(code != Some(0) && told.contains(wanted), "{token}: {told}");
    }
    let (code, told) = planned("scopes = [\"repo\", \"workflow\"]\nexpires = \"2026-05-01T00:00:00Z\"");
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn expired_token_is_told_as_such() {
    let (code, told) = planned("expires = \"2026-03-01T00:00:00Z\"");
    assert_ne!(code, Some(0));
    assert!(told.contains("GitHub does not accept the token"), "{told}");
    expect(&run(["plan", fixture("conflict").to_str().unwrap(), "--long"]), 0);
}
