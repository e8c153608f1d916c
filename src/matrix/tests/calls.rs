//! Called workflows: numbers 9, 10, 30, 32, 33.

use super::{Tree, field, verdicts};

const CALLEE: &str = "on:
  workflow_call:
    inputs:
      version: { type: string }
      coverage: { type: boolean, default: false }
      image: { type: string, default: '' }
jobs:
  test:
    name: Test ${{ inputs.version }}${{ inputs.coverage && ' covered' || '' }}
    runs-on: ubuntu-latest
    container: { image: '${{ inputs.image }}' }
    steps: [{ run: true }]
  more: { needs: test, runs-on: ubuntu-latest, strategy: { matrix: { v: [1, 2] } } }
";

#[test]
fn t9_t10_t33_inputs_have_their_declared_types() {
    let tree = Tree::of([
        ("callee.yml", CALLEE),
        (
            "ci.yml",
            "on: push
jobs:
  call:
    name: Call
    strategy: { matrix: { node: [18, 20] } }
    uses: ./.github/workflows/callee.yml
    with: { version: '${{ matrix.node }}', coverage: '${{ matrix.node == 20 }}' }
  after: { needs: call, runs-on: ubuntu-latest }
",
        ),
    ]);
    let lines = tree.push();
    assert_eq!(
        field(&lines, "name"),
        [
            "Call (18) / Test 18",
            "Call (18) / more (1)",
            "Call (18) / more (2)",
            "Call (20) / Test 20 covered",
            "Call (20) / more (1)",
            "Call (20) / more (2)",
            "after"
        ]
    );
    assert_eq!(lines[3]["job"], "call/test");
    assert_eq!(lines[3]["caller_matrix"].to_string(), r#"{"call":{"node":20}}"#);
    assert_eq!(lines[3]["source"], ".github/workflows/callee.yml");
    assert_eq!(lines[3]["verdict"], "run-here", "an empty image is no container");
}

#[test]
fn a_call_hands_its_condition_down() {
    let tree = Tree::of([
        (
            "callee.yml",
            "on: workflow_call\njobs: { a: { runs-on: ubuntu-latest }, b: { if: false, runs-on: x } }\n",
        ),
        (
            "ci.yml",
            "on: push
jobs:
  perhaps: { if: github.actor == 'x', uses: ./.github/workflows/callee.yml }
  never: { if: false, uses: ./.github/workflows/callee.yml }
  next: { needs: perhaps, runs-on: ubuntu-latest }
",
        ),
    ]);
    let lines = tree.push();
    assert_eq!(
        verdicts(&lines),
        ["perhaps/a: conditional", "perhaps/b: if-false", "never: if-false", "next: conditional"]
    );
    assert_eq!(lines[0]["reason"], "github.actor");
}

#[test]
fn t32_a_workflow_of_another_repository_is_one_line_for_each_call() {
    let tree = Tree::ci(
        "on: push
jobs:
  out:
    strategy: { matrix: { v: [1, 2] } }
    uses: acme/pump/.github/workflows/x.yml@main
  after: { needs: out, runs-on: ubuntu-latest }
",
    );
    let lines = tree.push();
    assert_eq!(verdicts(&lines), ["out: remote-reusable", "out: remote-reusable", "after: run-here"]);
    assert_eq!(field(&lines, "name")[..2], ["out (1)", "out (2)"]);
}

#[test]
fn what_a_call_gets_wrong_is_refused_with_its_place() {
    let refused = |with: &'static str| {
        let ci: &'static str =
            format!("on: push\njobs:\n  call:\n    uses: ./.github/workflows/{with}\n").leak();
        let tree = Tree::of([
            (
                "callee.yml",
                "on: { workflow_call: { inputs: { n: { type: number, required: true } } } }\njobs: { a: { runs-on: x } }\n",
            ),
            ("alone.yml", "on: push\njobs: { a: { runs-on: x } }\n"),
            ("ci.yml", ci),
        ]);
        let lines = tree.push();
        let call = lines.iter().find(|line| line["job"] == "call").unwrap();
        assert_eq!(call["verdict"], "invalid");
        call["reason"].as_str().unwrap().replace(".github/workflows/", "")
    };
    assert_eq!(refused("callee.yml"), "ci.yml:4:5: the input `n` is required and not given");
    assert_eq!(
        refused("callee.yml\n    with: {n: x}"),
        "ci.yml:4:5: the input `n` is no number: `x` is text"
    );
    assert_eq!(
        refused("callee.yml\n    with: {n: 1, m: 2}"),
        "ci.yml:4:5: the input `m` does not exist in `callee.yml`"
    );
    assert_eq!(refused("gone.yml"), "ci.yml:4:5: `gone.yml` is not in this tree");
    assert_eq!(
        refused("alone.yml"),
        "ci.yml:4:5: `alone.yml` cannot be called: its `on` lacks `workflow_call`"
    );
}

#[test]
fn workflows_that_call_each_other_without_end_are_refused() {
    let tree = Tree::of([(
        "loop.yml",
        "on: [push, workflow_call]\njobs: { again: { uses: ./.github/workflows/loop.yml } }\n",
    )]);
    let lines = tree.push();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        lines[0]["reason"],
        ".github/workflows/loop.yml:2:18: `.github/workflows/loop.yml` is called by itself, in a loop"
    );
}

#[test]
fn an_unknown_output_goes_through_a_call() {
    let tree = Tree::of([
        (
            "callee.yml",
            "on: { workflow_call: { inputs: { os: { type: string } } } }\njobs: { a: { runs-on: '${{ inputs.os }}' } }\n",
        ),
        (
            "ci.yml",
            "on: push
jobs:
  pick: { runs-on: ubuntu-latest, outputs: { os: x } }
  call: { needs: pick, uses: ./.github/workflows/callee.yml, with: { os: '${{ needs.pick.outputs.os }}' } }
",
        ),
    ]);
    let lines = tree.push();
    assert_eq!(lines[1]["runs_on"][0], "${{ inputs.os }}");
    assert_eq!((lines[1]["os"].as_str(), lines[1]["verdict"].as_str()), (Some("unknown"), Some("run-on")));
}

#[test]
fn a_call_that_is_refused_refuses_the_whole_file_whatever_its_condition_says() {
    let refused = |call: &'static str| {
        let ci: &'static str = format!(
            "on: push\njobs:\n  ok: {{ runs-on: ubuntu-latest, steps: [{{ run: echo }}] }}\n  call: {{ {call} }}\n"
        )
        .leak();
        let tree = Tree::of([
            (
                "callee.yml",
                "on: { workflow_call: { inputs: { b: { type: boolean } }, secrets: { tok: { required: true }, free: } } }\njobs: { a: { runs-on: x } }\n",
            ),
            ("broken.yml", "on: workflow_call\njobs: { a: { runs-on: x, if: env.X == 'y' } }\n"),
            ("deeper.yml", "on: workflow_call\njobs: { a: { uses: ./.github/workflows/gone.yml } }\n"),
            ("ci.yml", ci),
        ]);
        let lines = tree.push();
        assert_eq!(verdicts(&lines), ["ok: invalid", "call: invalid"]);
        lines[0]["reason"].as_str().unwrap().replace(".github/workflows/", "")
    };
    assert_eq!(
        refused("if: false, uses: ./.github/workflows/gone.yml"),
        "ci.yml:4:22: `gone.yml` is not in this tree"
    );
    assert_eq!(
        refused("uses: ./.github/workflows/broken.yml"),
        "ci.yml:4:11: broken.yml:2:30: `env` is not available here: `env.X == 'y'`"
    );
    assert_eq!(
        refused("uses: ./.github/workflows/deeper.yml"),
        "ci.yml:4:11: deeper.yml:2:14: `gone.yml` is not in this tree"
    );
    assert_eq!(
        refused("if: false, uses: ./.github/workflows/callee.yml, secrets: inherit, with: { stray: 1 }"),
        "ci.yml:4:22: the input `stray` does not exist in `callee.yml`"
    );
    assert_eq!(
        refused("uses: ./.github/workflows/callee.yml, secrets: inherit, with: { b: 'true' }"),
        "ci.yml:4:11: the input `b` is no boolean: `true` is text"
    );
    assert_eq!(
        refused("uses: ./.github/workflows/callee.yml"),
        "ci.yml:4:11: the secret `tok` is required and not handed on"
    );
    assert_eq!(
        refused("uses: ./.github/workflows/callee.yml, secrets: { tok: x, other: y }"),
        "ci.yml:4:11: the secret `other` does not exist in `callee.yml`"
    );
}

#[test]
fn an_input_that_comes_to_nothing_fails_the_call_and_what_needs_it_is_skipped() {
    let tree = Tree::of([
        (
            "callee.yml",
            "on: { workflow_call: { inputs: { b: { type: boolean } } } }\njobs: { a: { runs-on: ubuntu-latest } }\n",
        ),
        (
            "ci.yml",
            "on: push
jobs:
  call: { uses: ./.github/workflows/callee.yml, with: { b: '${{ inputs.b }}' } }
  after: { needs: call, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  text: { uses: ./.github/workflows/callee.yml, with: { b: '${{ vars.B }}' } }
  fine: { uses: ./.github/workflows/callee.yml, with: { b: \"${{ vars.B == 'x' }}\" } }
",
        ),
    ]);
    let lines = tree.push();
    assert_eq!(
        verdicts(&lines),
        ["call: invalid", "after: needs-skipped", "text: invalid", "fine/a: run-here"]
    );
    assert_eq!(lines[1]["reason"], "needs call, which failed");
}
