//! The report as one file: whole, self-contained, and for its owner alone.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::{World, expect, fixture, run, said};

#[test]
fn report_of_a_release_is_one_file() {
    let world = World::new();
    let out = world.path();
    let out = out.to_str().unwrap();
    expect(&run(["rehearse", fixture("demo").to_str().unwrap(), "--keep", out]), 0);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, markdown) = (place("report.html"), place("report.md"));
    let written = run(["report", "--dir", out, "--html", &html, "--markdown", &markdown, "--json"]);
    expect(&written, 0);
    let answer: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(answer["result"], world.report(), "the same as `report.json`");

    // Slashes are escaped, too.
    let page = std::fs::read_to_string(&html).unwrap().replace("&#x2f;", "/");
    let pages = world.report();
    for target in pages["targets"].as_array().unwrap() {
        for part in [&target["tree"], &target["patch"]["url"]] {
            assert!(page.contains(part.as_str().unwrap()), "{part}");
        }
    }
    for mail in pages["mails"].as_array().unwrap() {
        assert!(page.contains(mail["step"].as_str().unwrap()), "{mail}");
    }
    assert!(page.contains("<svg") && page.ends_with("</html>"), "it ends where it should");
    let text = std::fs::read_to_string(&markdown).unwrap();
    assert!(text.contains("```mermaid\nflowchart LR\n") && text.contains("## What happened"), "{text}");
    for file in [&html, &markdown] {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let refused = run(["report", "--dir", out, "--html", &place("no/such/report.html")]);
    expect(&refused, 20);
    assert!(said(&refused).contains("no/such/report.html"), "{}", said(&refused));
}
