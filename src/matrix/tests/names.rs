//! Names: numbers 10, 15, 16.

use super::{Tree, field};

#[test]
fn t10_t15_t16_a_name_with_an_expression_is_complete() {
    let tree = Tree::ci(
        "on: push
jobs:
  a:
    name: Test ${{ matrix.c && 'and Coverage ' || '' }}on Linux
    runs-on: ubuntu-latest
    strategy: { matrix: { c: [true, false] } }
    steps: [{ run: true }]
  b:
    name: >-  # why
      Check${{ '' }}
    runs-on: ubuntu-latest
    strategy: { matrix: { v: [1, 2] } }
    steps: [{ run: true }]
  c:
    name: exclude ${{ matrix.name }}
    runs-on: ubuntu-latest
    strategy: { matrix: { include: [{ name: '' }, { name: x }] } }
    steps: [{ run: true }]
  d:
    name: Plain
    runs-on: ubuntu-latest
    strategy: { matrix: { v: [1] } }
    steps: [{ run: true }]
",
    );
    assert_eq!(
        field(&tree.push(), "name"),
        [
            "Test and Coverage on Linux",
            "Test on Linux",
            "Check",
            "Check",
            "exclude ",
            "exclude x",
            "Plain (1)"
        ]
    );
}

#[test]
fn a_skipped_job_keeps_its_name_as_it_is_written() {
    let tree = Tree::ci(
        "on: push
jobs:
  a: { name: 'On ${{ matrix.v }}', if: false, runs-on: x, strategy: { matrix: { v: [1] } } }
",
    );
    assert_eq!(field(&tree.push(), "name"), ["On ${{ matrix.v }}"]);
}

#[test]
fn a_name_that_comes_to_nothing_is_the_usual_one() {
    let tree = Tree::ci(
        "on: push
jobs:
  t:
    name: ${{ matrix.title }}
    runs-on: ubuntu-latest
    strategy: { matrix: { include: [{ os: a, title: Hello }, { os: b }] } }
",
    );
    assert_eq!(field(&tree.push(), "name"), ["Hello", "t (b)"]);
}
