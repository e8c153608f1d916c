//! Rulesets on the names and files that are pushed: found before anything is public, and refused as on GitHub.

use std::path::Path;
use std::process::Command;

use crate::support::{Served, World, edit, expect, git, rehearsed, run, said, without_the_conflict};

/// A ruleset of the repository.
fn ruleset(folder: &Path, more: &str) {
    edit(
        folder,
        "world.toml",
        "[repos.release]",
        &format!("[[repos.rulesets]]\nname = \"ours\"\n{more}\n\n[repos.release]"),
    );
}

fn planned(folder: &Path, code: i32) -> String {
    let output = run(["plan", folder.to_str().unwrap(), "--long"]);
    expect(&output, code);
    said(&output)
}

#[test]
fn branch_that_nobody_makes_is_refused_with_its_place_and_another_name_will_do() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    ruleset(folder.path(), "target = \"branch\"\ninclude = [\"security/**\"]\nrestrict_creation = true");
    let refusal = planned(folder.path(), 2);
    assert!(refusal.contains("the branch `security/"), "{refusal}");
    assert!(refusal.contains("the ruleset `ours` lets nobody make it"), "{refusal}");
    assert!(refusal.contains("write `patch-branch` with a name that is allowed"), "{refusal}");
    assert!(refusal.contains("catalog.toml:"), "{refusal}");

    let project = "project = \"Gauge\"";
    edit(folder.path(), "catalog.toml", project, &format!("{project}\npatch-branch = \"fixes/{{branch}}\""));
    let refusal = planned(folder.path(), 2);
    assert!(refusal.contains("it lacks `{release}`"), "{refusal}");
    edit(folder.path(), "catalog.toml", "fixes/{branch}", "fixes/{release}/{branch}");
    rehearsed(&world, folder.path(), 0);
    let made = world.git("brightwater/gauge", &["for-each-ref", "--format=%(refname)", "refs/heads/fixes"]);
    assert!(made.lines().any(|line| line.ends_with("/main")), "{made}");
}

#[test]
fn tag_and_bump_are_held_against_their_names_and_who_may_bypass_is_not() {
    for (more, wanted) in [
        ("target = \"branch\"\nname_pattern = \"^(main$|release/|security/)\"", "the branch `bump/"),
        ("target = \"branch\"\nname_pattern = { not = \"^bump/\" }", "the branch `bump/"),
        ("target = \"branch\"\nname_pattern = { not = \"^x\" }", ""),
        ("target = \"branch\"\nname_pattern = \"^x\"\nbypass = [\"mara\"]", ""),
        ("target = \"tag\"\nrestrict_creation = true\nbypass = [\"mara\"]", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        without_the_conflict(folder.path());
        ruleset(folder.path(), more);
        let told = planned(folder.path(), if wanted.is_empty() { 0 } else { 2 });
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn tag_that_the_projects_ci_may_not_make_is_told_by_the_plan_and_refused_to_it() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    ruleset(folder.path(), "target = \"tag\"\nrestrict_creation = true");
    let told = planned(folder.path(), 0);
    assert!(told.contains("v2.0.1: the ruleset `ours` lets nobody make it"), "{told}");
    assert!(told.contains("see before the hour that the workflow's account may bypass it"), "{told}");
    rehearsed(&world, folder.path(), 11);
    let tags = world.git("brightwater/gauge", &["tag"]);
    assert!(!tags.contains("v2.0.1"), "GitHub refuses it to workflows, too: {tags}");
}

#[test]
fn file_that_nobody_changes_is_found_while_nothing_is_public() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    ruleset(folder.path(), "target = \"push\"\nrestricted_paths = [\"**\"]");
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(status.contains("the ruleset `ours` of the repository restricts `**`"), "{status}");
    assert!(status.contains("nothing is public yet"), "{status}");
    let public =
        world.git("brightwater/gauge", &["for-each-ref", "--format=%(refname)", "refs/heads/security"]);
    assert_eq!(public, "");
}

#[test]
fn message_that_is_refused_is_told_by_the_plan_and_found_while_nothing_is_public() {
    for (include, of_plan, of_run) in [
        ("security/**", "a commit of the fix of GHSA-", "is a commit of the fixes"),
        ("bump/**", "\"Bump to 2.0.1\", the version bump", "is a commit of the bump"),
        // What is merged is held against the rules of its base, also where it is pushed to a branch that has none.
        ("main", "a commit of the fix of GHSA-", "is a commit of the fixes"),
    ] {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        without_the_conflict(folder.path());
        let rule = format!(
            "target = \"branch\"\ninclude = [\"{include}\"]\nmessage_pattern = \"(?m)^Signed-off-by: \""
        );
        ruleset(folder.path(), &rule);
        let wants = "wants messages of commits that match `(?m)^Signed-off-by: `";
        let told = planned(folder.path(), 0);
        assert!(told.contains("Commits that GitHub will refuse"), "{told}");
        assert!(told.contains(of_plan) && told.contains(&format!("the ruleset `ours` {wants}")), "{told}");
        assert!(told.contains("write `sign-off = true` under the repository in the catalog"), "{told}");
        rehearsed(&world, folder.path(), 11);
        let status = said(&run(["status", world.path().to_str().unwrap()]));
        assert!(status.contains(of_run), "{status}");
        assert!(status.contains(&format!("the ruleset `ours` of the repository {wants}")), "{status}");
        assert!(status.contains("nothing is public yet"), "{status}");
        assert!(status.contains("write `sign-off = true`"), "{status}");
    }
}

#[test]
fn pushes_are_refused_in_githubs_words() {
    let folder = tempfile::tempdir().unwrap();
    without_the_conflict(folder.path());
    ruleset(folder.path(), "target = \"branch\"\ninclude = [\"wip/**\"]\nrestrict_creation = true");
    ruleset(folder.path(), "target = \"branch\"\nmessage_pattern = \"(?m)^Signed-off-by: \"");
    let ours =
        "target = \"branch\"\nexclude = [\"bots/**\"]\nauthor_email_pattern = \"@brightwater[.]example$\"";
    ruleset(folder.path(), ours);
    ruleset(folder.path(), "target = \"push\"\nrestricted_paths = [\"secret/**\"]");
    let server = Served::with(&[folder.path().as_os_str()]);
    let clone = folder.path().join("clone");
    let url = format!("http://x:emulated-token-of-mara@{}/git/brightwater/gauge.git", server.address);
    git(folder.path(), &["clone", "-q", &url, "clone"]);
    let pushed_by = |author: &str, branch: &str, file: &str, message: &str| {
        std::fs::create_dir_all(clone.join(file).parent().unwrap()).unwrap();
        std::fs::write(clone.join(file), message).unwrap();
        git(&clone, &["checkout", "-q", "-B", "topic", "origin/main"]);
        git(&clone, &["add", "-A"]);
        git(&clone, &["commit", "-q", "--author", author, "-m", message]);
        let mut command = Command::new("git");
        said(
            &command
                .current_dir(&clone)
                .args(["push", "origin", &format!("topic:{branch}")])
                .output()
                .unwrap(),
        )
    };
    let push = |branch: &str, file: &str, message: &str| {
        pushed_by("Mara <mara@brightwater.example>", branch, file, message)
    };
    let signed = "more\n\nSigned-off-by: Mara <mara@brightwater.example>";
    let refused = push("wip/a", "a", signed);
    assert!(refused.contains("GH013: Repository rule violations found for refs/heads/wip/a"), "{refused}");
    assert!(refused.contains("Cannot create ref due to creations being restricted."), "{refused}");
    let refused = push("b", "b", "more");
    assert!(
        refused.contains("Commit message must match a given regex pattern: (?m)^Signed-off-by: "),
        "{refused}"
    );
    let refused = push("c", "secret/c", signed);
    assert!(refused.contains("restricted file paths: secret/c"), "{refused}");
    let bot = "Bot <bot@elsewhere.example>";
    let refused = pushed_by(bot, "e", "e", signed);
    assert!(
        refused.contains("Commit author email must match a given regex pattern: @brightwater[.]example$"),
        "{refused}"
    );
    let taken = pushed_by(bot, "bots/e", "e2", signed);
    assert!(taken.contains("new branch"), "{taken}");
    let taken = push("d", "d", signed);
    assert!(taken.contains("new branch"), "{taken}");
}
