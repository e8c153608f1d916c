//! Whether a branch is affected.

use super::scene::{Scene, lines};
use super::*;
use crate::ids::CommitId;

fn assess(scene: &Scene, fix: &CommitId, introduced: &[CommitId], head: &CommitId) -> Assessment {
    let request = AssessRequest {
        fix: vec![fix.clone()],
        introduced: introduced.to_vec(),
        head: head.clone(),
        beneath: Vec::new(),
    };
    Assessor::new(&scene.store).unwrap().assess(&request).unwrap()
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
fn a_release_from_before_a_formatter_came_is_not_taken_for_one_without_the_code() {
    let scene = Scene::new();
    let code = |quote: &str| -> String { (1..=12).map(|n| format!("open({quote}{n}{quote})\n")).collect() };
    let old = scene.root(&[("pump.py", &code("'"))]);
    let new = scene.on(&old, "black", &[("pump.py", &code("\""))]);
    let fixed = code("\"").replace("open(\"6\")", "open(\"6\", safe=True)");
    let fix = scene.on(&new, "fix", &[("pump.py", &fixed)]);
    assert_eq!(assess(&scene, &fix, &[], &old).verdict, Verdict::Likely);
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
fn a_release_with_the_code_elsewhere_and_a_stub_in_its_place_is_not_taken_for_one_without_it() {
    let scene = Scene::new();
    let code: String = (1..=20).map(|n| format!("  step_{n}(buffer, length + {n});\n")).collect();
    let faulty = code.replace("step_10(buffer, length + 10)", "copy(buffer, length)");
    let stub = "#include \"../lib/core.c\"\n";
    let old = scene.root(&[("src/core_pump.c", stub), ("lib/core.c", &faulty)]);
    let new = scene.on(&old, "move", &[("src/core_pump.c", &faulty), ("lib/core.c", "")]);
    let fixed = faulty.replace("copy(buffer, length)", "copy(buffer, min(length, 64))");
    let wide = fixed.replace("step_18(buffer,", "step_18(checked,");
    let fix = scene.on(&new, "fix", &[("src/core_pump.c", &wide)]);
    assert!(assess(&scene, &fix, &[], &old).verdict >= Verdict::Likely);
    // A few lines of it in a file that has nothing to do with it are none of it.
    let few = "  step_9(buffer, length + 9);\n";
    let none = scene.root(&[("src/core_pump.c", stub), ("lib/other.c", few)]);
    let found = assess(&scene, &fix, &[], &none);
    assert_eq!(found.verdict, Verdict::NotAffected, "{found:?}");
    assert!(found.evidence.contains(&Evidence::NoLine));
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
        scene.store.set_ref(&format!("refs/tags/{name}"), commit, &ExpectedRef::Absent, "tag").unwrap();
    }
    let line = scene.on(&introduced, "line", &[("src/b.c", "b\n")]);
    let newer = scene.on(&fix, "newer", &[("src/b.c", "c\n")]);
    for (name, commit) in [("v1.1.1", &line), ("v2.0.1", &newer)] {
        scene.store.set_ref(&format!("refs/tags/{name}"), commit, &ExpectedRef::Absent, "tag").unwrap();
    }
    let tags = tags_by_line(&scene.store, &[newer, line, before]).unwrap();
    let names = |tags: &[Reference]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
    // What both lines come from belongs to the older one, which is the one with fewer tags.
    assert_eq!(names(&tags[2]), ["refs/tags/v1.0.0"]);
    assert_eq!(names(&tags[1]), ["refs/tags/v1.1.0", "refs/tags/v1.1.1"]);
    assert_eq!(names(&tags[0]), ["refs/tags/v2.0.0", "refs/tags/v2.0.1"]);
}

#[test]
fn a_series_is_judged_as_the_one_change_that_it_is() {
    let Flaw { scene, introduced, fix, .. } = flaw();
    // The second commit stands on the first, and does not apply without it.
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let second =
        scene.on(&fix, "more", &[("src/pump.c", &flawed.replace("pump(6, depth)", "pump(6, bounded)"))]);
    let line = scene.on(&introduced, "line", &[("src/b.c", "b\n")]);
    let series = |head: &CommitId| {
        let fix = vec![fix.clone(), second.clone()];
        let request = AssessRequest { fix, introduced: Vec::new(), head: head.clone(), beneath: Vec::new() };
        Assessor::new(&scene.store).unwrap().assess(&request).unwrap()
    };
    let found = series(&line);
    assert_eq!(found.verdict, Verdict::Affected);
    assert!(found.evidence.contains(&Evidence::FixApplies), "{:?}", found.evidence);
    let squashed =
        scene.on(&line, "at once", &[("src/pump.c", &flawed.replace("pump(6, depth)", "pump(6, bounded)"))]);
    assert_eq!(series(&squashed).verdict, Verdict::AlreadyFixed, "a squashed series changes nothing");
}

#[test]
fn a_fix_in_another_form_is_left_to_people() {
    let scene = Scene::new();
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let before = scene.root(&[("src/pump.c", &flawed)]);
    let guard = "if (depth > limit) {\nreport(depth);\nreturn refused;\n}\npump(6, checked);";
    let fix = scene.on(&before, "fix", &[("src/pump.c", &flawed.replace("pump(6, depth);", guard))]);
    let own = guard.replace("return refused", "return failure");
    let line = scene.on(&before, "by hand", &[("src/pump.c", &flawed.replace("pump(6, depth);", &own))]);
    let found = assess(&scene, &fix, &[], &line);
    assert_eq!(found.verdict, Verdict::Possibly);
    assert!(found.evidence.contains(&Evidence::PostImage { found: 3, of: 4 }), "{:?}", found.evidence);
}

#[test]
fn a_fix_of_which_only_tests_are_left_is_there() {
    let Flaw { scene, introduced, .. } = flaw();
    let flawed: String = (1..=12).map(|n| format!("pump({n}, depth);\n")).collect();
    let repaired = flawed.replace("pump(6, depth)", "pump(6, checked)");
    let fix = scene.on(
        &introduced,
        "fix",
        &[("src/pump.c", &repaired), ("tests/pump.c", "check(6);\n"), ("RELEASES.md", "one\n")],
    );
    let line = scene.on(&introduced, "line", &[("src/pump.c", &repaired), ("RELEASES.md", "own\n")]);
    let found = assess(&scene, &fix, &[], &line);
    assert_eq!(found.verdict, Verdict::AlreadyFixed);
    assert!(found.evidence.contains(&Evidence::OnlyNoiseLeft), "{:?}", found.evidence);
    // A fix that is nothing but a test is there only when the test is.
    let test = scene.on(&introduced, "test", &[("tests/pump.c", "check(6);\n")]);
    assert_ne!(assess(&scene, &test, &[], &line).verdict, Verdict::AlreadyFixed);
}

#[test]
fn an_older_version_of_a_dependency_is_what_the_fix_replaces() {
    let scene = Scene::new();
    let manifest = |version: &str| format!("[dependencies]\nserde = \"1.0.9\"\ncap-std = \"{version}\"\n");
    let before = scene.root(&[("deps.toml", &manifest("3.4.4"))]);
    let fix = scene.on(&before, "raise cap-std", &[("deps.toml", &manifest("3.4.5"))]);
    let line = |version: &str| scene.on(&before, "line", &[("deps.toml", &manifest(version))]);
    assert_eq!(assess(&scene, &fix, &[], &line("3.2.1")).verdict, Verdict::Likely);
    assert_eq!(assess(&scene, &fix, &[], &line("3.5.0")).verdict, Verdict::Possibly);
}

#[test]
fn surroundings_alone_are_not_likely() {
    let scene = Scene::new();
    let lines: String = (1..=6).map(|n| format!("prepare({n});\n")).collect();
    let older = scene.root(&[("src/pump.c", &lines)]);
    let flawed = lines.replace("prepare(3);\n", "prepare(3);\nopen(valve);\nfill(basin);\nshut(valve);\n");
    let feature = scene.on(&older, "feature", &[("src/pump.c", &flawed)]);
    let repaired =
        flawed.replace("open(valve);\nfill(basin);\n", "open(valve, gently);\nfill(basin, slowly);\n");
    let fix = scene.on(&feature, "fix", &[("src/pump.c", &repaired)]);
    assert_eq!(assess(&scene, &fix, &[], &feature).verdict, Verdict::Affected);
    assert_eq!(assess(&scene, &fix, &[], &older).verdict, Verdict::Possibly);
}

#[test]
fn answers_for_equal_files_are_shared_and_histories_are_not() {
    let Flaw { scene, introduced, fix, .. } = flaw();
    let line = scene.on(&introduced, "line", &[("src/b.c", "b\n")]);
    let reverted = scene.on(
        &fix,
        &format!("back\n\nThis reverts commit {fix}.\n"),
        &[("src/pump.c", &(1..=12).map(|n| format!("pump({n}, depth);\n")).collect::<String>())],
    );
    let mut assessor = Assessor::new(&scene.store).unwrap();
    let mut verdict = |head: &CommitId| {
        let request = AssessRequest {
            fix: vec![fix.clone()],
            introduced: Vec::new(),
            head: head.clone(),
            beneath: Vec::new(),
        };
        assessor.assess(&request).unwrap().verdict
    };
    assert_eq!(verdict(&line), Verdict::Affected);
    assert_eq!(verdict(&reverted), Verdict::Affected, "the same files, and the fix was reverted");
    assert_eq!(verdict(&fix), Verdict::AlreadyFixed);
    let named = Evidence::Reverted { fix: fix.clone(), by: reverted.clone() };
    assert_eq!(assess(&scene, &fix, &[], &reverted).evidence.first(), Some(&named), "history explains it");
}

#[test]
fn a_pick_that_git_revert_took_back_is_named_in_the_evidence() {
    let Flaw { scene, introduced, fix, .. } = flaw();
    let fixed =
        scene.on(&introduced, &format!("fix\n\n(cherry picked from commit {fix})\n"), &[("src/b.c", "b\n")]);
    let back =
        scene.on(&fixed, &format!("Revert \"fix\"\n\nThis reverts commit {fixed}.\n"), &[("src/b.c", "c\n")]);
    let found = assess(&scene, &fix, &[], &back);
    assert_eq!(found.verdict, Verdict::Affected);
    assert_eq!(found.evidence.first(), Some(&Evidence::Reverted { fix, by: back }));
}
