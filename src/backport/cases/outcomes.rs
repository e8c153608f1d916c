//! Picks that go through, and picks that there is no need for.

use super::scene::{Scene, lines, request, text};
use super::*;

#[test]
fn bp_01_single_commit() {
    let scene = Scene::new();
    let old = scene.root(&[("core/a.c", &lines(&[])), ("b.c", "b\n")]);
    let line = scene.on(&old, "branch work", &[("core/a.c", &lines(&[(1, "old line 1")])), ("c.c", "c\n")]);
    let main = scene.on(&old, "other", &[("b.c", "bb\n")]);
    let fix = scene.on(&main, "fix it", &[("core/a.c", &lines(&[(9, "fixed line 9")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome.name(), "clean");
    assert_eq!(pick.changed, ["core/a.c"]);
    let picker = scene.picker();
    drop(picker);
    let expected = scene.changed(
        &scene.store.tree_of(&line).unwrap(),
        &[("core/a.c", &lines(&[(1, "old line 1"), (9, "fixed line 9")]))],
        &[],
    );
    assert_eq!(pick.tree, Some(expected));
}

#[test]
fn untouched_files_are_confirmed_by_being_the_same() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let line = scene.on(&old, "branch work", &[("b.c", "bbb\n")]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(5, "fixed")])), ("new.c", "new\n")]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome, Outcome::Clean { confirmation: Confirmation::SameFiles });
}

#[test]
fn whole_trees_may_be_asked_about() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch work", &[("a.c", &lines(&[(1, "one")]))]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(9, "nine")]))]);
    let mut picker = scene.picker().with_opinion(SecondOpinion::WholeTree);
    let pick = picker.pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome, Outcome::Clean { confirmation: Confirmation::SecondEngineWholeTree });
}

#[test]
fn bp_11_empty_pick_is_nothing_to_do() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "somebody fixed it by hand", &[("a.c", &lines(&[(5, "fixed")]))]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(5, "fixed")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome, Outcome::AlreadyFixed { evidence: FixedBy::Content });
    let (stack, _) = scene.stack(&line, &[fix]);
    assert_eq!(stack.head, line, "no empty commit is made");
    assert!(matches!(stack.commits[0].state, StackedState::NothingToDo { .. }));
}

#[test]
fn bp_12_fix_in_the_history_is_found_by_ancestry() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(5, "fixed")]))]);
    let line = scene.on(&fix, "later work on the same line", &[("a.c", &lines(&[(5, "fixed and changed")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome, Outcome::AlreadyFixed { evidence: FixedBy::Ancestor });
}

#[test]
fn bp_13_already_there_under_another_id() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(5, "fixed")]))]);
    let line = scene.on(&old, "branch work", &[("b.c", "b\n")]);
    let (stack, picker) = scene.stack(&line, std::slice::from_ref(&fix));
    scene.store.keep(picker.draft(), &stack.head).unwrap();
    let later = scene.on(&stack.head, "later", &[("a.c", &lines(&[(5, "fixed and changed")]))]);
    let pick = scene.pick(&fix, &later);
    let evidence = FixedBy::Trailer { commit: stack.head.clone() };
    assert_eq!(pick.outcome, Outcome::AlreadyFixed { evidence });
}

#[test]
fn a_twin_by_author_and_date_is_found_unless_it_was_reverted() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix it", &[("a.c", &lines(&[(5, "fixed")]))]);
    let twin = scene.on(&old, "fix it\n\non this line", &[("a.c", &lines(&[(5, "fixed here")]))]);
    let found = scene.pick(&fix, &twin);
    let evidence = FixedBy::Authorship { commit: twin.clone() };
    assert_eq!(found.outcome, Outcome::AlreadyFixed { evidence });
    let message = format!("Revert \"fix it\"\n\nThis reverts commit {twin}.");
    let reverted = scene.on(&twin, &message, &[("a.c", &lines(&[]))]);
    assert_eq!(scene.pick(&fix, &reverted).outcome.name(), "clean");
}

#[test]
fn bp_30_union_files_are_joined_as_git_does_it_and_not_silently() {
    let scene = Scene::new();
    let old = scene.root(&[("list", &lines(&[])), (".gitattributes", "list merge=union\n")]);
    let line = scene.on(&old, "branch", &[("list", &lines(&[(5, "five of the branch")]))]);
    let fix = scene.on(&old, "fix", &[("list", &lines(&[(5, "five of the fix")]))]);
    let pick = scene.pick(&fix, &line);
    let doubts = vec![Doubt::Joined { paths: vec!["list".to_owned()] }];
    assert_eq!(pick.outcome, Outcome::CleanUnconfirmed { doubts });
    assert_eq!(pick.changed, ["list"]);
}

#[test]
fn conflict_of_line_endings_alone_is_told_as_that() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let crlf = |text: String| text.replace('\n', "\r\n");
    let line = scene.on(&old, "with CRLF", &[("a.c", &crlf(lines(&[(2, "two of the branch")])))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(9, "nine of the fix")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!((pick.outcome, pick.conflicts[0].kind), (Outcome::Conflict, ConflictKind::LineEndings));
    let same = scene.on(&old, "fix", &[("a.c", &lines(&[(2, "two of the fix")]))]);
    assert_eq!(scene.pick(&same, &line).conflicts[0].kind, ConflictKind::Content);
}

#[test]
fn files_that_attributes_forbid_to_merge_are_left_to_people() {
    let scene = Scene::new();
    let attributes = "*.min.js binary\nlib/* -merge\n*.lock -merge\n";
    let names = ["web/app.min.js", "lib/a.js", "lib/own/b.js", "app.js", "lib/own/c.lock"];
    let inner = ("lib/own/.gitattributes", "c.lock merge\n");
    let all = |ours: &str| -> Vec<(&str, String)> {
        names.iter().map(|name| (*name, lines(&[(if ours == "fix" { 9 } else { 1 }, ours)]))).collect()
    };
    let with = |parent: Option<&crate::ids::CommitId>, text: &str| {
        let files = all(text);
        let mut files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        files.extend([(".gitattributes", attributes), inner]);
        match parent {
            Some(parent) => scene.on(parent, text, &files),
            None => scene.root(&files),
        }
    };
    let old = with(None, "line 1");
    let (line, fix) = (with(Some(&old), "branch"), with(Some(&old), "fix"));
    let pick = scene.pick(&fix, &line);
    assert!(pick.tree.is_none());
    let kinds: Vec<_> =
        pick.conflicts.iter().map(|conflict| (conflict.path.as_str(), conflict.kind)).collect();
    assert_eq!(kinds, [("lib/a.js", ConflictKind::Binary), ("web/app.min.js", ConflictKind::Binary)]);
}

#[test]
fn bp_33_rename_on_target_is_followed() {
    let scene = Scene::new();
    let old = scene.root(&[("src/pump.c", &lines(&[])), ("src/other.c", "other\n")]);
    let body = lines(&[(1, "changed here")]);
    let line = scene.step(&old, "move", &[("lib/pump.c", &body)], &["src/pump.c"]);
    let fix = scene.on(&old, "fix", &[("src/pump.c", &lines(&[(9, "fixed")]))]);
    let mut picker = scene.picker();
    let pick = picker.pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome.name(), "clean", "{pick:?}");
    assert_eq!((pick.followed[0].from.as_str(), pick.followed[0].to.as_str()), ("src/pump.c", "lib/pump.c"));
    let tree = pick.tree.unwrap();
    assert_eq!(text(picker.draft(), &tree, "lib/pump.c"), lines(&[(1, "changed here"), (9, "fixed")]));
}

#[test]
fn a_file_that_was_moved_to_two_places_is_patched_in_one_and_needs_a_review() {
    let scene = Scene::new();
    let old = scene.root(&[("src/pump.c", &lines(&[])), ("src/other.c", "other\n")]);
    let copies = [("lib/pump.c", lines(&[])), ("port/pump.c", lines(&[]))];
    let copies = copies.each_ref().map(|(path, text)| (*path, text.as_str()));
    let line = scene.step(&old, "move and copy", &copies, &["src/pump.c"]);
    let fix = scene.on(&old, "fix", &[("src/pump.c", &lines(&[(9, "fixed")]))]);
    let pick = scene.pick(&fix, &line);
    let doubts = vec![Doubt::SeveralAlike { paths: vec![pick.followed[0].to.clone()] }];
    assert_eq!(pick.outcome, Outcome::CleanUnconfirmed { doubts });
    assert!(pick.review_reasons()[0].contains("is a guess"), "{:?}", pick.review_reasons());
}

#[test]
fn a_rename_inside_the_fix_is_never_plainly_clean() {
    let scene = Scene::new();
    let old = scene.root(&[("src/pump.c", &lines(&[])), ("src/other.c", "other\n")]);
    let line = scene.on(&old, "branch", &[("src/pump.c", &lines(&[(1, "changed here")]))]);
    let fix = scene.step(&old, "fix", &[("src/valve.c", &lines(&[(9, "fixed")]))], &["src/pump.c"]);
    let mut picker = scene.picker();
    let pick = picker.pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome.name(), "clean-unconfirmed");
    let tree = pick.tree.unwrap();
    assert_eq!(text(picker.draft(), &tree, "src/valve.c"), lines(&[(1, "changed here"), (9, "fixed")]));
    assert_eq!(picker.draft().read_file_in_tree(&tree, "src/pump.c").unwrap(), None);
}

#[test]
fn bp_36_mode_change_and_symlink() {
    let scene = Scene::new();
    let old = scene.root(&[("run.sh", &lines(&[])), ("b", "b\n")]);
    let line = scene.on(&old, "branch", &[("run.sh", &lines(&[(1, "one")]))]);
    let same = scene.blob(lines(&[]).as_bytes());
    let executable = scene.put(&old, "run.sh", same, 0o100_755);
    let link = scene.put(&executable, "link", scene.blob(b"run.sh"), 0o120_000);
    let (stack, picker) = scene.stack(&line, &[executable, link]);
    assert!(stack.is_complete());
    let tree = picker.draft().find_tree(&stack.tree).unwrap();
    assert_eq!(tree.get_name("run.sh").unwrap().filemode(), 0o100_755);
    assert_eq!(tree.get_name("link").unwrap().filemode(), 0o120_000);
    assert_eq!(text(picker.draft(), &stack.tree, "run.sh"), lines(&[(1, "one")]));
}

#[test]
fn bp_35_submodule_bump() {
    let scene = Scene::new();
    let old = scene.root(&[("a", "a\n")]);
    let at = |digit: &str| git2::Oid::from_str(&digit.repeat(40)).unwrap();
    let with = scene.put(&old, "dep", at("1"), 0o160_000);
    let line = scene.on(&with, "branch", &[("a", "aa\n")]);
    let fix = scene.put(&with, "dep", at("2"), 0o160_000);
    assert_eq!(scene.pick(&fix, &line).outcome.name(), "clean");
    let elsewhere = scene.put(&line, "dep", at("3"), 0o160_000);
    let pick = scene.pick(&fix, &elsewhere);
    assert_eq!(pick.conflicts[0].kind, ConflictKind::Submodule);
}

#[test]
fn bp_40_partial_clone_picks_without_the_blobs_it_lacks() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let missing = git2::Oid::from_str(&"9".repeat(40)).unwrap();
    let old = scene.put(&old, "big/asset.bin", missing, 0o100_644);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "one")]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(9, "nine")]))]);
    assert_eq!(scene.pick(&fix, &line).outcome.name(), "clean");
    let (stack, picker) = scene.stack(&line, &[fix]);
    scene.store.keep(picker.draft(), &stack.head).unwrap();
    assert!(scene.store.has_commit(&stack.head));
}

#[test]
fn bp_15_nothing_is_written_until_it_is_kept() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "one"), (5, "five")]))]);
    let clean = scene.on(&old, "fix", &[("a.c", &lines(&[(9, "nine")]))]);
    let conflicting = scene.on(&clean, "fix more", &[("a.c", &lines(&[(5, "V"), (9, "nine")]))]);
    let before = scene.footprint();
    let (stack, picker) = scene.stack(&line, &[clean, conflicting]);
    assert!(stack.open().is_some());
    assert_eq!(scene.footprint(), before, "a dry run leaves nothing behind");
    scene.store.keep(picker.draft(), &stack.head).unwrap();
    assert_eq!(scene.store.tree_of(&stack.head).unwrap(), stack.tree);
}

#[test]
fn a_branch_without_any_of_the_files_is_not_affected() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("b.c", "b\n")]);
    let added = scene.on(&old, "feature", &[("feature.c", &lines(&[]))]);
    let fix = scene.on(&added, "fix the feature", &[("feature.c", &lines(&[(3, "fixed")]))]);
    assert_eq!(scene.pick(&fix, &line).outcome, Outcome::NotApplicable);
}
