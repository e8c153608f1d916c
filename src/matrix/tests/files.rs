//! Files as they are found: numbers 31, 34, 35, and what is no workflow.

use super::super::reading::read_yaml;
use super::{Tree, json, verdicts};

#[test]
fn t31_t34_t35_what_github_takes_is_taken() {
    let tree = Tree::ci(
        "---
on:
  push:
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: { fail-fast: \"${{ github.event_name != 'push' }}\", matrix: { include: [{ v: 1 }] } }
    env: ${{ matrix.env || fromJSON('{}') }}
    steps: [{ run: true }]
",
    );
    assert_eq!(verdicts(&tree.push()), ["a: run-here"]);
}

#[test]
fn yaml_is_read_as_github_reads_it() {
    let value = read_yaml("x.yml", "{on: 22.04, yes: no, a: 0x10, b: ~, c: '1', 3: x}").unwrap();
    assert_eq!(json(&value), r#"{"on":22.04,"yes":"no","a":16,"b":null,"c":"1","3":"x"}"#);
}

#[test]
fn a_file_that_is_no_yaml_is_one_line_with_its_place() {
    let lines = Tree::ci("on: push\njobs:\n  a: [\n").push();
    assert_eq!(verdicts(&lines), [": invalid"]);
    let reason = lines[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with(".github/workflows/ci.yml:4:1: "), "{reason}");
}

#[test]
fn a_refused_file_that_the_event_does_not_start_is_not_triggered() {
    let tree = Tree::ci("on: release\njobs: { a: { runs-on: x, needs: gone } }\n");
    assert_eq!(verdicts(&tree.push()), ["a: not-triggered"]);
}

#[test]
fn a_container_may_name_secrets_in_its_credentials() {
    let tree = Tree::ci(
        "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    container: { image: 'debian:12', credentials: { username: x, password: '${{ secrets.KEY }}' } }
",
    );
    assert_eq!(verdicts(&tree.push()), ["a: unsupported"]);
}
