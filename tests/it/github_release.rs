//! GitHub Releases that Lockgate makes: drafted with their files after the gate, published with the right label, and made
//! once whatever happens meanwhile.

use std::path::Path;

use crate::project::{IN_A_FILE, PIP, Project};
use crate::support::{World, edit, expect, rehearsed, run, said, without_the_conflict};

const NOTES: &str =
    "[repo.notes]\nfile = \"NEWS.md\"\nheading = \"## {version}\"\nentry = \"- {summary} ({ghsa})\"";

/// A project with two lines whose releases Lockgate makes, each with one file.
fn project() -> Project {
    let mut project =
        Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}\n{NOTES}"), IN_A_FILE);
    project.released = "trigger = \"push-tag\"\ntag = \"v{version}\"\nassets = [\"pump-{version}.tar.gz\"]\n\
                        github-release = { title = \"Pump {version}\", notes = \"{notes}\\n\\nThe tag is `{tag}`.\" }"
        .to_owned();
    project.commit(&[("NEWS.md", "# News\n\n## 1.2.3\n\n- one\n")], "news");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project
}

/// The requests of a kept rehearsal that change releases, without the repository.
fn writes(requests: &[(String, String, u64)]) -> Vec<String> {
    let about = requests.iter().filter(|(method, path, _)| method != "GET" && path.contains("/releases"));
    let line = |(method, path, status): &(String, String, u64)| {
        let path = path.split("/releases").nth(1).unwrap();
        let plain: String = path.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        format!("{method} {} {status}", plain.replace("000", "0").replace("00", "0"))
    };
    about.map(line).collect()
}

#[test]
fn files_that_are_missing_or_empty_are_found_by_the_plan() {
    let project = project();
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    assert!(
        text.contains("catalog.toml:")
            && text.contains("`pump-{version}.tar.gz` belongs to every release of `acme/pump`"),
        "{text}"
    );
    assert!(text.contains("there is no file `assets/pump-1.2.4.tar.gz` beside the release file"), "{text}");
    project.attach("assets/pump-1.2.4.tar.gz", "old line");
    project.attach("assets/pump-2.0.1.tar.gz", "");
    let text = said(&project.plan());
    assert!(text.contains("`assets/pump-2.0.1.tar.gz` is empty, which GitHub refuses"), "{text}");
    project.attach("assets/pump-2.0.1.tar.gz", "new line");
    let plan = project.plan();
    expect(&plan, 0);
    let text = said(&plan);
    let place = |step: &str| text.find(step).unwrap_or_else(|| panic!("no {step} in {text}"));
    let order = ["prepare-release", "trigger-release", "draft-release", "publish-release", "await-release"];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{text}");
}

#[test]
fn release_is_drafted_with_its_files_and_the_label_goes_to_the_newest_line_alone() {
    let project = project();
    project.attach("assets/pump-1.2.4.tar.gz", "old line");
    project.attach("assets/pump-2.0.1.tar.gz", "new line");
    expect(&project.rehearse(), 0);
    let requests = project.requests();
    let writes = writes(&requests);
    let made = writes.iter().filter(|line| line.starts_with("POST  201")).count();
    let uploaded = writes.iter().filter(|line| line.contains("/assets") && line.ends_with("201")).count();
    let published = writes.iter().filter(|line| line.starts_with("PATCH")).count();
    // A third change would be that of `correct-latest`: nothing was left to correct.
    assert_eq!((made, uploaded, published, writes.len()), (2, 2, 2, 6), "{writes:?}");
    let gate = requests.iter().position(|(method, path, _)| method == "POST" && path.ends_with("/pulls"));
    let draft = requests.iter().position(|(method, path, _)| method == "POST" && path.ends_with("/releases"));
    assert!(gate < draft, "nothing of a release is made before the fixes are public");

    let log: serde_json::Value =
        serde_json::from_slice(&project.run(&["log", "out", "--json"]).stdout).unwrap();
    let log = log["result"].to_string();
    assert!(log.contains("- Long input exhausts memory (GHSA-"), "{log}");
    assert!(log.contains("The tag is `v1.2.4`."), "{log}");
    for file in ["pump-1.2.4.tar.gz", "pump-2.0.1.tar.gz"] {
        assert!(log.contains(&format!("\"assets\":[\"{file}\"]")), "{file} is attached: {log}");
    }
}

#[test]
fn older_line_leaves_the_label_where_it_is() {
    let mut project = project();
    project.release = "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-2\"\nrelease = false".to_owned();
    project.attach("assets/pump-1.2.4.tar.gz", "old line");
    expect(&project.rehearse(), 0);
    let writes = writes(&project.requests());
    assert_eq!(
        writes.len(),
        3,
        "drafted, filled and published; the label of 2.0.0 was never moved: {writes:?}"
    );
}

/// The fixture of the conflict without the line that conflicts; Lockgate makes its releases, in a world with this beside.
fn gauge(folder: &Path, repository: &str, faults: &str) {
    without_the_conflict(folder);
    let edit = |name: &str, from: &str, to: &str| edit(folder, name, from, to);
    edit(
        "catalog.toml",
        "tag = \"v{version}\"",
        "tag = \"v{version}\"\nassets = [\"gauge-{version}.txt\"]\ngithub-release = { assets-from = \"built\" }",
    );
    edit("world.toml", "[repos.release.release]\ndelay = \"1m\"\n", "");
    edit("world.toml", "[[repos.protection]]", &format!("{repository}\n[[repos.protection]]"));
    let world = folder.join("world.toml");
    let text = std::fs::read_to_string(&world).unwrap();
    std::fs::write(&world, format!("{text}\n{faults}\n")).unwrap();
    std::fs::create_dir(folder.join("built")).unwrap();
    std::fs::write(folder.join("built/gauge-2.0.1.txt"), "what was built\n").unwrap();
}

/// The answer to a draft, to an upload and to publishing is lost; each is found, and nothing is made twice.
#[test]
fn answers_that_are_lost_are_looked_for_and_nothing_is_made_twice() {
    let lost = [("POST", "/releases$"), ("POST", "/assets$"), ("PATCH", "/releases/")];
    for (method, path) in lost {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        let fault =
            format!("[[faults]]\nmethod = \"{method}\"\npath = '{path}'\nstatus = 502\neffect = \"after\"");
        gauge(folder.path(), "immutable_releases = true", &fault);
        rehearsed(&world, folder.path(), 0);
        let writes = writes(&world.requests());
        assert_eq!(writes.len(), 3, "{method} {path}: {writes:?}");
        assert_eq!(writes.iter().filter(|line| line.ends_with("502")).count(), 1);
        let release = world.ask("conflict", "/repos/brightwater/gauge/releases/tags/v2.0.1");
        assert_eq!(release["assets"].as_array().unwrap().len(), 1, "{release}");
        assert_eq!((&release["immutable"], &release["name"]), (&true.into(), &"Gauge 2.0.1".into()));
        let body = release["body"].as_str().unwrap();
        assert!(body.starts_with("Released 2026-03-") && body.contains("GHSA-3g8f-wv5j-m2cx"), "{body}");
    }
}

#[test]
fn tag_that_github_never_gives_again_is_asked_about_and_not_tried_again() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    gauge(folder.path(), "burnt_tags = [\"v2.0.1\"]", "");
    let told = rehearsed(&world, folder.path(), 11);
    assert!(
        told.contains("GitHub publishes no release of v2.0.1: an immutable release that was deleted"),
        "{told}"
    );
    let patches = || writes(&world.requests()).iter().filter(|line| line.starts_with("PATCH")).count();
    assert_eq!(patches(), 1);
    let kept = world.path().display().to_string();
    let step = "publish-release/brightwater/gauge/release/2.x";
    let waived =
        run(["waive", step, "--as", "mara", "--reason", "users follow the tag", "--dir", kept.as_str()]);
    expect(&waived, 0);
    let told = rehearsed(&world, folder.path(), 0);
    assert!(told.contains("Verified from outside"), "{told}");
    assert_eq!(patches(), 1, "it is not tried again");
    assert!(told.contains("/tree/v2.0.1"), "the page of the tag stands in for that of the release: {told}");
}

#[test]
fn project_that_makes_tags_and_no_releases_is_released_by_its_tag() {
    let mut project = project();
    project.released = "trigger = \"push-tag\"\ntag = \"v{version}\"\ngithub-release = \"none\"".to_owned();
    let plan = said(&project.plan());
    assert!(plan.contains("(released by pushing an annotated tag, without a GitHub Release)"), "{plan}");
    assert!(!plan.contains("correct-latest") && !plan.contains("Tags without"), "{plan}");
    expect(&project.rehearse(), 0);
    let log = said(&project.run(&["log", "out", "--json"]));
    assert!(log.contains("the tag v1.2.4 is the release: http"), "{log}");
    assert!(!log.contains("has the label"), "{log}");
    assert_eq!(writes(&project.requests()), Vec::<String>::new());
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4", "introduced 2.0.0", "fixed 2.0.1"]);
    assert!(project.mails().contains("/tree/v1.2.4"), "{}", project.mails());
}
