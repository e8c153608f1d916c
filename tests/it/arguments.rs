//! What everybody on a machine can see of a release: the arguments of its processes.

use std::path::Path;

use crate::support::{World, expect, fixture, lockgate, on_path, said};

/// Every private side and every advisory of the demo, which has temporary private forks and a private repository of its own.
const UNDER_EMBARGO: [&str; 4] =
    ["4wx7-c2fg-q8rm", "7mh3-v9jc-2pxr", "weir-private", "refs/lockgate/private"];

/// A `git` that writes down its arguments; its helpers get no others.
fn listed(folder: &Path) -> std::ffi::OsString {
    let git = which::which("git").unwrap();
    let list = folder.join("arguments");
    on_path(folder, "git", &format!("echo \"$*\" >>'{}'\nexec '{}' \"$@\"", list.display(), git.display()))
}

#[test]
fn no_argument_of_a_process_names_what_is_under_embargo() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let mut rehearsal = lockgate();
    rehearsal.arg("rehearse").arg(fixture("demo")).arg("--keep").arg(world.path());
    let output = rehearsal.env("PATH", listed(folder.path())).output().unwrap();
    expect(&output, 0);
    let arguments = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(arguments.contains("receive-pack"), "git was not started, or not this one:\n{arguments}");
    let told: Vec<&str> = arguments
        .lines()
        .filter(|line| UNDER_EMBARGO.iter().any(|word| line.to_lowercase().contains(word)))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
    // The forks were pushed to, fetched from and archived for all that.
    assert!(said(&output).contains("Verified from outside"));
    assert!(world.path().join("archive/brightwater/sluice-ghsa-7mh3-v9jc-2pxr.git/HEAD").is_file());
}
