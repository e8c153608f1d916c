//! Conflicts that somebody has settled before.

use super::scene::{Scene, lines, request, text};
use super::*;
use crate::ids::CommitId;

/// A fix that conflicts in line 5 on two lines; on the newer one a person has settled it.
struct SettledByHand {
    scene: Scene,
    fix: CommitId,
    newer: CommitId,
    resolved: CommitId,
    older: CommitId,
}

fn settled() -> SettledByHand {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "theirs")]))]);
    let newer = scene.on(&old, "newer", &[("a.c", &lines(&[(5, "ours")]))]);
    let resolved = scene.on(&newer, "fix on newer", &[("a.c", &lines(&[(5, "both\nof them")]))]);
    let older = scene.on(&old, "older", &[("a.c", &lines(&[(5, "ours"), (1, "older")])), ("b.c", "bb\n")]);
    SettledByHand { scene, fix, newer, resolved, older }
}

#[test]
fn what_the_newer_line_made_of_the_fix_is_picked_and_said() {
    let SettledByHand { scene, fix, resolved, older, .. } = settled();
    let newer =
        [NewerLine { line: "release-2".to_owned(), picked: [(fix.clone(), resolved.clone())].into() }];
    let help = Help { newer: &newer, memory: None, ..Help::default() };
    let mut picker = scene.picker();
    let pick = picker.pick_with_help(&request(&fix, &older), &help).unwrap();
    assert_eq!(pick.outcome.name(), "clean-unconfirmed");
    assert_eq!(pick.helped_by, [HelpedBy::NewerLine { line: "release-2".to_owned(), commit: resolved }]);
    assert!(pick.review_reasons()[0].contains("what release-2 made of it"));
    assert_eq!(
        text(picker.draft(), &pick.tree.unwrap(), "a.c"),
        lines(&[(1, "older"), (5, "both\nof them")])
    );
}

#[test]
fn bp_31_a_remembered_resolution_is_put_in_and_still_needs_review() {
    let SettledByHand { scene, fix, newer, resolved, older } = settled();
    let mut picker = scene.picker();
    let first = picker.pick(&request(&fix, &newer)).unwrap();
    let mut memory = Memory::default();
    let tree = scene.store.tree_of(&resolved).unwrap();
    let learnt = memory.learn(picker.draft(), &first, &tree, "release-2").unwrap();
    assert_eq!(learnt, Learnt { hunks: 1, unclear: 0 });
    let help = Help { newer: &[], memory: Some(&memory), ..Help::default() };
    let items = [Item { key: "GHSA-23cf-ghjm-pqrv".to_owned(), commits: vec![fix] }];
    let stack =
        stack_with_help(&mut picker, &older, &items, &scene.committer(), Merges::Fail, &help).unwrap();
    assert!(stack.is_complete());
    assert_eq!(stack.needs_review().count(), 1);
    assert_eq!(text(picker.draft(), &stack.tree, "a.c"), lines(&[(1, "older"), (5, "both\nof them")]));
    let StackedState::Picked { pick, .. } = &stack.commits[0].state else { panic!("not picked") };
    assert_eq!(pick.outcome.name(), "clean-unconfirmed");
    assert!(matches!(&pick.helped_by[..], [HelpedBy::Memory { given_on, .. }] if given_on == &["release-2"]));
}

#[test]
fn bp_31_half_remembered_is_still_a_conflict() {
    let SettledByHand { scene, fix, newer, resolved, older } = settled();
    let mut picker = scene.picker();
    let first = picker.pick(&request(&fix, &newer)).unwrap();
    let mut memory = Memory::default();
    memory.learn(picker.draft(), &first, &scene.store.tree_of(&resolved).unwrap(), "release-2").unwrap();
    let more = scene.on(&fix, "more", &[("a.c", &lines(&[(5, "theirs"), (10, "ten of the fix")]))]);
    let elsewhere =
        scene.on(&older, "own", &[("a.c", &lines(&[(1, "older"), (5, "ours"), (10, "ten of the line")]))]);
    let base = scene.store.commit_info(&fix).unwrap().parents[0].clone();
    let request = PickRequest { fix: more, against: Against::Commit(base), onto: Onto::Commit(elsewhere) };
    let help = Help { newer: &[], memory: Some(&memory), ..Help::default() };
    let pick = picker.pick_with_help(&request, &help).unwrap();
    assert_eq!(pick.outcome, Outcome::Conflict);
    assert_eq!(pick.hunks().count(), 2);
}

#[test]
fn bp_31_nothing_remembered_changes_nothing() {
    let SettledByHand { scene, fix, older, .. } = settled();
    let memory = Memory::default();
    let help = Help { newer: &[], memory: Some(&memory), ..Help::default() };
    let mut picker = scene.picker();
    let pick = picker.pick_with_help(&request(&fix, &older), &help).unwrap();
    assert_eq!(pick.outcome, Outcome::Conflict);
    assert_eq!(pick.tree, None);
}

#[test]
fn a_resolution_that_reaches_beyond_its_place_is_not_offered_elsewhere() {
    let SettledByHand { scene, fix, newer, .. } = settled();
    let mut picker = scene.picker();
    let first = picker.pick(&request(&fix, &newer)).unwrap();
    let wide = scene.on(&newer, "wide", &[("a.c", &lines(&[(4, "four too"), (5, "both"), (6, "six too")]))]);
    let mut memory = Memory::default();
    let learnt =
        memory.learn(picker.draft(), &first, &scene.store.tree_of(&wide).unwrap(), "release-2").unwrap();
    assert_eq!(learnt, Learnt { hunks: 0, unclear: 1 });
    assert!(memory.is_empty());
}

#[test]
fn a_memory_survives_being_written_down() {
    let SettledByHand { scene, fix, newer, resolved, .. } = settled();
    let mut picker = scene.picker();
    let first = picker.pick(&request(&fix, &newer)).unwrap();
    let mut memory = Memory::default();
    memory.learn(picker.draft(), &first, &scene.store.tree_of(&resolved).unwrap(), "release-2").unwrap();
    let written = serde_json::to_string(&memory).unwrap();
    let read: Memory = serde_json::from_str(&written).unwrap();
    assert_eq!(read.recall(&first.conflicts[0].hunks[0]).unwrap().text, "both\nof them\n");
}

#[test]
fn bp_50_release_notes_are_set_aside_and_the_rest_is_picked() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("NEWS.md", "news\n")]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")])), ("NEWS.md", "fixed!\nnews\n")]);
    let line = scene.on(&old, "line", &[("NEWS.md", "2.1\nnews\n")]);
    let regenerated = ["NEWS.md".to_owned()];
    let help = Help { newer: &[], memory: None, regenerated: &regenerated, ..Help::default() };
    let mut picker = scene.picker();
    let pick = picker.pick_with_help(&request(&fix, &line), &help).unwrap();
    assert_eq!(pick.outcome.name(), "clean-unconfirmed");
    assert!(pick.review_reasons()[0].contains("NEWS.md was left out and is regenerated"));
    let tree = pick.tree.unwrap();
    assert_eq!(text(picker.draft(), &tree, "a.c"), lines(&[(5, "fixed")]));
    assert_eq!(text(picker.draft(), &tree, "NEWS.md"), "2.1\nnews\n");
}

#[test]
fn bp_50_a_fix_of_nothing_but_notes_stays_a_conflict() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", "a\n"), ("NEWS.md", "news\n")]);
    let fix = scene.on(&old, "fix", &[("NEWS.md", "fixed!\nnews\n")]);
    let line = scene.on(&old, "line", &[("NEWS.md", "2.1\nnews\n")]);
    let regenerated = ["NEWS.md".to_owned()];
    let help = Help { newer: &[], memory: None, regenerated: &regenerated, ..Help::default() };
    let pick = scene.picker().pick_with_help(&request(&fix, &line), &help).unwrap();
    assert_eq!(pick.outcome, Outcome::ConflictInNoise);
}
