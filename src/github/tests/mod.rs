//! The client against a server that follows a script.

mod pulls;
mod queue;
mod requests;
mod resources;

use serde_json::{Value, json};

use super::script::{Script, Scripted, answer};
use super::*;
use crate::egress::{LeakGuard, Permit, Surface};
use crate::ids::{BranchName, CommitId, RepoName};
use crate::merge_rules::MergeMethod;

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
    MergeRequest { head: head(), method: MergeMethod::Merge, title: None, message: None }
}

/// A pull request from a branch `fix` of this repository.
fn a_pull_from(number: u64, head: &str) -> Value {
    let mut pull = a_pull("open", None);
    pull["number"] = json!(number);
    pull["head"]["repo"]["full_name"] = json!(head);
    pull
}
