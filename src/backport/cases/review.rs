//! What must be seen before a pick is trusted.

use super::scene::{Scene, lines};

#[test]
fn bp_48_a_smuggled_change_is_flagged() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "fixed")]))]);
    let line = scene.on(&old, "branch", &[("a.c", &lines(&[(1, "ours")]))]);
    let honest = scene.on(&line, "fix", &[("a.c", &lines(&[(1, "ours"), (5, "fixed")]))]);
    let more = scene.on(&honest, "and more", &[("b.c", "let me in\n")]);
    let tree = |commit| scene.store.tree_of(commit).unwrap();
    let fix = [fix];
    let same = scene.store.compare_with_fix(&fix, &tree(&line), &tree(&honest)).unwrap();
    assert!(same.is_same_change());
    let other = scene.store.compare_with_fix(&fix, &tree(&line), &tree(&more)).unwrap();
    assert!(!other.is_same_change());
    assert!(other.only_here.iter().any(|line| line.path == "b.c" && line.text == "let me in"));
    assert!(other.text.contains("+let me in"), "{}", other.text);
    let nothing = scene.store.compare_with_fix(&fix, &tree(&line), &tree(&line)).unwrap();
    assert_eq!(nothing.only_in_fix.len(), 2);
}

#[test]
fn bp_49_markers_left_in_a_file_are_found() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("doc.rst", "Title\n=======\n")]);
    let marked = "<<<<<<< branch\nours\n=======\ntheirs\n>>>>>>> fix\n";
    let left =
        scene.on(&old, "resolved?", &[("a.c", marked), ("doc.rst", "Title\n=======\n\nMore\n=======\n")]);
    let tree = |commit| scene.store.tree_of(commit).unwrap();
    let markers = scene.store.conflict_markers(&tree(&old), &tree(&left)).unwrap();
    assert_eq!(
        markers.iter().map(|marker| (marker.path.as_str(), marker.line)).collect::<Vec<_>>(),
        [("a.c", 1), ("a.c", 5)]
    );
    let clean = scene.on(&left, "resolved", &[("a.c", &lines(&[(1, "both")]))]);
    assert!(scene.store.conflict_markers(&tree(&old), &tree(&clean)).unwrap().is_empty());
}

#[test]
fn added_lines_are_given_to_the_guard() {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[]))]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "if (length > LIMIT) return -1;")]))]);
    assert_eq!(scene.store.added_lines(&fix).unwrap(), ["if (length > LIMIT) return -1;"]);
    assert_eq!(scene.store.added_lines(&old).unwrap().len(), 10);
    let (before, after) = (scene.store.tree_of(&old).unwrap(), scene.store.tree_of(&fix).unwrap());
    let patch = scene.store.patch(&before, &after).unwrap();
    assert!(patch.contains("-line 5\n+if (length > LIMIT) return -1;\n"), "{patch}");
}
