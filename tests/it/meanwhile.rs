//! What people do to a line in the middle of the day, between the merge of the fixes and the release.

use std::process::Output;

use crate::project::{IN_A_FILE, PIP, PUMP, Project};
use crate::support::{expect, said};

/// A project released from its only branch, stopped when the bump was to be merged: the fix is merged by then.
pub(crate) fn stopped_before_the_bump() -> Project {
    let project = Project::new(PIP, IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    stopped(project)
}

fn stopped(project: Project) -> Project {
    project.write();
    let refused = "[[faults]]\nmethod = \"PUT\"\npath = \"/merge$\"\nafter = 1\nstatus = 405\n";
    std::fs::write(project.path().join("refused.toml"), refused).unwrap();
    std::fs::write(project.path().join("calm.toml"), "").unwrap();
    let stopped = rehearse(&project, "refused.toml");
    assert!(said(&stopped).contains("merge-bump"), "{}", said(&stopped));
    project
}

pub(crate) fn rehearse(project: &Project, scenario: &str) -> Output {
    let mirror = format!("{PUMP}=pump.git");
    project.run(&["rehearse", "release", "--mirror", &mirror, "--keep", "out", "--scenario", scenario])
}

/// Somebody puts this tree on the default branch.
fn push(project: &Project, tree: &str) {
    let commit = project.world(&["commit-tree", tree, "-p", "main", "-m", "Meanwhile"]);
    project.world(&["update-ref", "refs/heads/main", &commit]);
}

/// The tree of the default branch with another file beside.
fn with_another_file(project: &Project) -> String {
    tree_with_another_file(project, "main")
}

fn tree_with_another_file(project: &Project, of: &str) -> String {
    project.world(&["read-tree", of]);
    let some = project.world(&["ls-tree", "-r", "--object-only", of]);
    let blob = some.lines().next().unwrap();
    project.world(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},meanwhile.txt")]);
    project.world(&["write-tree"])
}

#[test]
fn rd_01_a_fix_that_is_taken_back_before_the_release_stops_it_until_it_is_there_again() {
    let project = stopped_before_the_bump();
    let fixed = project.world(&["rev-parse", "main^{tree}"]);
    push(&project, &project.world(&["rev-parse", "v1.2.3^{tree}"]));
    let stopped = rehearse(&project, "calm.toml");
    expect(&stopped, 11);
    assert!(said(&stopped).contains("lacks the fix again"), "{}", said(&stopped));
    assert!(
        !said(&stopped).contains("lockgate waive"),
        "an unfixed release can be waived: {}",
        said(&stopped)
    );
    push(&project, &fixed);
    expect(&rehearse(&project, "calm.toml"), 0);
    assert!(project.world(&["tag"]).contains("v1.2.4"), "{}", project.world(&["tag"]));
}

#[test]
fn what_comes_to_a_line_between_its_fixes_and_its_release_is_asked_about() {
    let project = stopped_before_the_bump();
    push(&project, &with_another_file(&project));
    let stopped = rehearse(&project, "calm.toml");
    expect(&stopped, 11);
    let text = said(&stopped);
    assert!(text.contains("something else came to") && text.contains("`meanwhile.txt`"), "{text}");
    assert!(!project.world(&["tag"]).contains("v1.2.4"), "it was tagged unseen");
    let step = format!("merge-bump/{PUMP}/main");
    let reason = ["--as", "ada", "--reason", "it is a note", "--dir", "out"];
    expect(&project.run(&[&["waive", &step], &reason[..]].concat()), 0);
    expect(&rehearse(&project, "calm.toml"), 0);
}

#[test]
fn what_somebody_pushes_to_the_branch_of_the_bump_is_never_merged() {
    let project = stopped_before_the_bump();
    let branch = project.world(&["for-each-ref", "--format=%(refname)", "refs/heads/bump"]);
    let (branch, ours) = (branch.trim(), project.world(&["rev-parse", branch.trim()]));
    let tree = tree_with_another_file(&project, branch);
    let theirs = project.world(&["commit-tree", &tree, "-p", ours.trim(), "-m", "Meanwhile"]);
    project.world(&["update-ref", branch, theirs.trim()]);
    for _ in 0..2 {
        let stopped = rehearse(&project, "calm.toml");
        expect(&stopped, 11);
        let text = said(&stopped);
        assert!(text.contains("somebody pushed there") && !text.contains("lockgate waive"), "{text}");
        assert!(!project.world(&["ls-tree", "-r", "main"]).contains("meanwhile.txt"), "it was merged unseen");
    }
    project.world(&["update-ref", branch, ours.trim()]);
    expect(&rehearse(&project, "calm.toml"), 0);
    assert!(project.world(&["tag"]).contains("v1.2.4"), "{}", project.world(&["tag"]));
}

#[test]
fn what_somebody_puts_beside_the_version_in_its_file_is_never_released_unseen() {
    let project = Project::new(
        PIP,
        "kind = \"regex\"\nfile = \"pump.py\"\npattern = '__version__ = \"(?<version>[^\"]+)\"'",
    );
    project.commit(&[("pump.py", "__version__ = \"1.2.3\"\n")], "1.2.3");
    project.git(&["tag", "v1.2.3"]);
    let project = stopped(project);
    let branch = project.world(&["for-each-ref", "--format=%(refname)", "refs/heads/bump"]);
    let changed = "__version__ = \"1.2.4\"\nopen_the_door()\n";
    std::fs::write(project.path().join("changed"), changed).unwrap();
    let file = project.path().join("changed");
    let blob = project.world(&["hash-object", "-w", file.to_str().unwrap()]);
    let both = project.world(&["merge-tree", "--write-tree", "main", branch.trim()]);
    project.world(&["read-tree", both.trim()]);
    project.world(&["update-index", "--cacheinfo", &format!("100644,{},pump.py", blob.trim())]);
    let tree = project.world(&["write-tree"]);
    let merge = ["commit-tree", tree.trim(), "-p", "main", "-p", branch.trim(), "-m", "Merge the bump"];
    project.world(&["update-ref", "refs/heads/main", project.world(&merge).trim()]);
    let stopped = rehearse(&project, "calm.toml");
    expect(&stopped, 11);
    let text = said(&stopped);
    assert!(text.contains("something else came to") && text.contains("`pump.py`"), "{text}");
    assert!(!project.world(&["tag"]).contains("v1.2.4"), "it was tagged unseen");
}
