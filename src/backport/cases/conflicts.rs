//! Picks that stop, and what their records say.

use super::scene::{Scene, lines, request, text};
use super::*;

fn only(pick: &Pick) -> &Conflict {
    assert_eq!(pick.conflicts.len(), 1, "{:?}", pick.conflicts);
    assert_eq!(pick.tree, None);
    &pick.conflicts[0]
}

#[test]
fn a_content_conflict_shows_all_three_versions() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(5, "ours")]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "theirs"), (10, "also")]))]);
    let mut picker = scene.picker();
    let pick = picker.pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome, Outcome::Conflict);
    let hunk = &only(&pick).hunks[0];
    assert_eq!(
        (hunk.base.as_str(), hunk.ours.as_str(), hunk.theirs.as_str()),
        ("line 5\n", "ours\n", "theirs\n")
    );
    assert_eq!((hunk.base_line, hunk.ours_line, hunk.theirs_line), (5, 5, 5));
    let marked = text(picker.draft(), pick.marked_tree.as_ref().unwrap(), "a.c");
    let expected = "line 4\n<<<<<<< branch\nours\n||||||| before the fix\nline 5\n=======\ntheirs\n>>>>>>> fix\nline 6\n";
    assert!(marked.contains(expected), "{marked}");
    assert!(marked.ends_with("also\n"));
}

#[test]
fn bp_29_line_endings_that_drifted_are_a_conflict() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let line = scene.on(&old, "dos", &[("a.c", &lines(&[]).replace('\n', "\r\n"))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(only(&pick).kind, ConflictKind::LineEndings);
}

#[test]
fn bp_29_whitespace_that_drifted_is_a_conflict_and_elsewhere_none() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    for drifted in ["    line 5", "line 5  ", "line\t5", "line 5\r"] {
        let line = scene.on(&old, "drift", &[("a.c", &lines(&[(5, drifted)]))]);
        let kind = if drifted.ends_with('\r') { ConflictKind::LineEndings } else { ConflictKind::Content };
        assert_eq!(only(&scene.pick(&fix, &line)).kind, kind, "{drifted:?}");
        let line = scene.on(&old, "drift", &[("a.c", &lines(&[(9, drifted)]))]);
        let mut picker = scene.picker();
        let pick = picker.pick(&request(&fix, &line)).unwrap();
        let both = lines(&[(5, "fixed"), (9, drifted)]);
        assert_eq!(text(picker.draft(), &pick.tree.unwrap(), "a.c"), both, "{drifted:?}");
    }
}

#[test]
fn bp_36_modes_and_links_that_both_sides_changed() {
    let scene = Scene::new();
    let old = scene.root(&[("run.sh", "run\n"), ("gate", "gate\n")]);
    let old = scene.put(&old, "link", scene.blob(b"run.sh"), 0o120_000);
    let to =
        |target: &[u8], from: &crate::ids::CommitId| scene.put(from, "link", scene.blob(target), 0o120_000);
    let fix = to(b"gate", &old);
    assert_eq!(scene.pick(&fix, &to(b"elsewhere", &old)).conflicts[0].kind, ConflictKind::Link);
    assert_eq!(scene.pick(&fix, &to(b"gate", &old)).outcome.name(), "already-fixed");
    // What was a link for the fix is a file on the branch, and the other way round.
    let file = scene.put(&old, "link", scene.blob(b"a file now\n"), 0o100_644);
    assert_eq!(only(&scene.pick(&fix, &file)).kind, ConflictKind::Type);
    assert_eq!(only(&scene.pick(&file, &fix)).kind, ConflictKind::Type);
    // The mode by the fix, the text by the branch, and the text by both.
    let executable = scene.put(&old, "run.sh", scene.blob(b"run\n"), 0o100_755);
    let line = scene.on(&old, "work", &[("run.sh", "run faster\n")]);
    let mut picker = scene.picker();
    let tree = picker.pick(&request(&executable, &line)).unwrap().tree.unwrap();
    assert_eq!(picker.draft().find_tree(&tree).unwrap().get_name("run.sh").unwrap().filemode(), 0o100_755);
    let both = scene.put(&old, "run.sh", scene.blob(b"run safely\n"), 0o100_755);
    assert_eq!(only(&scene.pick(&both, &line)).kind, ConflictKind::Content);
}

#[test]
fn bp_32_a_binary_file_that_one_side_changed_is_taken_whole() {
    let scene = Scene::new();
    let old = scene.root(&[("logo", "\0one"), ("a", "a\n")]);
    let line = scene.on(&old, "branch", &[("a", "aa\n")]);
    let fix = scene.on(&old, "fix", &[("logo", "\0two")]);
    let mut picker = scene.picker();
    let pick = picker.pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome.name(), "clean");
    assert_eq!(text(picker.draft(), &pick.tree.unwrap(), "logo"), "\0two");
}

#[test]
fn bp_32_binary_file_conflict() {
    let scene = Scene::new();
    let old = scene.root(&[("logo", "\0one")]);
    let line = scene.on(&old, "branch", &[("logo", "\0two")]);
    let fix = scene.on(&old, "fix", &[("logo", "\0three")]);
    assert_eq!(only(&scene.pick(&fix, &line)).kind, ConflictKind::Binary);
}

#[test]
fn bp_34_file_deleted_on_target() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let line = scene.step(&old, "drop", &[], &["a.c"]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")])), ("b.c", "bb\n")]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome, Outcome::Structural);
    assert_eq!(only(&pick).kind, ConflictKind::DeletedOnBranch);
}

#[test]
fn a_file_that_the_fix_deletes_and_the_branch_changed() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let line = scene.on(&old, "work", &[("a.c", &lines(&[(5, "ours")]))]);
    let fix = scene.step(&old, "fix", &[], &["a.c"]);
    assert_eq!(only(&scene.pick(&fix, &line)).kind, ConflictKind::DeletedByFix);
}

#[test]
fn a_file_that_both_sides_added() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", "a\n")]);
    let line = scene.on(&old, "work", &[("new.c", "ours\n")]);
    let fix = scene.on(&old, "fix", &[("new.c", "theirs\n")]);
    assert_eq!(only(&scene.pick(&fix, &line)).kind, ConflictKind::BothAdded);
}

#[test]
fn a_file_where_the_branch_has_a_directory() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", "a\n")]);
    let line = scene.on(&old, "work", &[("thing/part.c", "ours\n")]);
    let fix = scene.on(&old, "fix", &[("thing", "theirs\n")]);
    assert_eq!(only(&scene.pick(&fix, &line)).kind, ConflictKind::FileAndDirectory);
    let below = scene.on(&old, "fix", &[("a.d/x", "x\n")]);
    let file = scene.on(&old, "work", &[("a.d", "file\n")]);
    assert_eq!(only(&scene.pick(&below, &file)).kind, ConflictKind::FileAndDirectory);
}

#[test]
fn a_file_that_the_fix_turns_into_a_directory() {
    let scene = Scene::new();
    let old = scene.root(&[("a", "a\n"), ("b", "b\n")]);
    let line = scene.on(&old, "work", &[("b", "bb\n")]);
    let fix = scene.step(&scene.step(&old, "x", &[], &["a"]), "y", &[("a/part", "p\n")], &[]);
    let request = PickRequest { fix, against: Against::Commit(old), onto: Onto::Commit(line) };
    let mut picker = scene.picker();
    let pick = picker.pick(&request).unwrap();
    assert_eq!(pick.outcome.name(), "clean", "{pick:?}");
    assert_eq!(text(picker.draft(), &pick.tree.unwrap(), "a/part"), "p\n");
}

#[test]
fn a_new_file_for_a_directory_that_moved() {
    let scene = Scene::new();
    let files: Vec<(String, String)> =
        (0..4).map(|n| (format!("old/f{n}.c"), format!("file {n}\n{}", lines(&[])))).collect();
    let listed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let base = scene.root(&listed);
    let moved: Vec<(String, &str)> =
        listed.iter().map(|(path, text)| (path.replace("old/", "new/"), *text)).collect();
    let moved: Vec<(&str, &str)> = moved.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let gone: Vec<&str> = listed.iter().map(|(path, _)| *path).collect();
    let line = scene.step(&base, "move", &moved, &gone);
    let fix = scene.on(&base, "fix", &[("old/extra.c", "extra\n")]);
    assert_eq!(only(&scene.pick(&fix, &line)).kind, ConflictKind::DirectoryMoved);
    // The other way round: the fix moves the directory, the branch has a file of its own in it.
    let own = scene.on(&base, "work", &[("old/own.c", "own\n")]);
    assert_eq!(only(&scene.pick(&line, &own)).kind, ConflictKind::DirectoryMoved);
}

#[test]
fn a_new_file_beside_what_was_moved_apart_needs_a_review_where_git_stops() {
    let scene = Scene::new();
    let (gate, pump) = (lines(&[(1, "gate")]), lines(&[(1, "pump"), (2, "p"), (3, "p"), (4, "p"), (6, "p")]));
    let old = scene.root(&[("core/low/gate.c", &gate), ("core/low/pump.c", &pump)]);
    let apart = [("lib/new/gate.c", gate.as_str()), ("lib/pump.c", pump.as_str())];
    let line = scene.step(&old, "move apart", &apart, &["core/low/gate.c", "core/low/pump.c"]);
    let fix = scene.on(&old, "fix", &[("core/limit.c", "limit\n")]);
    let pick = scene.pick(&fix, &line);
    let doubts = vec![Doubt::SeveralAlike { paths: vec!["core/limit.c".to_owned()] }];
    assert_eq!(pick.outcome, Outcome::CleanUnconfirmed { doubts });
    // The other way round: the fix moves them apart, and the branch has a file of its own beside them.
    assert_eq!(scene.pick(&line, &fix).outcome.name(), "clean-unconfirmed");
}

#[test]
fn bp_50_a_conflict_in_release_notes_alone_is_noise() {
    let scene = Scene::new();
    let old = scene.root(&[("RELEASES.md", "# 1\n"), ("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("RELEASES.md", "# 0.9.1\n\n# 0.9\n")]);
    let fix = scene.on(&old, "fix", &[("RELEASES.md", "# 2\n\n# 1\n"), ("a.c", &lines(&[(5, "fixed")]))]);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.outcome, Outcome::ConflictInNoise);
    assert_eq!(only(&pick).noise, Some(Noise::ReleaseNotes));
}

#[test]
fn a_conflict_in_a_file_that_the_catalog_names_is_noise_and_the_rest_still_matters() {
    let scene = Scene::new();
    let old = scene.root(&[("look/a.snap", "1\n"), ("a.c", &lines(&[]))]);
    let line = scene.on(&old, "branch", &[("look/a.snap", "2\n"), ("a.c", &lines(&[(5, "ours")]))]);
    let rules = || NoiseRules::new(vec!["*.snap".parse().unwrap()]);
    let fix = scene.on(&old, "fix", &[("look/a.snap", "3\n"), ("a.c", &lines(&[(10, "fixed")]))]);
    let pick = scene.picker().with_noise(rules()).pick(&request(&fix, &line)).unwrap();
    assert_eq!(pick.outcome, Outcome::ConflictInNoise);
    assert_eq!(only(&pick).noise, Some(Noise::Named));
    assert_eq!(scene.pick(&fix, &line).outcome, Outcome::Conflict);
    let wider = scene.on(&old, "fix", &[("look/a.snap", "3\n"), ("a.c", &lines(&[(5, "theirs")]))]);
    let pick = scene.picker().with_noise(rules()).pick(&request(&wider, &line)).unwrap();
    assert_eq!(pick.outcome, Outcome::Conflict);
}

#[test]
fn bp_10_a_merge_without_a_mainline_gets_advice() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let side = scene.on(&old, "side", &[("a.c", &lines(&[(5, "fixed")]))]);
    let merge = scene.merge(&[old.clone(), side.clone()], &side, "merge");
    let refused = scene.picker().pick(&request(&merge, &old)).unwrap_err();
    assert!(matches!(refused, GitError::MainlineNeeded { parents: 2, .. }));
    assert!(refused.hint().unwrap().contains("--merges first-parent"));
    let chosen = PickRequest { against: Against::Mainline(1), ..request(&merge, &old) };
    assert_eq!(scene.picker().pick(&chosen).unwrap().outcome.name(), "clean");
    let third = PickRequest { against: Against::Mainline(3), ..request(&merge, &old) };
    assert!(matches!(scene.picker().pick(&third), Err(GitError::NoSuchMainline { mainline: 3, .. })));
}
