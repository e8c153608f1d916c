//! The demo, from the report to the published advisories; `git` alone confirms what became of it.

use serde_json::Value;

use crate::support::{SLUICE, WEIR, World, expect, fixture, lockgate, run, said};

const NESTING: &str = "GHSA-4wx7-c2fg-q8rm";

fn rehearsed() -> World {
    let world = World::new();
    let output =
        lockgate().arg("rehearse").arg(fixture("demo")).arg("--keep").arg(world.path()).output().unwrap();
    expect(&output, 0);
    assert!(said(&output).contains("Verified from outside"), "{}", said(&output));
    world
}

#[test]
fn demo_is_released_whole_and_git_confirms_it() {
    let world = rehearsed();
    every_line_carries_its_fixes_its_note_and_its_bump(&world);
    tags_point_at_the_bumps(&world);
    second_repository_carries_the_new_versions_of_the_first(&world);
    merges_went_default_branch_first_and_then_from_old_to_new(&world);
    forks_are_gone_and_mails_are_two(&world);
    report_tells_of_every_target(&world);
    newest_lines_have_the_label(&world);
    plan_says_about_how_often_github_is_asked(&world);
}

fn every_line_carries_its_fixes_its_note_and_its_bump(world: &World) {
    let lines = [
        (SLUICE, "release/1.x", "1.8.4", 2),
        (SLUICE, "release/2.x", "2.4.2", 1),
        (SLUICE, "release/3.x", "3.1.1", 1),
        (WEIR, "release/5.x", "5.2.2", 2),
        (WEIR, "release/6.x", "6.0.4", 2),
        (WEIR, "release/7.x", "7.1.1", 2),
    ];
    for (repo, line, version, picks) in lines {
        let log = world.git(repo, &["log", "--format=%B", line]);
        assert_eq!(log.matches("(cherry picked from commit ").count(), picks, "{repo} {line}:\n{log}");
        let notes = world.file(repo, line, "RELEASES.md");
        assert!(
            notes.contains(&format!("## {version}")) && notes.contains(NESTING),
            "{repo} {line}:\n{notes}"
        );
        let manifest = if repo == SLUICE { "include/sluice_version.h" } else { "Cargo.toml" };
        let stated = world.file(repo, line, manifest);
        let patch = version.rsplit('.').next().unwrap();
        let wanted = if repo == SLUICE {
            format!("SLUICE_VERSION_PATCH {patch}")
        } else {
            format!("version = \"{version}\"")
        };
        assert!(stated.contains(&wanted), "{repo} {line}:\n{stated}");
    }
    for repo in [SLUICE, WEIR] {
        assert!(
            world.git(repo, &["log", "--format=%B", "main"]).contains("(cherry picked from commit "),
            "{repo}"
        );
    }
    // Release notes come with the fixes, never with the bump.
    let bump = world.git(SLUICE, &["show", "--name-only", "--format=", "refs/heads/bump/release/2.x-2.4.2"]);
    assert_eq!(bump, "cmake/version.cmake\ninclude/sluice_version.h");
}

fn tags_point_at_the_bumps(world: &World) {
    for (repo, line, tag) in [
        (SLUICE, "release/1.x", "SLUICE-1.8.4"),
        (SLUICE, "release/3.x", "SLUICE-3.1.1"),
        (WEIR, "release/6.x", "v6.0.4"),
    ] {
        let tagged = world.git(repo, &["rev-parse", &format!("{tag}^{{commit}}")]);
        assert_eq!(tagged, world.git(repo, &["rev-parse", line]), "{tag} is the head of {line}");
        assert!(world.git(repo, &["log", "-2", "--format=%B", tag]).contains("Bump to "), "{tag}");
    }
}

fn second_repository_carries_the_new_versions_of_the_first(world: &World) {
    for (line, version) in [("release/5.x", "1.8.4"), ("release/6.x", "2.4.2"), ("release/7.x", "3.1.1")] {
        let carried = world.file(WEIR, line, "vendor/sluice.toml");
        assert!(carried.contains(&format!("version = \"{version}\"")), "{line}:\n{carried}");
    }
}

/// The pull request that each merge concerned, in the order in which they were carried out.
fn merges(world: &World, repo: &str) -> Vec<u64> {
    let path = format!("/repos/{repo}/pulls/");
    world
        .requests()
        .into_iter()
        .filter(|(method, way, status)| {
            method == "PUT" && way.contains(&path) && way.ends_with("/merge") && *status == 200
        })
        .map(|(_, way, _)| way.trim_end_matches("/merge").rsplit('/').next().unwrap().parse().unwrap())
        .collect()
}

fn pulls(report: &Value, repo: &str, kind: &str) -> Vec<u64> {
    let targets = report["targets"].as_array().unwrap();
    let of_repo = targets.iter().filter(|target| target["repo"] == repo);
    of_repo.filter_map(|target| target[kind]["number"].as_u64()).collect()
}

fn merges_went_default_branch_first_and_then_from_old_to_new(world: &World) {
    let report = world.report();
    for repo in [SLUICE, WEIR] {
        // The report lists targets in the planned order: default branch first, then from old to new.
        let mut planned = pulls(&report, repo, "patch");
        planned.extend(pulls(&report, repo, "bump"));
        assert_eq!(planned.len(), 7, "{repo}");
        assert_eq!(merges(world, repo), planned, "{repo}");
    }
}

fn forks_are_gone_and_mails_are_two(world: &World) {
    let repositories: Vec<String> = std::fs::read_dir(world.path().join("git/brightwater"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("ghsa"))
        .collect();
    assert_eq!(repositories, Vec::<String>::new(), "private forks are left");
    let mails = world.mails();
    assert_eq!(mails.len(), 2, "{:?}", mails.keys());
    for mail in mails.values() {
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert!(parsed.subject().unwrap().contains("security release"), "{mail}");
    }
}

fn report_tells_of_every_target(world: &World) {
    let report = world.report();
    assert_eq!(report["outcome"]["state"], "finished");
    assert_eq!(report["targets"].as_array().unwrap().len(), 8);
    let states: Vec<&str> =
        report["advisories"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["published", "published"]);
    for target in report["targets"].as_array().unwrap() {
        let suites = target["suites"].as_array().unwrap();
        assert!(!suites.is_empty() && suites.iter().all(|suite| suite["passed"] == true), "{target}");
        // What the report calls proven is what git has on the branch that was merged.
        let (repo, branch) = (target["repo"].as_str().unwrap(), target["branch"].as_str().unwrap());
        let merged = target["patch"]["merged_as"].as_str().unwrap();
        let tree = world.git(repo, &["rev-parse", &format!("{merged}^{{tree}}")]);
        assert_eq!(target["tree"].as_str().unwrap(), tree, "{repo} {branch}");
    }
}

fn newest_lines_have_the_label(world: &World) {
    for (repo, tag) in [(SLUICE, "SLUICE-3.1.1"), (WEIR, "v7.1.1")] {
        let latest = world.ask("demo", &format!("/repos/{repo}/releases/latest"));
        assert_eq!(latest["tag_name"], tag, "{latest}");
    }
}

/// The numbers of the plan's page: of what it will ask, and of what of that changes something.
fn plan_says_about_how_often_github_is_asked(world: &World) {
    let plan = run(["plan".as_ref(), world.path().as_os_str()]);
    expect(&plan, 0);
    let page = said(&plan);
    let part = |begins: &str| -> [usize; 2] {
        let line = page.lines().find_map(|line| line.trim_start().strip_prefix(begins)).unwrap();
        let mut numbers =
            line.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok());
        [numbers.next().unwrap(), numbers.next().unwrap()]
    };
    let (before, after) = (part("before the gate `release-day`: "), part("after it: "));
    let said = [before[0] + after[0], before[1] + after[1]];
    // An answer that nothing has changed does not count, nor does what the world's flaky check makes us run again.
    let counted: Vec<String> = world
        .requests()
        .into_iter()
        .filter(|(_, path, status)| *status != 304 && !path.ends_with("/rerun-failed-jobs"))
        .map(|(method, ..)| method)
        .collect();
    let changes = counted.iter().filter(|method| *method != "GET").count();
    assert!(said[1].abs_diff(changes) * 10 <= changes, "changes: {said:?} are said, {changes} were sent");
    let all = counted.len();
    assert!(said[0] * 2 >= all && said[0] * 2 <= all * 3, "requests: {said:?} are said, {all} were sent");
}
