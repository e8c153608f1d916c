//! A fix that brings a conflict marker of its own: its targets stop until a person says that it belongs there.

use crate::support::{World, copy, expect, fixture, lockgate, run, said};

const HEAD: &str =
    "@@ -0,0 +1,32 @@\n+/* Deeply nested expressions are refused before they exhaust the stack. */\n";
const MARKED: &str = "@@ -0,0 +1,35 @@\n+/* Deeply nested expressions are refused before they exhaust the stack. */\n+/*\n+<<<<<<< kept\n+*/\n";

#[test]
fn bp_49_a_marker_that_comes_with_the_fix_closes_the_gate_until_somebody_answers_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("release");
    copy(&fixture("demo"), &release);
    let patch = release.join("fixes/sluice-nesting.patch");
    let text = std::fs::read_to_string(&patch).unwrap();
    assert!(text.contains(HEAD));
    std::fs::write(&patch, text.replace(HEAD, MARKED)).unwrap();

    let world = World::new();
    let output = lockgate().arg("rehearse").arg(&release).arg("--keep").arg(world.path()).output().unwrap();
    expect(&output, 11);
    assert!(said(&output).contains("tests/depth.c line 3: `<<<<<<< kept`"), "{}", said(&output));
    assert!(world.mails().values().all(|mail| !mail.contains("has been released")));

    let status = said(&run(["status".as_ref(), world.path().as_os_str()]));
    let commands = status.lines().filter(|line| line.contains("lockgate waive"));
    let steps: Vec<&str> =
        commands.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("stack/"))).collect();
    assert_eq!(steps.len(), 4, "{status}");
    for step in steps {
        let output = lockgate()
            .args(["waive", step, "--as", "mara", "--reason", "the parser is tested with it", "--dir"])
            .arg(world.path())
            .output()
            .unwrap();
        expect(&output, 0);
    }
    let output = lockgate().arg("rehearse").arg(&release).arg("--keep").arg(world.path()).output().unwrap();
    expect(&output, 0);
    assert!(said(&output).contains("mara says that they belong there: the parser is tested with it"));
}
