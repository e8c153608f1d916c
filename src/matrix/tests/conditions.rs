//! Conditions and chains of needs: numbers 17 to 23, 36, 38.

use super::{Tree, field, verdicts};

#[test]
fn t17_an_absent_base_is_empty_and_equal_to_null() {
    let tree = Tree::ci(
        "on: [push, pull_request]
jobs:
  a: { if: github.base_ref == null, runs-on: ubuntu-latest, steps: [{ run: true }] }
  b: { if: \"join(github.event.pull_request.labels.*.name, ',') == ''\", runs-on: ubuntu-latest, steps: [{ run: true }] }
",
    );
    assert_eq!(verdicts(&tree.push()), ["a: run-here", "b: run-here"]);
    assert_eq!(verdicts(&tree.pull_request()), ["a: if-false", "b: conditional"]);
}

#[test]
fn t18_t19_labels_people_and_forks_are_not_known() {
    let tree = Tree::ci(
        "on: pull_request
jobs:
  labels: { if: \"contains(github.event.pull_request.labels.*.name, 'loom')\", runs-on: ubuntu-latest }
  user: { if: github.event.pull_request.user.login == 'bot', runs-on: ubuntu-latest }
  fork: { if: github.event.pull_request.head.repo.full_name == github.repository, runs-on: ubuntu-latest }
  actor: { if: \"!startsWith(github.actor, 'bot')\", runs-on: ubuntu-latest }
  both: { if: github.actor == 'x' && github.event_name == 'push', runs-on: ubuntu-latest }
",
    );
    let lines = tree.pull_request();
    assert_eq!(
        verdicts(&lines),
        [
            "labels: conditional",
            "user: conditional",
            "fork: conditional",
            "actor: conditional",
            "both: if-false"
        ]
    );
    assert_eq!(lines[2]["reason"], "github.event.pull_request.head.repo.full_name");
}

#[test]
fn what_is_known_of_an_unknown_reference_decides() {
    let tree = Tree::ci(
        "on: [pull_request, merge_group]
jobs:
  tag: { if: \"startsWith(github.ref, 'refs/tags/')\", runs-on: ubuntu-latest }
  main: { if: github.ref == 'refs/heads/main', runs-on: ubuntu-latest }
  other: { if: github.ref != 'refs/heads/main', runs-on: ubuntu-latest }
  head: { if: github.head_ref, runs-on: ubuntu-latest }
",
    );
    assert_eq!(
        verdicts(&tree.pull_request()),
        ["tag: if-false", "main: if-false", "other: run-here", "head: run-here"]
    );
}

const CHAIN: &str = "on: push
jobs:
  off: { if: false, runs-on: ubuntu-latest, steps: [{ run: true }] }
  after: { needs: off, runs-on: ubuntu-latest, steps: [{ run: true }] }
  always: { needs: off, if: always(), runs-on: ubuntu-latest, steps: [{ run: true }] }
  late: { needs: always, runs-on: ubuntu-latest, steps: [{ run: true }] }
  kept: { needs: [off], if: '!cancelled()', runs-on: ubuntu-latest, steps: [{ run: true }] }
  own: { needs: off, if: github.event_name == 'release', runs-on: ubuntu-latest, steps: [{ run: true }] }
  failed: { needs: always, if: \"always() && needs.always.result == 'failure'\", runs-on: ubuntu-latest }
  seen: { needs: off, if: \"always() && needs.off.result == 'skipped'\", runs-on: ubuntu-latest }
  failure: { needs: off, if: failure(), runs-on: ubuntu-latest }
";

#[test]
fn t20_t21_t22_what_follows_a_skipped_job_is_skipped_unless_it_asks_for_its_status() {
    let lines = Tree::ci(CHAIN).push();
    assert_eq!(
        verdicts(&lines),
        [
            "off: if-false",
            "after: needs-skipped",
            "always: run-here",
            "late: needs-skipped",
            "kept: run-here",
            "own: if-false",
            "failed: if-false",
            "seen: run-here",
            "failure: if-false"
        ]
    );
    assert_eq!(lines[3]["reason"], "needs off, which is skipped");
}

#[test]
fn what_hangs_on_a_condition_stays_conditional_along_the_chain() {
    let tree = Tree::ci(
        "on: push
jobs:
  gate: { runs-on: ubuntu-latest, outputs: { full: x }, steps: [{ run: true }] }
  full: { needs: gate, if: needs.gate.outputs.full == 'true', runs-on: ubuntu-latest }
  next: { needs: full, runs-on: ubuntu-latest }
  last: { needs: next, runs-on: ubuntu-latest }
  status: { needs: full, if: always(), runs-on: ubuntu-latest }
  green: { needs: full, if: \"always() && needs.full.result == 'success'\", runs-on: ubuntu-latest }
  ended: { needs: full, if: \"always() && needs.full.result != 'failure'\", runs-on: ubuntu-latest }
  typo: { needs: gate, if: needs.gate.outputs.ful == 'true', runs-on: ubuntu-latest }
",
    );
    let lines = tree.push();
    assert_eq!(
        verdicts(&lines),
        [
            "gate: run-here",
            "full: conditional",
            "next: conditional",
            "last: conditional",
            "status: run-here",
            "green: conditional",
            "ended: run-here",
            "typo: if-false"
        ]
    );
    assert_eq!(
        field(&lines, "reason")[1..4],
        ["needs.gate.outputs.full", "needs full, which is conditional", "needs next, which is conditional"]
    );
    assert_eq!(lines[1]["if_started"], "run-here");
}

#[test]
fn t23_t36_a_condition_that_became_text_is_true_and_a_boolean_counts() {
    let tree = Tree::ci(
        "on: push
jobs:
  block:
    if: |
      ${{ github.event_name == 'release' }}
    runs-on: ubuntu-latest
  joined: { if: \"${{ github.event_name == 'release' }} && false\", runs-on: ubuntu-latest }
  off: { if: false, runs-on: ubuntu-latest }
",
    );
    assert_eq!(verdicts(&tree.push()), ["block: run-here", "joined: run-here", "off: if-false"]);
}

#[test]
fn t38_a_gate_of_forks_is_not_skipped() {
    let tree = Tree::ci(
        "on: pull_request
jobs:
  gate: { runs-on: ubuntu-latest, outputs: { skip: x }, steps: [{ run: true }] }
  test: { needs: gate, if: needs.gate.outputs.skip != 'true', runs-on: ubuntu-latest }
",
    );
    assert_eq!(verdicts(&tree.pull_request()), ["gate: run-here", "test: conditional"]);
}

#[test]
fn a_status_function_of_named_jobs_is_not_taken_for_something_else() {
    let tree = Tree::ci(
        "on: push
jobs:
  a: { runs-on: ubuntu-latest }
  b: { needs: a, if: \"success('a')\", runs-on: ubuntu-latest }
",
    );
    let lines = tree.push();
    assert_eq!(verdicts(&lines), ["a: run-here", "b: conditional"]);
    assert_eq!(lines[1]["reason"], "success() with arguments, which is not supported");
}

#[test]
fn a_job_that_cannot_be_evaluated_counts_as_failed() {
    let tree = Tree::ci(
        "on: push
jobs:
  matrix: { runs-on: ubuntu-latest, strategy: { matrix: { os: \"${{ fromJSON('[]') }}\" } } }
  after: { needs: matrix, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  result: { needs: matrix, if: \"always() && needs.matrix.result == 'failure'\", runs-on: ubuntu-latest, steps: [{ run: echo }] }
  failed: { needs: after, if: failure(), runs-on: ubuntu-latest, steps: [{ run: echo }] }
  named: { name: \"${{ fromJSON('x') }}\", runs-on: ubuntu-latest }
  after-named: { needs: named, runs-on: ubuntu-latest }
  perhaps: { if: github.actor == 'x', runs-on: \"${{ fromJSON('x') }}\" }
  after-perhaps: { needs: perhaps, if: failure(), runs-on: ubuntu-latest }
",
    );
    assert_eq!(
        verdicts(&tree.push()),
        [
            "matrix: invalid",
            "after: needs-skipped",
            "result: run-here",
            "failed: run-here",
            "named: invalid",
            "after-named: needs-skipped",
            "perhaps: invalid",
            "after-perhaps: conditional"
        ]
    );
}

#[test]
fn the_reference_of_a_pull_request_has_its_number_in_it() {
    let tree = Tree::ci(
        "on: pull_request
jobs:
  branch: { if: github.ref_name == 'main', runs-on: ubuntu-latest }
  begins: { if: \"startsWith(github.ref_name, 'release/')\", runs-on: ubuntu-latest }
  ends: { if: \"endsWith(github.ref, '/merge')\", runs-on: ubuntu-latest, steps: [{ run: echo }] }
  other: { if: \"endsWith(github.ref_name, '/head')\", runs-on: ubuntu-latest }
  digit: { if: \"startsWith(github.ref_name, '7') || github.ref == 'refs/pull/7/merge'\", runs-on: ubuntu-latest }
  longer: { if: \"endsWith(github.ref, 'pull/7/merge')\", runs-on: ubuntu-latest }
  number: { if: github.ref_name == 7, runs-on: ubuntu-latest }
",
    );
    assert_eq!(
        verdicts(&tree.pull_request()),
        [
            "branch: if-false",
            "begins: if-false",
            "ends: run-here",
            "other: if-false",
            "digit: conditional",
            "longer: conditional",
            "number: if-false"
        ]
    );
}

#[test]
fn a_condition_sees_the_whole_chain_of_needs_and_nothing_else_does() {
    let tree = Tree::ci(
        "on: push
jobs:
  first: { runs-on: ubuntu-latest, outputs: { src: '${{ steps.x.outputs.y }}' }, steps: [{ run: true }] }
  second: { needs: first, runs-on: ubuntu-latest, steps: [{ run: true }] }
  third: { needs: Second, if: needs.first.outputs.src == 'true', runs-on: ubuntu-latest, steps: [{ run: true }] }
  fourth:
    needs: second
    if: needs.first.result == 'success'
    name: by ${{ needs.second.result }}${{ needs.first.result }}
    runs-on: ubuntu-latest
    steps: [{ run: true }]
",
    );
    let lines = tree.push();
    assert_eq!(
        verdicts(&lines),
        ["first: run-here", "second: run-here", "third: conditional", "fourth: run-here"]
    );
    assert_eq!(lines[2]["reason"], "needs.first.outputs.src");
    assert_eq!(field(&lines, "name")[3], "by success");
}
