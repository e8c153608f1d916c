//! A rehearsal in a world made of mirrors that refuses what the real repositories refuse: here a separately started emulator is
//! "GitHub".

use std::fs;
use std::process::Output;

use crate::project::{PUMP, Project};
use crate::support::{Served, expect, lockgate, requests, said};

/// A project whose catalog names this address as GitHub.
fn project(api: &str) -> Project {
    let mut project = Project::new("", "kind = \"version-file\"\nfile = \"VERSION\"");
    project.released = format!(
        "trigger = \"push-tag\"\ntag = \"v{{version}}\"\n\n[endpoints]\napi = \"{api}\"\ngit = \"http://127.0.0.1:1\""
    );
    project.release("1.0.0", "v1.0.0");
    project.write();
    project
}

/// The real repository: squash only, an approval, a check of its own, and a name that nobody makes.
fn github(folder: &std::path::Path, pump: &std::path::Path) -> Served {
    fs::create_dir_all(folder).unwrap();
    let world = format!(
        "start = \"2026-01-05T09:00:00Z\"\n\n[[users]]\nlogin = \"ada\"\ntoken = \"token-ada\"\nadmin = true\n\n\
         [[repos]]\nname = \"{PUMP}\"\nsource = {{ path = \"{}\" }}\nmerge_methods = [\"squash\"]\n\n\
         [[repos.protection]]\nbranches = [\"main\"]\nrequired_checks = [\"lint\"]\nrequired_reviews = 1\n\n\
         [[repos.rulesets]]\nname = \"names\"\ntarget = \"branch\"\ninclude = [\"bump/**\"]\n\
         name_pattern = \"^bump/main-1\"\nmessage_pattern = {{ not = \"^WIP\" }}\n",
        pump.display()
    );
    fs::write(folder.join("world.toml"), world).unwrap();
    Served::with(&[folder.as_os_str(), "--keep".as_ref(), folder.join("out").as_os_str()])
}

fn rehearse(project: &Project) -> Output {
    let mirror = format!("{PUMP}=pump.git");
    let mut command = lockgate();
    command.args(["rehearse", "release", "--mirror", &mirror, "--keep", "out", "--rules-from-github"]);
    command.current_dir(project.path()).env("GH_TOKEN", "token-ada").output().unwrap()
}

#[test]
fn rehearsal_refuses_what_the_real_repository_would_refuse_and_only_reads_there() {
    let beginning = project("http://127.0.0.1:1/api");
    let place = beginning.path().join("real");
    let server = github(&place, &beginning.path().join("pump.git"));
    let catalog = beginning.path().join("release/catalog.toml");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, text.replace("http://127.0.0.1:1/api", &format!("http://{}/api", server.address)))
        .unwrap();
    let output = rehearse(&beginning);
    expect(&output, 0);
    let told = said(&output);
    assert!(told.contains("the rules of 1 repository were read from"), "{told}");
    let asked = requests(&place.join("out"));
    assert!(asked.iter().all(|(method, ..)| method == "GET"), "{asked:?}");
    assert!(asked.iter().any(|(_, path, _)| path.ends_with("/rulesets")), "{asked:?}");

    // What was read holds in the rehearsal: the approval was asked for, and what was merged is one commit.
    let rehearsed = beginning.requests();
    assert!(rehearsed.iter().any(|(how, path, _)| how == "POST" && path.ends_with("/requested_reviewers")));
    let parents = beginning.world(&["log", "-2", "--format=%P", "main"]);
    assert!(parents.lines().all(|line| !line.contains(' ')), "a merge commit was made: {parents}");
}

#[test]
fn without_a_world_of_mirrors_there_is_nothing_to_read_rules_for() {
    let demo = crate::support::fixture("demo");
    let output = lockgate().args(["rehearse", "--rules-from-github"]).arg(demo).output().unwrap();
    expect(&output, 2);
    assert!(said(&output).contains("a `world.toml` states its own"), "{}", said(&output));
}
