//! Which commits a pull request gives.

use super::scene::{Scene, lines};
use super::*;
use crate::ids::CommitId;

struct Pull {
    scene: Scene,
    base: CommitId,
    commits: Vec<CommitId>,
}

fn pull_of_two() -> Pull {
    let scene = Scene::new();
    let base = scene.root(&[("a.c", &lines(&[]))]);
    let one = scene.on(&base, "one", &[("a.c", &lines(&[(2, "two")]))]);
    let two = scene.on(&one, "two", &[("a.c", &lines(&[(2, "two"), (8, "eight")]))]);
    Pull { scene, base, commits: vec![one, two] }
}

impl Pull {
    fn commits(&self, merged_as: Option<CommitId>) -> PullCommits {
        PullCommits { base: self.base.clone(), head: self.commits[1].clone(), merged_as }
    }
}

#[test]
fn bp_03_squashed_pull_request_gives_the_squash_commit() {
    let pull = pull_of_two();
    let squash =
        pull.scene.on(&pull.base, "one and two (#1)", &[("a.c", &lines(&[(2, "two"), (8, "eight")]))]);
    let series = pull.scene.store.series(&pull.commits(Some(squash.clone())), Merges::Fail).unwrap();
    assert_eq!((series.method, series.commits), (HowMerged::Squash, vec![squash]));
}

#[test]
fn bp_04_rebased_pull_request_gives_the_rebased_commits() {
    let pull = pull_of_two();
    let main = pull.scene.on(&pull.base, "meanwhile", &[("b.c", "b\n")]);
    let one = pull.scene.on(&main, "one", &[("a.c", &lines(&[(2, "two")]))]);
    let two = pull.scene.on(&one, "two", &[("a.c", &lines(&[(2, "two"), (8, "eight")]))]);
    let series = pull.scene.store.series(&pull.commits(Some(two.clone())), Merges::Fail).unwrap();
    assert_eq!((series.method, series.commits), (HowMerged::Rebase, vec![one, two]));
}

#[test]
fn bp_05_merged_pull_request_gives_its_commits() {
    let pull = pull_of_two();
    let main = pull.scene.on(&pull.base, "meanwhile", &[("b.c", "b\n")]);
    let merge = pull.scene.merge(&[main, pull.commits[1].clone()], &pull.commits[1], "merge");
    let series = pull.scene.store.series(&pull.commits(Some(merge)), Merges::Fail).unwrap();
    assert_eq!((series.method, series.commits), (HowMerged::Merge, pull.commits.clone()));
}

#[test]
fn bp_06_unknown_merge_gives_the_commits_and_says_so() {
    let pull = pull_of_two();
    let lost = "abababababababababababababababababababab".parse().unwrap();
    let series = pull.scene.store.series(&pull.commits(Some(lost)), Merges::Fail).unwrap();
    assert_eq!((series.method, series.commits), (HowMerged::Unknown, pull.commits.clone()));
}

fn updated_from_main() -> (Pull, CommitId) {
    let mut pull = pull_of_two();
    let main = pull.scene.on(&pull.base, "meanwhile", &[("b.c", "b\n")]);
    let update =
        pull.scene.merge(&[pull.commits[0].clone(), main.clone()], &pull.commits[0], "update branch");
    let two = pull.scene.on(&update, "two", &[("a.c", &lines(&[(2, "two"), (8, "eight")]))]);
    pull.commits[1] = two;
    pull.base = main;
    (pull, update)
}

#[test]
fn bp_07_update_merge_stops_with_the_reason() {
    let (pull, update) = updated_from_main();
    let refused = pull.scene.store.series(&pull.commits(None), Merges::Fail).unwrap_err();
    assert!(refused.to_string().contains(update.as_str()));
    assert!(refused.hint().is_some());
}

#[test]
fn bp_08_update_merge_is_skipped_when_asked() {
    let (pull, update) = updated_from_main();
    let series = pull.scene.store.series(&pull.commits(None), Merges::Skip).unwrap();
    assert_eq!(series.commits, pull.commits);
    assert_eq!(series.left_out, [update]);
    assert_eq!(series.method, HowMerged::Open);
}

#[test]
fn bp_47_commits_added_later_are_shown() {
    let pull = pull_of_two();
    let before = pull.scene.store.series(&pull.commits(None), Merges::Fail).unwrap();
    let three = pull.scene.on(&pull.commits[1], "three", &[("c.c", "c\n")]);
    let later = PullCommits { head: three.clone(), ..pull.commits(None) };
    let after = pull.scene.store.series(&later, Merges::Fail).unwrap();
    let change = before.change_to(&after);
    assert_eq!((change.came, change.went), (vec![three], vec![]));
    assert!(before.change_to(&before).is_empty());
}
