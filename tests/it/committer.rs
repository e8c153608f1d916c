//! Who commits, and what stands on everything that is committed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{IN_A_FILE, Project};
use crate::support::{SLUICE, WEIR, World, copy, expect, fixture, lockgate, said};

/// What git says in this directory, which must be well.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(directory).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn bp_38_the_committer_of_a_backport_is_whom_git_knows() {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path();
    git(clone, &["init", "-q", "-b", "main"]);
    git(clone, &["config", "user.name", "Grace"]);
    git(clone, &["config", "user.email", "grace@acme.example"]);
    for (text, message) in [("a\n", "start"), ("b\n", "fix")] {
        fs::write(clone.join("a.txt"), text).unwrap();
        git(clone, &["add", "-A"]);
        git(clone, &["-c", "user.email=ada@acme.example", "commit", "-q", "-m", message]);
    }
    git(clone, &["branch", "line", "main~1"]);
    git(clone, &["branch", "other", "main~1"]);
    let pick = |onto: &str, environment: &[(&str, &str)]| {
        let mut command = lockgate();
        command
            .current_dir(clone)
            .args(["backport", "--repo", ".", "--fix", "main", "--write", "bp/", "--onto", onto]);
        expect(&command.envs(environment.iter().copied()).output().unwrap(), 0);
        git(clone, &["log", "-1", "--format=%cn <%ce> %ci", &format!("bp/{onto}")])
    };
    let by_configuration = pick("line", &[]);
    assert!(by_configuration.starts_with("Grace <grace@acme.example> "), "{by_configuration}");
    let named = [("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+0230")];
    assert_eq!(pick("other", &named), "Ada <grace@acme.example> 2026-01-02 03:04:05 +0230");
}

#[test]
fn a_project_that_asks_for_sign_off_and_signatures_gets_them_on_every_commit_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("release");
    copy(&fixture("demo"), &release);
    let catalog = release.join("catalog.toml");
    let text = fs::read_to_string(&catalog).unwrap();
    let wanted =
        text.replacen("project = \"Sluice\"", "project = \"Sluice\"\nsign-off = true\nsign = \"git\"", 1);
    fs::write(&catalog, wanted).unwrap();

    let world = World::new();
    let mut command = lockgate();
    command.arg("rehearse").arg(&release).arg("--keep").arg(world.path());
    let ada = [("GIT_COMMITTER_NAME", "Ada Weir"), ("GIT_COMMITTER_EMAIL", "ada@brightwater.example")];
    expect(&command.envs(ada).output().unwrap(), 0);

    let ours = ["log", "--all", "--no-merges", "--committer=ada@brightwater.example", "--format=%H"];
    let signed: Vec<String> = world.git(SLUICE, &ours).lines().map(str::to_owned).collect();
    // Fixes, notes and bumps of three lines, and the fixes of the default branch.
    assert!(signed.len() >= 9, "{signed:?}");
    for commit in &signed {
        let object = world.git(SLUICE, &["cat-file", "commit", commit]);
        assert!(object.contains("\ngpgsig -----BEGIN SSH SIGNATURE-----\n "), "{object}");
        assert!(object.contains("\nSigned-off-by: Ada Weir <ada@brightwater.example>"), "{object}");
    }
    let others = world.git(WEIR, &["log", "--all", "--no-merges", "--format=%cn%n%B%H"]);
    assert!(others.contains("Ada Weir") && !others.contains("Signed-off-by: Ada"));
}

/// The version stands in `VERSION`.

#[test]
fn the_tag_of_a_release_is_of_the_kind_that_the_projects_tags_are() {
    let project = Project::new("lines = []", IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    let rehearsed = project.rehearse();
    expect(&rehearsed, 0);
    assert_eq!(project.world(&["cat-file", "-t", "refs/tags/v1.2.4"]), "tag");
    let told = project.world(&["for-each-ref", "--format=%(taggername) %(contents)", "refs/tags/v1.2.4"]);
    assert_eq!(told.trim(), "ada Pump 1.2.4");
    assert_eq!(project.world(&["describe", "main"]), "v1.2.4");
    assert!(said(&project.plan()).contains("released by pushing an annotated tag"));

    let project = Project::new("lines = []", IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    // The newest tag shows the habit.
    project.commit(&[("VERSION", "1.2.10\n")], "1.2.10");
    project.git(&["tag", "v1.2.10"]);
    expect(&project.rehearse(), 0);
    assert_eq!(project.world(&["cat-file", "-t", "refs/tags/v1.2.11"]), "commit");
}

#[test]
fn a_tag_is_signed_and_worded_as_the_catalog_says() {
    let mut project = Project::new("lines = []", IN_A_FILE);
    project.released += "\ntag-message = \"{project} {tag}: see the advisories\"\nsign-tags = true";
    project.release("1.2.3", "v1.2.3");
    expect(&project.rehearse(), 0);
    let tag = project.world(&["cat-file", "tag", "refs/tags/v1.2.4"]);
    assert!(tag.contains("\n\nPump v1.2.4: see the advisories\n-----BEGIN SSH SIGNATURE-----\n"), "{tag}");

    project.released += "\ntag-kind = \"lightweight\"";
    let refused = project.plan();
    expect(&refused, 2);
    assert!(said(&refused).contains("a lightweight tag holds nothing"), "{}", said(&refused));
}
