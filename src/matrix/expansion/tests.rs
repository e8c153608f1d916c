//! Matrices as GitHub expands them.

use super::*;
use crate::matrix::expression::{Value, as_json};
use crate::matrix::reading::read_yaml;

fn expanded(yaml: &str) -> Vec<(String, String)> {
    match expand(&read_yaml("m.yml", yaml).unwrap()) {
        MatrixAnswer::Configurations(all) => {
            let shown = |one: &Configuration| {
                (job_name("test", Some(one)), as_json(&Value::object(one.matrix.clone())).to_string())
            };
            all.iter().map(shown).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn names(yaml: &str) -> Vec<String> {
    expanded(yaml).into_iter().map(|(name, _)| name).collect()
}

fn invalid(yaml: &str) -> String {
    match expand(&read_yaml("m.yml", yaml).unwrap()) {
        MatrixAnswer::Invalid(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_vector_turns_fastest() {
    let matrix = "{arch: [x64, x86], os: [linux, windows]}";
    assert_eq!(
        names(matrix),
        ["test (x64, linux)", "test (x64, windows)", "test (x86, linux)", "test (x86, windows)"]
    );
}

#[test]
fn exclude_compares_the_leaves_that_it_names() {
    // One of our own in the shape of WAMR's `spec_test_on_nuttx.yml`: part of an object is enough.
    let matrix = "{target: [{name: a, config: x}, {name: b, config: y}], mode: [1, 2], exclude: [{target: {config: x}, mode: 1}]}";
    assert_eq!(names(matrix), ["test (a, x, 2)", "test (b, y, 1)", "test (b, y, 2)"]);
}

#[test]
fn filters_compare_loosely_and_ignore_the_case_of_keys() {
    assert_eq!(names("{v: ['12', '14'], exclude: [{V: 12}]}"), ["test (14)"]);
    assert_eq!(names("{v: ['', a], exclude: [{v: null}]}"), ["test (a)"]);
    assert_eq!(names("{os: [Linux], include: [{os: linux, extra: 1}]}"), ["test (Linux)"]);
}

#[test]
fn include_adds_to_what_fits_and_appends_what_does_not() {
    let matrix = "{os: [a, b], include: [{os: a, flag: 1}, {flag: 2}, {os: c, flag: 3}, {os: a, flag: 4}]}";
    let all = expanded(matrix);
    assert_eq!(
        all,
        [
            ("test (a)".to_owned(), r#"{"os":"a","flag":4}"#.to_owned()),
            ("test (b)".to_owned(), r#"{"os":"b","flag":2}"#.to_owned()),
            ("test (c, 3)".to_owned(), r#"{"os":"c","flag":3}"#.to_owned()),
        ]
    );
}

#[test]
fn an_include_that_fits_only_what_is_excluded_is_appended() {
    let matrix = "{os: [a, b], exclude: [{os: a}], include: [{os: a, flag: 1}]}";
    assert_eq!(names(matrix), ["test (b)", "test (a, 1)"]);
}

#[test]
fn names_leave_out_what_is_empty_and_show_numbers_as_yaml_has_them() {
    assert_eq!(
        names("{a: [x], b: [''], c: [22.04, 1.20], d: [null], e: [true]}"),
        ["test (x, 22.04, true)", "test (x, 1.2, true)"]
    );
}

#[test]
fn a_name_of_more_than_a_hundred_units_is_cut() {
    let long = format!("{{v: [{}]}}", "y".repeat(120));
    let name = names(&long).remove(0);
    assert_eq!((name.len(), name.ends_with("y...")), (100, true));
}

#[test]
fn what_github_refuses_is_refused() {
    assert_eq!(invalid("{v: []}"), "the matrix vector `v` has no values");
    assert_eq!(invalid("{include: []}"), "the matrix has no vector and includes nothing");
    assert_eq!(
        invalid("{v: [1], exclude: [{w: 1}]}"),
        "`exclude` names `w`, which is no vector of the matrix"
    );
    let many =
        format!("{{a: [{0}], b: [{0}]}}", (0..17).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    assert_eq!(invalid(&many), "the matrix has 289 entries, more than 256");
}
