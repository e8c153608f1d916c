//! Who last touched the lines of a conflict.

use super::scene::{Scene, lines};

#[test]
fn bp_44_missing_prerequisite_is_named_and_nothing_else() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let irrelevant = scene.on(&old, "unrelated\n", &[("a.c", &lines(&[(9, "nine")]))]);
    let needed =
        scene.on(&irrelevant, "prepare line 5\n", &[("a.c", &lines(&[(9, "nine"), (5, "prepared")]))]);
    let fix = scene.on(&needed, "fix\n", &[("a.c", &lines(&[(9, "nine"), (5, "fixed")]))]);
    let line = scene.on(&old, "line's own\n", &[("a.c", &lines(&[(5, "its own")]))]);
    let pick = scene.pick(&fix, &line);
    let touched = scene.picker().touched(&pick, &fix, &line).unwrap();
    let [place] = &touched[..] else { panic!("{touched:?}") };
    assert_eq!((place.path.as_str(), place.line), ("a.c", 5));
    let before: Vec<_> = place.before_fix.iter().map(|toucher| &toucher.commit).collect();
    assert_eq!(before, [&needed]);
    let own: Vec<_> = place.on_branch.iter().map(|toucher| &toucher.commit).collect();
    assert_eq!(own, [&line]);
    assert!(place.before_fix[0].to_string().contains("\"prepare line 5\" by Ada Weir"));
}

#[test]
fn bp_44_prerequisite_that_was_carried_to_the_branch_is_not_named() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let needed = scene.on(&old, "prepare\n", &[("a.c", &lines(&[(5, "prepared")]))]);
    let fix = scene.on(&needed, "fix\n", &[("a.c", &lines(&[(5, "fixed")]))]);
    let message = format!("prepare\n\n(cherry picked from commit {needed})\n");
    let line = scene.on(&old, &message, &[("a.c", &lines(&[(5, "prepared otherwise")]))]);
    let touched = scene.picker().touched(&scene.pick(&fix, &line), &fix, &line).unwrap();
    assert!(touched[0].before_fix.is_empty());
    assert_eq!(touched[0].on_branch[0].commit, line);
}

#[test]
fn commits_that_wrote_release_notes_are_nothing_that_a_fix_builds_on() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("CHANGELOG.md", &lines(&[]))]);
    let told = scene.on(&old, "told\n", &[("a.c", &lines(&[])), ("CHANGELOG.md", &lines(&[(5, "one")]))]);
    let needed = scene.on(
        &told,
        "prepare\n",
        &[("a.c", &lines(&[(5, "prepared")])), ("CHANGELOG.md", &lines(&[(5, "one")]))],
    );
    let fixed = [("a.c", &*lines(&[(5, "fixed")])), ("CHANGELOG.md", &*lines(&[(5, "one, fixed")]))];
    let fix = scene.on(&needed, "fix\n", &fixed);
    let own = [("a.c", &*lines(&[(5, "its own")])), ("CHANGELOG.md", &*lines(&[(5, "its own")]))];
    let line = scene.on(&old, "line's own\n", &own);
    let pick = scene.pick(&fix, &line);
    assert_eq!(pick.conflicts.len(), 2);
    let touched = scene.picker().touched(&pick, &fix, &line).unwrap();
    let [place] = &touched[..] else { panic!("{touched:?}") };
    assert_eq!(place.path, "a.c");
    assert_eq!(place.before_fix[0].commit, needed);
}
