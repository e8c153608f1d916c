//! Worlds that were killed between two writes: after reopening they are ones that GitHub could be in.

use git2::Oid;
use jiff::Timestamp;
use serde_json::json;

use super::stage::StagedWorld;
use crate::clock::Clock;
use crate::emulator::git::{Merging, commit_id, make_merge, object, set_ref};
use crate::emulator::model::{MergeIntent, StoredPull};
use crate::emulator::spec::{MergeStyle, WorldSpec};
use crate::emulator::{Emulator, EmulatorError, setup};
use crate::ids::{Login, RepoName};

const REPO: &str = "[[repos]]\nname = 'acme/lib'\nsource = { path = 'SEED' }\n";

/// How far the killed merge got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    Intent,
    Branch,
}

/// Does the first writes of a merge of pull request 1, as a process that is then killed.
fn begin_merge(stage: &StagedWorld, reached: Reached) {
    let mut world = setup::open(&stage.dir.path().join("world"), Clock::simulated).unwrap();
    let repo: RepoName = "acme/lib".parse().unwrap();
    let by: Login = "ada".parse().unwrap();
    let key = StoredPull::key(&repo, 1);
    let pull = world.pulls.get(&key).unwrap().clone();
    let git = world.git(&repo).unwrap();
    let base = object(&pull.base).unwrap();
    let merging = Merging {
        base,
        head: object(&pull.head).unwrap(),
        method: MergeStyle::Merge,
        message: "merge".to_owned(),
        author: world.account(&by).unwrap().author(),
        time: world.now,
    };
    let commit = make_merge(&git, &merging).unwrap().unwrap();
    let at = world.now;
    world.pulls.get_mut(&key).unwrap().merging = Some(MergeIntent { commit: commit_id(commit), by, at });
    world.commit().unwrap();
    if reached == Reached::Branch {
        assert!(set_ref(&git, "refs/heads/main", commit, Some(base)).unwrap());
    }
}

async fn with_pull() -> StagedWorld {
    let stage = StagedWorld::set(REPO).await;
    stage.commit("fix", "main", "lib.c", "fixed\n").await;
    stage.push("acme/lib", "fix").await;
    let fields = json!({"title": "fix", "head": "fix", "base": "main"});
    assert_eq!(stage.call("POST", "repos/acme/lib/pulls", fields).await.0, 201);
    stage
}

#[tokio::test]
async fn merge_killed_after_the_branch_moved_is_a_merge() {
    let mut stage = with_pull().await;
    begin_merge(&stage, Reached::Branch);
    stage.reopen().await;
    let pull = stage.get("repos/acme/lib/pulls/1").await;
    assert_eq!((&pull["merged"], &pull["merged_by"]["login"]), (&json!(true), &json!("ada")));
    let main = stage.get("repos/acme/lib/git/ref/heads/main").await;
    assert_eq!(pull["merge_commit_sha"], main["object"]["sha"]);
}

#[tokio::test]
async fn merge_killed_before_the_branch_moved_never_was() {
    let mut stage = with_pull().await;
    begin_merge(&stage, Reached::Intent);
    stage.reopen().await;
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["state"], "open");
    assert_eq!(stage.call("PUT", "repos/acme/lib/pulls/1/merge", json!({})).await.0, 200);
}

#[tokio::test]
async fn push_that_was_not_noticed_is_noticed_on_reopening() {
    let mut stage = with_pull().await;
    let next = stage.commit("fix", "fix", "lib.c", "fixed better\n").await;
    let path = stage.dir.path().join("world/git/acme/lib.git");
    stage.git_ok(&["push", "-q", path.to_str().unwrap(), "fix"]).await;
    stage.reopen().await;
    let git = git2::Repository::open_bare(&path).unwrap();
    assert_eq!(git.refname_to_id("refs/pull/1/head").unwrap(), Oid::from_str(&next).unwrap());
    assert_eq!(stage.get("repos/acme/lib/pulls/1").await["head"]["sha"], next);
}

#[tokio::test]
async fn repository_that_the_model_does_not_know_is_swept_away() {
    let mut stage = with_pull().await;
    let half = stage.dir.path().join("world/git/acme/lib-ghsa-23cf-ghjm-pqrv.git");
    std::fs::create_dir(&half).unwrap();
    stage.reopen().await;
    assert!(!half.exists());
    stage.get("repos/acme/lib").await;
}

#[test]
fn world_whose_making_was_killed_is_made_anew_and_a_finished_one_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let spec = WorldSpec::empty(Timestamp::UNIX_EPOCH);
    let clock = || Clock::simulated(spec.start);
    rusqlite::Connection::open(dir.path().join("world.db")).unwrap();
    let absent = Emulator::open(dir.path(), Clock::simulated);
    assert!(matches!(absent.err(), Some(EmulatorError::NoWorld { .. })));
    Emulator::create(dir.path(), &spec, clock()).unwrap();
    let again = Emulator::create(dir.path(), &spec, clock());
    assert!(matches!(again.err(), Some(EmulatorError::Specification { .. })));
}
