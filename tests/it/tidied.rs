//! Branches of merged pull requests are deleted where the catalog says so, and left where somebody moved them.

use serde_json::Value;

use crate::project::{IN_A_FILE, PIP, PUMP, Project};
use crate::support::{expect, said};

const MIRROR: &str = "acme/pump=pump.git";

/// A project released from its only branch, which keeps no branch of a merged pull request.
fn tidy_project() -> Project {
    let version = format!("{IN_A_FILE}\nafter-release = \"{{next}}.dev0\"");
    let project = Project::new(&format!("delete-branches = true\n{PIP}"), &version);
    project.release("1.2.3", "v1.2.3");
    project
}

fn branches(project: &Project) -> Vec<String> {
    let told = project.world(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
    told.lines().map(ToOwned::to_owned).collect()
}

fn report(project: &Project) -> Value {
    let text = std::fs::read(project.path().join("out/report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn branches_of_merged_pull_requests_are_deleted_once_everything_is_checked() {
    let project = tidy_project();
    let plan = said(&project.plan());
    let place = |step: &str| plan.find(step).unwrap_or_else(|| panic!("no {step} in {plan}"));
    assert!(place("merge-development") < place("delete-branches"), "{plan}");
    assert!(place("delete-branches") < place("final-report"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(branches(&project), ["main"]);
    let log = said(&project.run(&["log", "out"]));
    assert!(log.contains(&format!("delete-branches/{PUMP}/main: 3 branches of {PUMP} gone")), "{log}");
    assert!(report(&project)["left"].is_null(), "nothing is left to do");
}

#[test]
fn a_merged_branch_that_somebody_moved_is_left_and_named() {
    let project = tidy_project();
    project.write();
    let refused = "[[faults]]\nwire = \"mail\"\npath = \"release\"\nstatus = 550\n";
    std::fs::write(project.path().join("refused.toml"), refused).unwrap();
    std::fs::write(project.path().join("calm.toml"), "").unwrap();
    let rehearse = |scenario: &str| {
        let words = ["rehearse", "release", "--mirror", MIRROR, "--keep", "out", "--scenario", scenario];
        project.run(&words)
    };
    let stopped = rehearse("refused.toml");
    assert!(said(&stopped).contains("release-mail"), "{}", said(&stopped));
    // The fixes and the bump are merged; somebody goes on working on the branch of the bump.
    let bump = branches(&project).into_iter().find(|branch| branch.starts_with("bump/")).unwrap();
    let main = project.world(&["rev-parse", "main"]);
    project.world(&["update-ref", &format!("refs/heads/{bump}"), &main]);
    expect(&rehearse("calm.toml"), 0);
    assert_eq!(branches(&project), [bump.clone(), "main".to_owned()]);
    assert_eq!(project.world(&["rev-parse", &bump]), main);
    let left = report(&project)["left"].to_string();
    assert!(left.contains(&format!("look at the branch `{bump}` in {PUMP}")), "{left}");
}
