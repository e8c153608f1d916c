//! What people read of a whole release, in each workflow that is shipped: the gate, what an approval answers, the final
//! report. A change of words is a change of a snapshot: look at the difference, then
//! `INSTA_UPDATE=always cargo test --test it read::`.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::support::{World, copy, expect, fixture, run, said};

/// The fixture of the conflict without the line that conflicts, in this workflow.
fn release(folder: &Path, workflow: &str) {
    copy(&fixture("conflict"), folder);
    let catalog = folder.join("catalog.toml");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, text.replace("\"release/1.x\", ", "")).unwrap();
    let release = folder.join("release.toml");
    let text = fs::read_to_string(&release).unwrap();
    let stated = Regex::new("(?m)^workflow = .*$").unwrap();
    let wanted = format!("workflow = \"{workflow}\"");
    let text = if stated.is_match(&text) {
        stated.replace(&text, wanted.as_str()).into_owned()
    } else {
        format!("{wanted}\n{text}")
    };
    fs::write(&release, text).unwrap();
}

/// Without what differs from one machine, or one moment, to the next.
fn settled(text: &str, world: &World) -> String {
    let text = text.replace(world.path().to_str().unwrap(), "OUT");
    let parts = [
        (r"\b(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{6,16})\b", "ID"),
        (r"http://127\.0\.0\.1:\d+/git", "https://github.com"),
        // Two that are opened at the same moment are numbered by whoever comes first.
        (r"/pull/\d+", "/pull/N"),
        (r"\d+\.\d s\b", "N s"),
    ];
    parts.iter().fold(text, |text, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    })
}

/// Rehearses it to the first gate that people are asked about, or to its end.
fn rehearsed(workflow: &str, code: i32, more: &[&str]) -> (World, String) {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), workflow);
    let kept = world.path();
    let mut arguments = vec!["rehearse", folder.path().to_str().unwrap(), "--keep", kept.to_str().unwrap()];
    arguments.extend(more);
    let output = run(arguments);
    expect(&output, code);
    let told = String::from_utf8(output.stdout).unwrap();
    (world, told)
}

fn read(workflow: &str) {
    let (world, _) = rehearsed(workflow, 10, &["--ask"]);
    let kept = world.path();
    let out = kept.to_str().unwrap();
    // Workflows ask people for other things first.
    for _ in 0..8 {
        let status = said(&run(["status", out]));
        if status.contains("approve ready ") {
            break;
        }
        for line in status.lines().filter(|line| line.trim_start().starts_with("lockgate confirm ")) {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            assert!(words.contains(&"--as"), "nobody is named: {words:?}");
            expect(&run(words), 0);
        }
        run(["resume", out]);
    }
    let shown = run(["approve", "ready", "--dir", out]);
    insta::assert_snapshot!(format!("gate_{workflow}"), settled(&said(&shown), &world));
    let approved = run(["approve", "ready", "--as", "mara", "--dir", out]);
    expect(&approved, 0);
    insta::assert_snapshot!(format!("approved_{workflow}"), settled(&said(&approved), &world));

    let (world, told) = rehearsed(workflow, 0, &[]);
    insta::assert_snapshot!(format!("report_{workflow}"), settled(&told, &world));
}

#[test]
fn what_people_read_in_the_workflow_github() {
    read("github");
}

#[test]
fn what_people_read_in_the_workflow_wamr() {
    read("wamr");
}

#[test]
fn what_people_read_in_the_workflow_wasmtime() {
    read("wasmtime");
}
