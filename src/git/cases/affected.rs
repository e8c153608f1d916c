//! Whether a branch is affected.

use super::super::*;
use super::scene::{Scene, lines};
use crate::ids::CommitId;

fn assess(scene: &Scene, fix: &CommitId, introduced: &[CommitId], head: &CommitId) -> Assessment {
    let request =
        AssessRequest { fix: vec![fix.clone()], introduced: introduced.to_vec(), head: head.clone() };
    scene.picker().assess(&request).unwrap()
}

/// A feature with a flaw, and its fix, on a main branch that older lines left before.
struct Flaw {
    scene: Scene,
    before: CommitId,
    introduced: CommitId,
    fix: CommitId,
}

fn flaw() -> Flaw {
    let scene = Scene::new();
    let before = scene.root(&[("src/a.c", &lines(&[]))]);
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let introduced = scene.on(&before, "feature", &[("src/pump.c", &flawed)]);
    let fix = scene.on(
        &introduced,
        "fix",
        &[("src/pump.c", &flawed.replace("pump(6, depth)", "pump(6, checked)"))],
    );
    Flaw { scene, before, introduced, fix }
}

#[test]
fn a_branch_with_the_introducing_commit_is_affected() {
    let Flaw { scene, introduced, fix, .. } = flaw();
    let line = scene.on(&introduced, "line", &[("src/b.c", "b\n")]);
    let found = assess(&scene, &fix, std::slice::from_ref(&introduced), &line);
    assert_eq!(found.verdict, Verdict::Affected);
    assert!(found.evidence.contains(&Evidence::IntroducedHere { commit: introduced.clone() }));
}

#[test]
fn a_branch_to_which_the_introducing_commit_was_carried_is_affected() {
    let Flaw { scene, before, introduced, fix } = flaw();
    let line = scene.on(&before, "line", &[("src/b.c", "b\n")]);
    let (stack, picker) = scene.stack(&line, std::slice::from_ref(&introduced));
    scene.store.keep(picker.draft(), &stack.head).unwrap();
    let found = assess(&scene, &fix, &[introduced], &stack.head);
    assert_eq!(found.verdict, Verdict::Affected);
    assert!(found.evidence.iter().any(|known| matches!(known, Evidence::IntroducedByBackport { .. })));
}

#[test]
fn a_branch_that_left_before_is_not_affected() {
    let Flaw { scene, before, introduced, fix } = flaw();
    let line = scene.on(&before, "line", &[("src/b.c", "b\n")]);
    let known = assess(&scene, &fix, &[introduced], &line);
    assert_eq!(known.verdict, Verdict::NotAffected);
    assert!(known.evidence.contains(&Evidence::NeverIntroduced));
}

#[test]
fn not_affected_without_an_introducing_commit_needs_hard_evidence() {
    let scene = Scene::new();
    let before = scene.root(&[("src/a.c", &lines(&[]))]);
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let feature = scene.on(&before, "feature", &[("src/pump.c", &flawed)]);
    let wide = flawed
        .replace("pump(3,", "tested(3,")
        .replace("pump(4,", "tested(4,")
        .replace("pump(9,", "tested(9,");
    let fix = scene.on(&feature, "fix", &[("src/pump.c", &wide)]);
    let line = scene.on(&before, "line", &[("src/b.c", "b\n")]);
    let found = assess(&scene, &fix, &[], &line);
    assert_eq!(found.verdict, Verdict::NotAffected);
    assert!(found.evidence.contains(&Evidence::NoFile));
    // The same code in a file of another name is no reason to be calm.
    let moved = scene.on(
        &before,
        "line",
        &[("src/engine.c", &format!("int main\n{}\n", flawed.replace("12", "x").repeat(3)))],
    );
    assert!(assess(&scene, &fix, &[], &moved).verdict >= Verdict::Possibly);
}

#[test]
fn code_that_is_there_without_its_commit_is_left_to_people() {
    let Flaw { scene, before, introduced, fix } = flaw();
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let squashed = scene.on(&before, "everything at once", &[("src/pump.c", &flawed)]);
    assert_eq!(assess(&scene, &fix, &[introduced], &squashed).verdict, Verdict::Possibly);
    assert_eq!(assess(&scene, &fix, &[], &squashed).verdict, Verdict::Affected, "the fix applies");
}

#[test]
fn a_changed_surrounding_is_likely_and_a_fixed_branch_is_fixed() {
    let Flaw { scene, introduced, fix, .. } = flaw();
    let own: String =
        (1..=12).map(|n| format!("pump({n}, {});\n", if n == 6 { "own" } else { "depth" })).collect();
    let line = scene.on(&introduced, "line", &[("src/pump.c", &own)]);
    assert_eq!(assess(&scene, &fix, &[], &line).verdict, Verdict::Likely);
    assert_eq!(assess(&scene, &fix, &[], &fix).verdict, Verdict::AlreadyFixed);
}

#[test]
fn versions_released_from_a_line_are_its_tags() {
    let Flaw { scene, before, introduced, fix } = flaw();
    for (name, commit) in [("v1.0.0", &before), ("v1.1.0", &introduced), ("v2.0.0", &fix)] {
        scene.store.set_ref(&format!("refs/tags/{name}"), commit, &Expected::Absent, "tag").unwrap();
    }
    let names: Vec<String> =
        scene.store.tags_in(&introduced).unwrap().into_iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["refs/tags/v1.0.0", "refs/tags/v1.1.0"]);
}
