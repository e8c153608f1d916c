//! A line that is only possibly affected: the manager is asked, and a line that was left out gets nothing at all.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{World, copy, expect, fixture, next_commands, run, said};

const GAUGE: &str = "brightwater/gauge";
const FORK: &str = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";
const GHSA: &str = "GHSA-3g8f-wv5j-m2cx";
const OLDER: &str = "release/1.1.x";
const REASON: &str = "awk reads its input as numbers";

/// An older line that was written in another way.
const HISTORY: &str = r#"
[[commit]]
branch = "release/1.1.x"
from = "v1.2.0"
author = "Ines Falk <ines@brightwater.example>"
date = "2025-02-03T10:00:00Z"
message = "Gauge 1.1.7: awk does it"
files = "06-older"
tag = "v1.1.7"
"#;

const SCRIPT: &str = "#!/bin/sh\nexec awk '$1 > top { top = $1 } END { print top + 0 }'\n";

/// The fixture of the conflict without the line that conflicts, and with one that is not affected.
fn release(folder: &Path) {
    copy(&fixture("conflict"), folder);
    let gauge = folder.join("world/gauge");
    let text = fs::read_to_string(gauge.join("history.toml")).unwrap();
    fs::write(gauge.join("history.toml"), text + HISTORY).unwrap();
    fs::create_dir(gauge.join("06-older")).unwrap();
    fs::write(gauge.join("06-older/gauge.sh"), SCRIPT).unwrap();
    fs::write(gauge.join("06-older/VERSION"), "1.1.7\n").unwrap();
    let catalog = folder.join("catalog.toml");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, text.replace("\"release/1.x\"", "\"release/1.1.x\"")).unwrap();
}

/// Answers whatever is asked, the question about the older line by leaving it out, until this gate or the end.
fn go_on(world: &World, folder: &Path, gate: Option<&str>) {
    let kept = world.path();
    let out = kept.to_str().unwrap();
    let mut output = run(["rehearse", folder.to_str().unwrap(), "--ask", "--keep", out]);
    for _ in 0..12 {
        if output.status.code() == Some(0) {
            return;
        }
        expect(&output, 10);
        let commands = next_commands(&said(&run(["status", out])));
        if gate
            .is_some_and(|gate| commands.iter().any(|command| command.contains(&format!("approve {gate} "))))
        {
            return;
        }
        for command in &commands {
            let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
            assert!(words.contains(&"--as"), "nobody is named: {words:?}");
            words.retain(|word| !word.ends_with(','));
            if words[1].starts_with("assess/") {
                assert!(words[1].contains(OLDER), "only the older line is in question: {command}");
                words[0] = "waive";
                words.extend(["--reason", REASON]);
            }
            if !words.contains(&"--dir") {
                words.extend(["--dir", out]);
            }
            expect(&run(&words), 0);
        }
        output = run(["resume", out]);
    }
    panic!("it does not end:\n{}", said(&output));
}

#[test]
fn a_line_that_was_left_out_gets_nothing_and_everything_says_why() {
    let folder = tempfile::tempdir().unwrap();
    release(folder.path());
    let world = World::new();
    go_on(&world, folder.path(), Some("ready"));
    gate_shows_the_verdicts(&world);
    assert!(
        !world
            .git(FORK, &["for-each-ref", "--format=%(refname)"])
            .contains("lockgate/GHSA-3g8f-wv5j-m2cx/release/1.1")
    );

    go_on(&world, folder.path(), None);
    line_is_untouched(&world);
    mails_and_ranges_do_without_it(&world, folder.path());
    report_tells_who_and_why(&world);
}

fn gate_shows_the_verdicts(world: &World) {
    let shown = said(&run(["approve", "ready", "--long", "--dir", world.path().to_str().unwrap()]));
    assert!(shown.contains(&format!("{GHSA}: possibly; left out by mara: {REASON}")), "{shown}");
    assert!(shown.contains("0 of 1 places that the fix changes are there"), "{shown}");
    assert!(shown.contains(&format!("{GHSA}: affected\n")), "{shown}");
}

fn line_is_untouched(world: &World) {
    assert_eq!(world.git(GAUGE, &["rev-parse", OLDER]), world.git(GAUGE, &["rev-parse", "v1.1.7^{commit}"]));
    let refs = world.git(GAUGE, &["for-each-ref", "--format=%(refname)"]);
    assert!(!refs.contains("1.1.8"), "no tag and no bump: {refs}");
    assert!(refs.lines().filter(|name| name.contains(OLDER)).count() == 1, "{refs}");
    assert!(refs.contains("v2.0.1"), "the other line is released: {refs}");
}

fn mails_and_ranges_do_without_it(world: &World, folder: &Path) {
    let mails = world.mails();
    assert_eq!(mails.len(), 2);
    for (name, mail) in mails {
        assert!(!mail.contains("1.1."), "{name}:\n{mail}");
    }
    let advisory = world.ask(folder.to_str().unwrap(), &format!("/repos/{GAUGE}/security-advisories/{GHSA}"));
    let ranges = advisory["vulnerabilities"].as_array().unwrap();
    // The line that is in the catalog no more carries it, and gets no fix.
    assert_eq!(ranges.len(), 2, "{advisory}");
    assert_eq!(ranges[0]["vulnerable_version_range"], ">= 1.2.0, <= 1.2.1", "{advisory}");
    assert_eq!(ranges[0]["patched_versions"], Value::Null, "{advisory}");
    assert_eq!(ranges[1]["patched_versions"], "2.0.1", "{advisory}");
    // Its package is in no ecosystem that OSV knows, and commits cannot tell what people said of a line.
    assert!(!world.path().join(format!("entries/{GHSA}.json")).exists());
}

fn report_tells_who_and_why(world: &World) {
    let report = world.report();
    let targets = report["targets"].as_array().unwrap();
    let line = |name: &str| targets.iter().find(|target| target["branch"] == name).unwrap();
    let older = line(OLDER);
    assert_eq!(older["left_out"], true, "{older}");
    assert_eq!(older["advisories"], Value::Array(Vec::new()), "{older}");
    assert_eq!(older["verdicts"][0]["verdict"], "possibly", "{older}");
    assert_eq!(older["verdicts"][0]["decision"]["by"], "mara", "{older}");
    assert_eq!(older["verdicts"][0]["decision"]["reason"], REASON, "{older}");
    assert!(older["patch"].is_null() && older["bump"].is_null() && older["tag"].is_null(), "{older}");
    let versions = report["advisories"][0]["versions"].as_array().unwrap();
    let decided = |version: &str| &versions.iter().find(|one| one["version"] == version).unwrap()["decided"];
    assert_eq!(decided("1.1.7"), "by mara, for its line", "{versions:?}");
    assert_eq!(decided("2.0.0"), "by its content: the fix applies as it is", "{versions:?}");
    assert_eq!(decided("2.0.1"), "released now", "{versions:?}");
}
