//! Conflicts in lock files, which a command regenerates.

use super::scene::{Scene, lines, request, text};
use super::*;
use crate::ids::{CommitId, TreeId};

/// A fix in `a.c` and `Cargo.lock`; the lock file conflicts on the line.
struct Locked {
    scene: Scene,
    fix: CommitId,
    line: CommitId,
}

fn locked() -> Locked {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("Cargo.lock", "pump 1\n"), ("NEWS.md", "news\n")]);
    let fix = [("a.c", lines(&[(5, "fixed")])), ("Cargo.lock", "pump 3\n".to_owned())];
    let fix = scene.on(&old, "fix", &fix.each_ref().map(|(path, text)| (*path, text.as_str())));
    let line = scene.on(&old, "line", &[("Cargo.lock", "pump 2\n")]);
    Locked { scene, fix, line }
}

fn named() -> LockFiles {
    LockFiles::new(vec!["Cargo.lock".to_owned()])
}

fn written(text: &str) -> WrittenLockFiles {
    WrittenLockFiles {
        commands: vec!["cargo update --workspace".to_owned()],
        files: vec![("Cargo.lock".to_owned(), text.as_bytes().to_vec())],
    }
}

fn help(lock_files: &LockFiles) -> Help<'_> {
    Help { lock_files: Some(lock_files), ..Help::default() }
}

/// The tree in which a pick wants its lock files written.
fn asked(pick: &Pick) -> TreeId {
    assert_eq!((pick.outcome.name(), &pick.tree), ("conflict-in-noise", &None));
    assert_eq!(pick.unwritten, ["Cargo.lock"]);
    assert_eq!(pick.conflicting_paths(), ["Cargo.lock"]);
    pick.marked_tree.clone().unwrap()
}

#[test]
fn a_pick_that_conflicts_in_lock_files_alone_says_where_they_are_to_be_written() {
    let Locked { scene, fix, line } = locked();
    let mut picker = scene.picker();
    let pick = picker.pick_with_help(&request(&fix, &line), &help(&named())).unwrap();
    let tree = asked(&pick);
    // The branch's own text, without a marker, and the rest of the fix.
    assert_eq!(text(picker.draft(), &tree, "Cargo.lock"), "pump 2\n");
    assert_eq!(text(picker.draft(), &tree, "a.c"), lines(&[(5, "fixed")]));
}

#[test]
fn what_the_command_wrote_goes_into_the_commit_and_needs_review() {
    let Locked { scene, fix, line } = locked();
    let mut picker = scene.picker();
    let mut files = named();
    let first = picker.pick_with_help(&request(&fix, &line), &help(&files)).unwrap();
    files.take(asked(&first), written("pump 2.1\n"));
    let items = [Item { key: "GHSA-23cf-ghjm-pqrv".to_owned(), commits: vec![fix] }];
    let help = help(&files);
    let stack = stack_with_help(&mut picker, &line, &items, &scene.committer(), Merges::Fail, &help).unwrap();
    assert!(stack.is_complete());
    assert_eq!(stack.needs_review().count(), 1);
    assert_eq!(text(picker.draft(), &stack.tree, "Cargo.lock"), "pump 2.1\n");
    assert_eq!(text(picker.draft(), &stack.tree, "a.c"), lines(&[(5, "fixed")]));
    let StackedState::Picked { pick, .. } = &stack.commits[0].state else { panic!("not picked") };
    let reasons = pick.review_reasons().join("; ");
    assert!(
        reasons.contains("Cargo.lock was left out, and `cargo update --workspace` regenerated it"),
        "{reasons}"
    );
}

#[test]
fn what_was_written_for_another_tree_is_not_taken() {
    let Locked { scene, fix, line } = locked();
    let mut picker = scene.picker();
    let mut files = named();
    files.take(scene.store.tree_of(&line).unwrap(), written("pump 9\n"));
    let pick = picker.pick_with_help(&request(&fix, &line), &help(&files)).unwrap();
    assert_ne!(asked(&pick), scene.store.tree_of(&line).unwrap());
}

#[test]
fn release_notes_are_set_aside_beside_a_lock_file() {
    let Locked { scene, fix, line } = locked();
    let fix = scene.on(&fix, "more", &[("NEWS.md", "fixed!\nnews\n"), ("Cargo.lock", "pump 4\n")]);
    let line = scene.on(&line, "notes", &[("NEWS.md", "2.1\nnews\n")]);
    let base = scene.store.commit_info(&fix).unwrap().parents[0].clone();
    let base = scene.store.commit_info(&base).unwrap().parents[0].clone();
    let request = PickRequest { fix, against: Against::Commit(base), onto: Onto::Commit(line) };
    let regenerated = ["NEWS.md".to_owned()];
    let mut picker = scene.picker();
    let mut files = named();
    let first = picker.pick_with_help(&request, &Help { regenerated: &regenerated, ..help(&files) }).unwrap();
    files.take(asked(&first), written("pump 2.1\n"));
    let pick = picker.pick_with_help(&request, &Help { regenerated: &regenerated, ..help(&files) }).unwrap();
    assert_eq!(pick.outcome.name(), "clean-unconfirmed");
    assert!(matches!(&pick.helped_by[..], [HelpedBy::PlacedAfresh { .. }, HelpedBy::Command { .. }]));
    assert_eq!(text(picker.draft(), &pick.tree.unwrap(), "NEWS.md"), "2.1\nnews\n");
}

#[test]
fn a_conflict_that_matters_keeps_a_lock_file_from_being_written() {
    let Locked { scene, fix, line } = locked();
    let line = scene.on(&line, "own", &[("a.c", &lines(&[(5, "ours")]))]);
    let pick = scene.picker().pick_with_help(&request(&fix, &line), &help(&named())).unwrap();
    assert_eq!(pick.outcome, Outcome::Conflict);
    assert!(pick.unwritten.is_empty());
    assert_eq!(pick.conflicting_paths(), ["Cargo.lock", "a.c"]);
}

#[test]
fn a_newer_line_settles_what_matters_and_a_command_the_lock_file() {
    let Locked { scene, fix, line } = locked();
    let line = scene.on(&line, "own", &[("a.c", &lines(&[(5, "ours")]))]);
    let newer = scene.on(&line, "newer", &[("Cargo.lock", "pump 2.5\n"), ("c.c", "c\n")]);
    let both = lines(&[(5, "both")]);
    let resolved = scene.on(&newer, "fix there", &[("a.c", &both), ("Cargo.lock", "pump 2.6\n")]);
    let newer = [NewerLine { line: "release-2".to_owned(), picked: [(fix.clone(), resolved)].into() }];
    let mut picker = scene.picker();
    let mut files = named();
    let request = request(&fix, &line);
    let first = picker.pick_with_help(&request, &Help { newer: &newer, ..help(&files) }).unwrap();
    files.take(asked(&first), written("pump 2.1\n"));
    let pick = picker.pick_with_help(&request, &Help { newer: &newer, ..help(&files) }).unwrap();
    assert!(matches!(&pick.helped_by[..], [HelpedBy::NewerLine { .. }, HelpedBy::Command { .. }]));
    let tree = pick.tree.unwrap();
    assert_eq!(text(picker.draft(), &tree, "a.c"), both);
    assert_eq!(text(picker.draft(), &tree, "Cargo.lock"), "pump 2.1\n");
}

#[test]
fn a_fix_of_nothing_but_a_lock_file_stays_a_conflict() {
    let Locked { scene, line, .. } = locked();
    let old = scene.store.commit_info(&line).unwrap().parents[0].clone();
    let fix = scene.on(&old, "raise", &[("Cargo.lock", "pump 3\n")]);
    let pick = scene.picker().pick_with_help(&request(&fix, &line), &help(&named())).unwrap();
    assert_eq!(pick.outcome, Outcome::ConflictInNoise);
    assert!(pick.unwritten.is_empty());
}

#[test]
fn a_lock_file_that_the_branch_does_without_is_not_brought_back() {
    let Locked { scene, fix, line } = locked();
    let line = scene.step(&line, "no lock file", &[], &["Cargo.lock"]);
    let pick = scene.picker().pick_with_help(&request(&fix, &line), &help(&named())).unwrap();
    assert_eq!(pick.conflicts[0].kind, ConflictKind::DeletedOnBranch);
    assert!(pick.unwritten.is_empty());
}

#[test]
fn lock_files_that_nobody_names_stay_conflicts() {
    let Locked { scene, fix, line } = locked();
    let other = LockFiles::new(vec!["fuzz/Cargo.lock".to_owned()]);
    let pick = scene.picker().pick_with_help(&request(&fix, &line), &help(&other)).unwrap();
    assert_eq!(pick.outcome, Outcome::ConflictInNoise);
    assert!(pick.unwritten.is_empty());
}
