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

#[test]
fn no_file_and_no_job_is_left_out_of_the_answer() {
    let said = |text: &'static str| {
        let lines = Tree::ci(text).push();
        assert_eq!(verdicts(&lines), [": invalid"], "{text}");
        lines[0]["reason"].as_str().unwrap().replace(".github/workflows/", "")
    };
    for nothing in ["", "# all of it\n", "- a\n", "text\n"] {
        assert_eq!(said(nothing), "ci.yml:1:1: there is no mapping with `on` and `jobs` in it");
    }
    assert_eq!(said("on: push\nname: x\n"), "ci.yml:1:1: it has no jobs");
    assert_eq!(said("on: push\njobs: {}\n"), "ci.yml:2:1: it has no jobs");
    assert_eq!(said("on: push\njobs: [a]\n"), "ci.yml:2:1: `jobs` is no mapping");
    assert_eq!(said("name: x\n"), "ci.yml:1:1: no event starts it: `on` is missing");
    assert!(said("on: push\n\0jobs:\n").starts_with("ci.yml:"));
}

#[test]
fn keys_that_differ_in_case_alone_are_one_key_that_is_there_twice() {
    let lines = Tree::ci("on: push\njobs:\n  build: { runs-on: x }\n  Build: { runs-on: y }\n").push();
    assert_eq!(verdicts(&lines), [": invalid"]);
    let reason = lines[0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("`Build` is already defined"), "{reason}");
}

#[test]
fn numbers_of_any_size_are_numbers() {
    let value =
        read_yaml("x.yml", "[100000000000000000000, -0.5, 18446744073709551615, !x tagged, !y [1]]").unwrap();
    assert_eq!(json(&value), r#"[1e+20,-0.5,1.8446744073709552e+19,"tagged",[1]]"#);
}

#[test]
fn the_line_of_a_job_is_that_of_its_key_among_jobs() {
    let tree = Tree::ci(
        "on: push
jobs:
  # docs: not this one
  changes:
    runs-on: ubuntu-latest
    outputs:
      docs: x
  docs:
    runs-on: ubuntu-latest
",
    );
    let lines = tree.push();
    assert_eq!((lines[0]["line"].as_u64(), lines[1]["line"].as_u64()), (Some(4), Some(8)));
}

#[test]
fn what_the_schema_of_github_does_not_know_is_refused_with_its_place() {
    let said = |text: &str| {
        let text: &'static str = format!("on: push\n{text}\n").leak();
        let lines = Tree::ci(text).push();
        assert!(
            !lines.is_empty() && lines.iter().all(|line| line["verdict"] == "invalid"),
            "{text}: {lines:?}"
        );
        lines[0]["reason"].as_str().unwrap().replace(".github/workflows/ci.yml:", "")
    };
    assert_eq!(said("foo: 1\njobs: { a: { runs-on: x } }"), "2:1: the file has no key `foo`");
    let job = |keys: &str| said(&format!("jobs:\n  a:\n    runs-on: x\n    {keys}"));
    assert_eq!(job("timeout: 5"), "5:5: the job `a` has no key `timeout`");
    assert_eq!(
        job("strategy: { failfast: true }"),
        "5:17: `strategy` has no key `failfast`; did you mean `fail-fast`?"
    );
    assert_eq!(job("strategy: { fail-fast: maybe }"), "5:17: `fail-fast` is neither `true` nor `false`");
    assert_eq!(job("strategy: { matrix: }"), "5:17: `matrix` is no mapping");
    assert_eq!(job("strategy: { matrix: { a: [1], include: } }"), "5:35: `include` is no list");
    assert_eq!(job("timeout-minutes: abc"), "5:5: `timeout-minutes` is no number");
    assert_eq!(job("env: [a]"), "5:5: `env` is no mapping");
    assert_eq!(job("steps: { run: x }"), "5:5: `steps` is no list");
    assert_eq!(job("steps: [{ name: x }]"), "5:15: a step has neither `run` nor `uses`");
    assert_eq!(job("steps: [{ run: x, uses: y@v1 }]"), "5:15: a step has both `run` and `uses`");
    assert_eq!(job("steps: [{ uses: y@v1, shell: bash }]"), "5:27: a step with `uses` has no key `shell`");
    assert_eq!(
        said("jobs: { 1a: { runs-on: x } }"),
        "2:9: `1a` is no id for a job: letters, digits, `-` and `_`, the first one a letter or `_`"
    );
    assert_eq!(
        said("jobs: { a: { uses: ./.github/workflows/x.yml, env: { A: b } } }"),
        "2:47: the job `a` has no key `env`"
    );
    assert_eq!(
        said("jobs: { a: { uses: o/r@main } }"),
        "2:20: `o/r@main` is no workflow file of this repository or of another one at a revision"
    );
}

#[test]
fn blocks_of_a_job_are_read_to_their_depths() {
    let said = |keys: &str| {
        let text = format!("on: push\njobs:\n  a:\n    runs-on: x\n    {keys}\n");
        let lines = Tree::ci(text.leak()).push();
        lines[0]["reason"].as_str().unwrap().replace(".github/workflows/ci.yml:", "")
    };
    for (keys, told) in [
        (
            "permissions: { content: read }",
            "5:20: `permissions` has no key `content`; did you mean `contents`?",
        ),
        ("permissions: { contents: admin }", "5:20: `contents` is none of `read`, `write`, `none`"),
        ("permissions: { id-token: read }", "5:20: `id-token` is none of `write`, `none`"),
        ("permissions: read", "5:5: `permissions` is none of `read-all`, `write-all`"),
        (
            "permissions: { contents: '${{ vars.X }}' }",
            "5:31: no expression may stand in `contents`: `${{ vars.X }}`",
        ),
        ("concurrency: { cancel-in-progress: true }", "5:5: `concurrency` is without `group`"),
        (
            "concurrency: { group: x, cancel-in-progress: yes }",
            "5:30: `cancel-in-progress` is neither `true` nor `false`",
        ),
        ("environment: { url: x }", "5:5: `environment` is without `name`"),
        ("environment: ${{ secrets.X }}", "5:22: `secrets` is not available here: `secrets.X`"),
        ("container: { image: x, port: [1] }", "5:28: `container` has no key `port`; did you mean `ports`?"),
        ("container: { image: x, ports: 80 }", "5:28: `ports` is no list"),
        ("services: [redis]", "5:5: `services` is no mapping"),
        ("services: { x: { image: y, env: [A] } }", "5:32: `env` is no mapping"),
        (
            "services: { x: { image: y, credentials: { username: z, password: } } }",
            "5:60: `password` is empty",
        ),
        ("defaults: { run: { shel: bash } }", "5:24: `run` has no key `shel`; did you mean `shell`?"),
        (
            "outputs: { a: \"${{ hashFiles('x') }}\" }",
            "5:24: `hashFiles()` is not available here: `hashFiles('x')`",
        ),
        (
            "steps: [{ run: x, shell: '${{ matrix.s }}' }]",
            "5:31: no expression may stand in `shell`: `${{ matrix.s }}`",
        ),
        ("snapshot: { version: 1 }", "5:5: `snapshot` is without `image-name`"),
    ] {
        assert_eq!(said(keys), told, "{keys}");
    }
}

#[test]
fn what_an_expression_may_give_is_not_refused() {
    let tree = Tree::ci(
        "on: { push: , workflow_dispatch: { inputs: { x: } }, schedule: [{ cron: '0 0 * * *' }] }
run-name: x
description: x
permissions: {}
cache-mode: read
concurrency: { group: x, queue: max }
defaults: { run: { shell: bash } }
jobs:
  a:
    name: # nothing
    if: true
    runs-on: { group: x, labels: [y] }
    needs: []
    timeout-minutes: ${{ fromJSON('5') }}
    continue-on-error: ${{ matrix.e }}
    permissions: read-all
    concurrency: '${{ github.ref }}'
    environment: { name: '${{ vars.E || null }}', url: '${{ steps.x.outputs.y }}', deployment: false }
    container: { image: '${{ matrix.i }}', env: { A: '${{ runner.os }}' }, ports: [80] }
    services: { x: redis, y: { image: x, entrypoint: z, command: '', volumes: ['a:b'] } }
    strategy: { max-parallel: '${{ 1 }}', matrix: { e: [true], include: '${{ fromJSON(vars.I) }}' } }
    steps: [{ run: , name: x }, { parallel: [{ run: x }] }, { uses: ./a, with: { x: 1 }, id: x, background: true }]
",
    );
    assert_eq!(verdicts(&tree.push()), ["a: dynamic"]);
}
