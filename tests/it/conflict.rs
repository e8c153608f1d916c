//! A fix that does not fit one line: the others go on, a person resolves it, and the release ends well.

use crate::support::{World, copy, expect, fixture, git, lockgate, run, said};

const GAUGE: &str = "brightwater/gauge";
const FORK: &str = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";
const RESOLVED: &str = "resolved/GHSA-3g8f-wv5j-m2cx/release/1.x";

/// The manager resolves in a clone and pushes the branch that the tool named.
fn resolve_by_hand(world: &World) {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("gauge");
    let fork = world.repository(FORK);
    git(folder.path(), &["clone", "--quiet", "--branch", "release/1.x", fork.to_str().unwrap(), "gauge"]);
    git(&clone, &["checkout", "--quiet", "-b", RESOLVED]);
    git(&clone, &["am", "--quiet", fixture("conflict/resolution.patch").to_str().unwrap()]);
    git(&clone, &["push", "--quiet", "origin", RESOLVED]);
}

#[test]
fn bp_25_one_line_conflicts_the_others_go_on_and_a_person_resolves_it() {
    let world = World::new();
    let output =
        lockgate().arg("rehearse").arg(fixture("conflict")).arg("--keep").arg(world.path()).output().unwrap();
    expect(&output, 11);
    let told = said(&output);
    for word in ["gauge.sh", "release/1.x", "GHSA-3g8f-wv5j-m2cx", "lockgate resolve", RESOLVED] {
        assert!(told.contains(word), "`{word}` is not said:\n{told}");
    }
    // The other targets were carried and proven; nothing is public.
    let refs = world.git(GAUGE, &["for-each-ref", "--format=%(refname)"]);
    assert!(!refs.contains("security/") && !refs.contains("bump/"), "{refs}");
    let private = world.git(FORK, &["for-each-ref", "--format=%(refname)", "refs/heads/lockgate"]);
    assert!(private.contains("/main") && private.contains("/release/2.x"), "{private}");
    assert!(!private.contains("/release/1.x"), "{private}");

    resolve_by_hand(&world);
    let output = run([
        "rehearse".as_ref(),
        fixture("conflict").as_os_str(),
        "--keep".as_ref(),
        world.path().as_os_str(),
    ]);
    expect(&output, 0);
    let report = world.report();
    let line = report["targets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|target| target["branch"] == "release/1.x")
        .unwrap();
    assert!(line["review"].to_string().contains("a person resolved a conflict"), "{line}");
    assert!(line["patch"]["merged_as"].is_string(), "{line}");
}

/// A copy of the fixture with one line more in the part of the catalog that tells of the repository.
fn with_in_the_catalog(line: &str) -> tempfile::TempDir {
    let release = tempfile::tempdir().unwrap();
    copy(&fixture("conflict"), release.path());
    let catalog = release.path().join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    std::fs::write(&catalog, text.replace("project = \"Gauge\"", &format!("project = \"Gauge\"\n{line}")))
        .unwrap();
    release
}

#[test]
fn a_conflict_in_what_the_catalog_calls_noise_is_the_milder_kind_and_still_asked_about() {
    let release = with_in_the_catalog("noise = [\"gauge.*\"]");
    let output = run(["rehearse".as_ref(), release.path().as_os_str()]);
    expect(&output, 11);
    let told = said(&output);
    assert!(told.contains("conflicts only in files that decide nothing"), "{told}");
    assert!(told.contains("gauge.sh") && told.contains("lockgate resolve"), "{told}");
}
