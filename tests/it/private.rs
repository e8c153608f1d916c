//! Where fixes are kept private, and whether that is so: refused by the plan where it is known, and looked at before each
//! push after that. And where a repository is, if it has another name now.

use std::path::Path;

use crate::support::{World, copy, expect, fixture, run, said};

/// A word of a file, and what is there instead.
type Change<'c> = (&'c str, &'c str, &'c str);

/// A fixture in which these words of a file are others.
fn with(folder: &Path, name: &str, changes: &[Change<'_>]) {
    copy(&fixture(name), folder);
    for (file, from, to) in changes {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
}

#[track_caller]
fn plan_is_refused(name: &str, changes: &[Change<'_>], told: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    with(folder.path(), name, changes);
    let output = run(["plan".as_ref(), folder.path().as_os_str(), "--long".as_ref()]);
    expect(&output, 2);
    for words in told {
        assert!(said(&output).contains(words), "`{words}` is not said:\n{}", said(&output));
    }
}

const SIDE: &str = "name = \"brightwater/weir-private\"";
const PLACE: &str = "catalog.toml:51:";

#[test]
fn a_private_side_that_is_none_is_refused_by_the_plan() {
    let public = [("world.toml", "visibility = \"private\"", "visibility = \"public\"")];
    let told = ["to keep the fixes of `brightwater/weir` private, but it is public", PLACE, "hint: "];
    plan_is_refused("demo", &public, &told);
    for other in ["repository = \"brightwater/weir\"", "repository = \"Brightwater/Sluice\""] {
        let itself = [("catalog.toml", "repository = \"brightwater/weir-private\"", other)];
        plan_is_refused("demo", &itself, &["which is public", PLACE, "hint: "]);
    }
    let unseen = [("catalog.toml", "brightwater/weir-private", "brightwater/weir-secret")];
    plan_is_refused("demo", &unseen, &["this token does not see it", PLACE]);
    let renamed = format!("{SIDE}\nformerly = [\"brightwater/weir-old\"]");
    let old = [("world.toml", SIDE, &*renamed), ("catalog.toml", "weir-private", "weir-old")];
    plan_is_refused(
        "demo",
        &old,
        &["`brightwater/weir-old` is called `brightwater/weir-private` now", PLACE],
    );
}

#[test]
fn a_repository_that_was_renamed_is_named_by_the_plan() {
    let name = "name = \"brightwater/gauge\"";
    let renamed = format!("{name}\nformerly = [\"brightwater/gage\"]");
    let old = [
        ("world.toml", name, &*renamed),
        ("catalog.toml", "brightwater/gauge", "brightwater/gage"),
        ("release.toml", "brightwater/gauge", "brightwater/gage"),
    ];
    let told =
        ["`brightwater/gage` is called `brightwater/gauge` now", "catalog.toml:10:", "`brightwater/gauge`"];
    plan_is_refused("conflict", &old, &told);
}

#[test]
fn a_private_side_that_turns_public_during_the_embargo_stops_the_run() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let soon = format!("{SIDE}\nturns_public = \"2026-03-02T09:00:01Z\"");
    with(folder.path(), "demo", &[("world.toml", SIDE, &soon)]);
    let output =
        run(["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
    expect(&output, 2);
    let told = said(&output);
    assert!(told.contains("`brightwater/weir-private` is to keep fixes private, and is public"), "{told}");
    assert!(
        ["lockgate resume", "lockgate disclose-now", "lockgate abort"].iter().all(|next| told.contains(next)),
        "{told}"
    );
    let refs = world.git("brightwater/weir-private", &["for-each-ref", "--format=%(refname)"]);
    assert!(!refs.contains("lockgate/"), "{refs}");
}

/// The backports are there and approved, and the hour is not yet come. What is public cannot be called back: the release goes to
/// its end, with the pull requests of a side closed that is private no more.
#[test]
fn a_private_side_that_turns_public_while_the_hour_is_awaited_never_holds_the_advisory() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let late = format!("{SIDE}\nturns_public = \"2026-03-10T12:00:00Z\"");
    with(folder.path(), "demo", &[("world.toml", SIDE, &late)]);
    let out = world.path().to_str().unwrap().to_owned();
    let ended = run(["rehearse".as_ref(), folder.path().as_os_str(), "--keep".as_ref(), out.as_ref()]);
    expect(&ended, 0);
}
