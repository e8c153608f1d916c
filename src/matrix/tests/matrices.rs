//! Matrices: numbers 1 to 9, 11 to 13 and 24.

use super::{Tree, field, verdicts};

#[test]
fn t4_t5_an_item_from_outputs_is_unknown_and_the_count_is_not() {
    let tree = Tree::ci(
        "on: push
jobs:
  key: { runs-on: ubuntu-latest, outputs: { key: x }, steps: [{ run: true }] }
  build:
    needs: key
    runs-on: ubuntu-latest
    strategy:
      matrix:
        key: ['${{ needs.key.outputs.key }}', fixed]
        include: [{ key: fixed, cache: '${{ needs.key.outputs.key }}' }]
    steps: [{ run: true }]
",
    );
    let lines = tree.push();
    assert_eq!(field(&lines, "name")[1..], ["build (${{ needs.key.outputs.key }})", "build (fixed)"]);
    assert_eq!(lines[2]["matrix"]["cache"], "${{ needs.key.outputs.key }}");
    assert_eq!(lines[1]["matrix"]["cache"], "${{ matrix.cache }}", "whether it fits is not known");
}

#[test]
fn t6_a_matrix_from_outputs_is_one_dynamic_line() {
    let tree = Tree::ci(
        "on: push
jobs:
  plan: { runs-on: ubuntu-latest, outputs: { m: x }, steps: [{ run: true }] }
  whole:
    needs: plan
    runs-on: ubuntu-latest
    strategy: { matrix: '${{ fromJson(needs.plan.outputs.m) }}' }
    steps: [{ run: true }]
  vector:
    runs-on: ubuntu-latest
    strategy: { matrix: { v: \"${{ fromJSON(vars.V || '[1]') }}\" } }
    steps: [{ run: true }]
  after: { needs: whole, runs-on: ubuntu-latest, steps: [{ run: true }] }
",
    );
    let lines = tree.push();
    assert_eq!(verdicts(&lines), ["plan: run-here", "whole: dynamic", "vector: dynamic", "after: run-here"]);
    assert_eq!(lines[1]["reason"], "the matrix is `needs.plan.outputs.m`");
    assert_eq!(lines[1]["if_verdict"], "run");
}

#[test]
fn a_list_from_an_expression_is_spliced_into_a_vector() {
    let tree = Tree::ci(
        "on: push
jobs:
  t:
    runs-on: ubuntu-latest
    strategy: { matrix: { v: [a, \"${{ fromJSON('[\\\"b\\\", \\\"c\\\"]') }}\"] } }
    steps: [{ run: true }]
",
    );
    assert_eq!(field(&tree.push(), "name"), ["t (a)", "t (b)", "t (c)"]);
}

#[test]
fn t3_an_empty_text_in_exclude_matches_nothing_that_is_there() {
    let tree = Tree::ci(
        "on: push
jobs:
  t:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-24.04, ubuntu-24.04-arm]
        exclude: [{ os: \"${{ github.event.repository.private && 'ubuntu-24.04-arm' || '' }}\" }]
    steps: [{ run: true }]
",
    );
    assert_eq!(field(&tree.push(), "name"), ["t (ubuntu-24.04)", "t (ubuntu-24.04-arm)"]);
}

#[test]
fn t7_t11_runs_on_from_an_object_and_a_vector_called_runs_on() {
    let tree = Tree::ci(
        "on: push
jobs:
  docs:
    runs-on: ${{ matrix.run.os }}
    strategy: { max-parallel: 0, matrix: { run: [{ os: windows-latest, features: tracing }, { os: ubuntu-latest }] } }
    steps: [{ run: true }]
  test:
    runs-on: ${{ matrix.runs-on }}-latest
    strategy: { matrix: { runs-on: [ubuntu] } }
    steps: [{ run: true }]
",
    );
    let lines = tree.push();
    assert_eq!(
        field(&lines, "name"),
        ["docs (windows-latest, tracing)", "docs (ubuntu-latest)", "test (ubuntu)"]
    );
    assert_eq!(
        field(&lines, "runs_on"),
        ["[\"windows-latest\"]", "[\"ubuntu-latest\"]", "[\"ubuntu-latest\"]"]
    );
}

#[test]
fn t8_t12_t13_numbers_empty_values_and_a_strategy_without_matrix() {
    let tree = Tree::ci(
        "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: { matrix: { version: [22.04, 1.20], race: ['', race], exclude: [{ version: 1.2, race: race }] } }
    steps: [{ run: true }]
  b: { runs-on: ubuntu-latest, strategy: { fail-fast: false }, steps: [{ run: true }] }
",
    );
    let lines = tree.push();
    assert_eq!(field(&lines, "name"), ["a (22.04)", "a (22.04, race)", "a (1.2)", "b"]);
    assert_eq!(lines[0]["matrix"].to_string(), r#"{"version":22.04,"race":""}"#);
}

#[test]
fn t24_what_github_refuses_starts_nothing_of_the_file() {
    let refused = |text: &'static str| {
        let lines = Tree::ci(text).push();
        assert!(lines.iter().all(|line| line["verdict"] == "invalid"), "{lines:?}");
        lines[0]["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        refused("on: push\njobs:\n  a:\n    runs-on: x\n    if: matrix.os == 'b'\n  b:\n    runs-on: x\n"),
        ".github/workflows/ci.yml:5:9: `matrix` is not available here: `matrix.os == 'b'`"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        v: []\n"),
        ".github/workflows/ci.yml:7:9: the matrix vector `v` has no values"
    );
    assert_eq!(
        refused(
            "on: push\njobs:\n  a: { runs-on: x, strategy: { matrix: { v: [1], exclude: [{ w: 1 }] } } }\n"
        ),
        ".github/workflows/ci.yml:3:50: `exclude` names `w`, which is no vector of the matrix"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a: { runs-on: x, strategy: { matrix: { os: linux } } }\n"),
        ".github/workflows/ci.yml:3:42: the matrix vector `os` is no list"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a:\n    runs-on: x\n    needs: [b]\n"),
        ".github/workflows/ci.yml:5:5: the job `a` needs `b`, which does not exist"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a: {runs-on: x, needs: b}\n  b: {runs-on: x, needs: a}\n"),
        ".github/workflows/ci.yml:3:19: the needs of the job `a` form a cycle"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a:\n    runs-on: ${{ env.OS }}\n"),
        ".github/workflows/ci.yml:4:18: `env` is not available here: `env.OS`"
    );
    assert_eq!(
        refused("on: push\njobs:\n  a:\n    runs-on: x\n    if: 1 = 2\n"),
        ".github/workflows/ci.yml:5:9: expected `==` at character 3 in the expression `1 = 2`"
    );
}

#[test]
fn where_everything_is_excluded_one_job_without_a_matrix_is_left() {
    let tree = Tree::ci(
        "on: push
jobs:
  t:
    runs-on: ubuntu-latest
    strategy: { matrix: { a: [x, X], exclude: [{ a: x }] } }
    steps: [{ run: 'echo ${{ matrix.a }}' }]
",
    );
    let lines = tree.push();
    assert_eq!(
        (verdicts(&lines), field(&lines, "name")),
        (vec!["t: run-here".to_owned()], vec!["t".to_owned()])
    );
    assert_eq!(lines[0]["matrix"].to_string(), "{}");
}

#[test]
fn an_include_that_is_not_known_leaves_the_rest_of_the_matrix_as_it_is() {
    let tree = Tree::ci(
        "on: push
jobs:
  r: { runs-on: ubuntu-latest, outputs: { v: x }, steps: [{ run: echo }] }
  build:
    needs: r
    runs-on: ubuntu-latest
    strategy:
      matrix:
        rust: [stable, beta]
        include: [{ rust: '${{ needs.r.outputs.v }}', py: 3 }, { rust: nightly }]
    steps: [{ run: echo }]
  after: { needs: build, runs-on: ubuntu-latest, steps: [{ run: echo }] }
",
    );
    let lines = tree.push();
    assert_eq!(
        verdicts(&lines),
        [
            "r: run-here",
            "build: run-here",
            "build: run-here",
            "build: run-here",
            "build: dynamic",
            "after: run-here"
        ]
    );
    assert_eq!(field(&lines, "name")[1..5], ["build (stable)", "build (beta)", "build (nightly)", "build"]);
    assert_eq!(lines[4]["reason"], "the matrix is `needs.r.outputs.v`");
    assert_eq!(lines[1]["matrix"]["py"], "${{ matrix.py }}", "whether it fits is not known");
}

#[test]
fn an_item_is_one_entry_only_where_it_cannot_be_a_list() {
    let tree = Tree::ci(
        "on: push
jobs:
  either:
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [a, \"${{ vars.FULL == 'y' && fromJSON('[1, 2]') || 'd' }}\"] } }
  texts:
    runs-on: ubuntu-latest
    strategy: { matrix: { v: ['${{ github.actor }}', '${{ github.run_id }}'] } }
    steps: [{ run: echo }]
",
    );
    let lines = tree.push();
    assert_eq!(verdicts(&lines), ["either: dynamic", "texts: run-here", "texts: run-here"]);
    assert_eq!(lines[1]["matrix"]["v"], "${{ github.actor }}");
}

/// All of it in one file, as large projects write it; counted by hand.
#[test]
fn golden_counts_of_filters_calls_and_what_is_not_known_yet() {
    let tree = Tree::of([
        (
            "ci.yml",
            "on: push
jobs:
  choose:
    runs-on: ubuntu-latest
    outputs: { parts: '${{ steps.x.outputs.parts }}' }
    steps: [{ id: x, run: true }]
  compiler:
    strategy: { matrix: { os: [ubuntu-22.04, ubuntu-24.04] } }
    uses: ./.github/workflows/compiler.yml
    with: { os: '${{ matrix.os }}' }
  build:
    needs: compiler
    runs-on: ubuntu-latest
    strategy:
      matrix:
        mode: [interpreted, compiled, '15']
        platform: [linux, android]
        flags: [{ name: simd, bits: 64 }, { name: plain, bits: 32 }, { name: plain, bits: 64 }]
        exclude:
        - { platform: android, flags: { bits: 32 } }
        - { mode: 15, flags: { name: PLAIN } }
        include:
        - { platform: linux, cached: yes }
        - { platform: windows, mode: compiled }
        - { platform: android, mode: '15', flags: { name: plain, bits: 64 } }
    steps: [{ run: true }]
  spec:
    runs-on: ubuntu-latest
    strategy: { matrix: { include: [{ suite: a }, { suite: b, slow: true }, { suite: a }] } }
    steps: [{ run: true }]
  parts:
    needs: choose
    runs-on: ubuntu-latest
    strategy: { matrix: '${{ fromJSON(needs.choose.outputs.parts) }}' }
    steps: [{ run: true }]
",
        ),
        (
            "compiler.yml",
            "on: { workflow_call: { inputs: { os: { type: string } } } }
jobs:
  make:
    runs-on: ${{ inputs.os }}
    strategy: { matrix: { target: [x86, arm, riscv], exclude: [{ target: riscv }] } }
    steps: [{ run: true }]
",
        ),
    ]);
    let lines = tree.push();
    let count = |job: &str| lines.iter().filter(|line| line["job"] == job).count();
    // 18 by three vectors, less 3 and 3 of which one leaf is named, and 2 that fit nothing that is left.
    assert_eq!(count("build"), 14);
    assert_eq!([count("compiler/make"), count("spec"), count("choose"), count("parts")], [4, 3, 1, 1]);
    assert_eq!(lines.len(), 23);
    let cached =
        lines.iter().filter(|line| line["matrix"]["cached"] == true || line["matrix"]["cached"] == "yes");
    assert_eq!(cached.count(), 7, "the first `include` adds to what is there");
}
