//! `rehearse --expect`: everything that was made is compared with what was made on the day that is replayed.

use std::fs;

use crate::project::{PUMP, Project};
use crate::support::{expect, said};

/// A day on which two lines were released.
fn day() -> Project {
    let project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"pip\", name = \"pump\" }",
        "kind = \"regex\"\nfile = \"VERSION\"\npattern = '^(?<version>\\S+)$'",
    );
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    expect(&project.rehearse(), 0);
    project
}

/// What is expected of a branch: what the rehearsal made of it, so that its trees are equal.
fn target(project: &Project, branch: &str, tag: Option<&str>) -> String {
    let tree = project.world(&["rev-parse", &format!("{branch}^{{tree}}")]);
    let head = project.world(&["rev-parse", branch]);
    let stacked = match tag {
        None => tree.clone(),
        Some(_) => project.world(&["rev-parse", &format!("{branch}~1^{{tree}}")]),
    };
    let released = tag.map_or_else(String::new, |tag| {
        format!("released = \"{head}\"\nreleased-tree = \"{tree}\"\ntag = \"{tag}\"\n")
    });
    format!(
        "[[target]]\nrepo = \"{PUMP}\"\nbranch = \"{branch}\"\nbase = \"{head}\"\nmerged = \"{head}\"\n\
         merged-tree = \"{stacked}\"\n{released}\n"
    )
}

/// What `--expect` says of the finished rehearsal.
fn compared(project: &Project, expected: &str) -> std::process::Output {
    fs::write(project.path().join("expected.toml"), expected).unwrap();
    project.run(&[
        "rehearse",
        "release",
        "--mirror",
        &format!("{PUMP}=pump.git"),
        "--keep",
        "out",
        "--expect",
        "expected.toml",
    ])
}

#[test]
fn whatever_nobody_expected_is_a_difference_that_can_be_listed() {
    let project = day();
    let (main, line) = (target(&project, "main", None), target(&project, "release-1", Some("v1.2.4")));
    let equal = compared(&project, &format!("{main}{line}"));
    expect(&equal, 0);
    assert!(!said(&equal).contains("NOT EXPLAINED"), "{}", said(&equal));

    // A branch that nobody patched that day.
    let patched = compared(&project, &line);
    expect(&patched, 11);
    assert!(
        said(&patched).contains("branch `main` was changed and nobody expected it"),
        "{}",
        said(&patched)
    );
    assert!(said(&patched).contains("pull-request `main` was made"), "{}", said(&patched));

    // A release that nobody made that day.
    let line = target(&project, "release-1", None).replace(
        &project.world(&["rev-parse", "release-1^{tree}"]),
        &project.world(&["rev-parse", "release-1~1^{tree}"]),
    );
    let released = compared(&project, &format!("{main}{line}"));
    expect(&released, 11);
    assert!(said(&released).contains("tag `v1.2.4` was made and nobody expected it"), "{}", said(&released));
    let text = said(&released);
    let (_, listing) = text.split_once("list it in the file of expectations:\n").unwrap();
    let listing: String =
        listing.lines().take_while(|line| line.starts_with("    ")).collect::<Vec<_>>().join("\n");
    expect(&compared(&project, &format!("{main}{line}{listing}\n")), 0);
}

#[test]
fn what_is_expected_and_was_not_made_is_a_difference() {
    let project = day();
    let day = format!("{}{}", target(&project, "main", None), target(&project, "release-1", Some("v1.2.4")));
    let entry = |what: &str, of: &str, name: &str| {
        format!("[[made]]\nwhat = \"{what}\"\nof = \"{of}\"\nname = \"{name}\"\n")
    };
    let missing = compared(&project, &format!("{day}{}", entry("tag", PUMP, "api/v1.2.4")));
    expect(&missing, 11);
    assert!(said(&missing).contains("tag `api/v1.2.4` is expected and was not made"), "{}", said(&missing));

    // Where one mail is listed, all of them are.
    let mails = compared(&project, &format!("{day}{}", entry("mail", "announce", "no such mail")));
    expect(&mails, 11);
    assert!(said(&mails).contains("mail `no such mail` is expected"), "{}", said(&mails));
    assert!(said(&mails).matches("was made and nobody expected it").count() > 0, "{}", said(&mails));

    let unknown = compared(&project, &format!("{day}{}", entry("tga", PUMP, "v1")));
    expect(&unknown, 2);
    assert!(said(&unknown).contains("expected.toml:"), "{}", said(&unknown));
    assert!(said(&unknown).contains("pull-request"), "{}", said(&unknown));
}
