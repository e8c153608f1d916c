//! GitHub's own cases (`LOCKGATE_CORPORA`), and what is ours: unknown values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::json::of_json;
use super::{
    Contexts, ExpressionError, Known, Status, Value, as_json, condition_text, evaluate, parse, resolve,
};

/// Groups of GitHub's cases that come out otherwise here, and why.
const KNOWN_DIFFERENCES: &[(&str, &str)] = &[(
    "syntax-errors/memory-errors",
    "GitHub stops at a size of memory; nothing that size is made here, and planning is no service that could be starved",
)];

fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("LOCKGATE_CORPORA")?).join("expressions/testdata");
    folder.is_dir().then_some(folder)
}

#[derive(serde::Deserialize)]
struct GitHubCase {
    expr: String,
    #[serde(default)]
    contexts: BTreeMap<String, serde_json::Value>,
    result: Option<Expected>,
    err: Option<Failure>,
}

#[derive(serde::Deserialize)]
struct Expected {
    kind: String,
    #[serde(default)]
    value: serde_json::Value,
}

#[derive(serde::Deserialize)]
struct Failure {
    kind: String,
}

fn cases(folder: &Path) -> Vec<(String, GitHubCase)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "json")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap();
        let groups: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        for (group, cases) in groups {
            let cases: Vec<GitHubCase> = serde_json::from_value(cases).unwrap_or_default();
            all.extend(cases.into_iter().map(|case| (format!("{name}/{group}"), case)));
        }
    }
    all
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
        Value::Unknown(_) => "Unknown",
    }
}

/// Numbers of JSON have no NaN and no infinity: the corpus writes those as text.
fn same(found: &Value, expected: &serde_json::Value) -> bool {
    match (found, expected) {
        (Value::Number(number), serde_json::Value::String(text)) => {
            super::number::number_text(*number) == *text
        }
        (Value::Number(number), _) => expected.as_f64().is_some_and(|expected| expected == *number),
        _ => as_json(found) == as_json(&of_json(expected.clone())),
    }
}

fn difference(case: &GitHubCase) -> Option<String> {
    let named = case.contexts.iter().map(|(name, value)| (name.as_str(), of_json(value.clone())));
    let found = evaluate(&case.expr, &Contexts::of(named));
    match (&found, &case.result, &case.err) {
        (Ok(value), Some(expected), _) if kind(value) == expected.kind && same(value, &expected.value) => {
            None
        }
        (Err(ExpressionError::Evaluation(_)), _, Some(failure)) if failure.kind == "evaluation" => None,
        (Err(ExpressionError::Syntax { .. } | ExpressionError::UnknownName { .. }), _, Some(failure))
            if failure.kind != "evaluation" =>
        {
            None
        }
        _ => Some(format!("{found:?}")),
    }
}

#[test]
fn githubs_own_cases_come_out_as_github_says() {
    let Some(folder) = corpus() else {
        eprintln!("not run: LOCKGATE_CORPORA does not name a folder with `expressions/testdata`");
        return;
    };
    let all = cases(&folder);
    assert!(all.len() >= 1000, "only {} cases were read", all.len());
    let (mut right, mut wrong) = (0, Vec::new());
    for (group, case) in &all {
        match difference(case) {
            None => right += 1,
            Some(_) if KNOWN_DIFFERENCES.iter().any(|(known, _)| known == group) => {}
            Some(found) => wrong.push(format!("{group}: {}: {found}", case.expr)),
        }
    }
    eprintln!("{right} of {} right", all.len());
    assert!(right >= 1010, "{right} of {} right", all.len());
    assert!(wrong.is_empty(), "{right} of {} right; unexpected:\n{}", all.len(), wrong.join("\n"));
}

/// An event of which a pull request's reference, its labels and one output are not known.
fn contexts() -> Contexts {
    let github = Value::mapping([
        ("ref", Value::unknown_after("github.ref", "refs/pull/")),
        ("head_ref", Value::unknown_after("github.head_ref", "")),
        ("labels", Value::unknown("github.labels", Known::List)),
        ("event_name", Value::text("pull_request")),
    ]);
    let either = vec![Value::text("success"), Value::text("skipped")];
    let need = Value::mapping([
        ("result", Value::unknown("needs.a.result", Known::OneOf(either))),
        ("outputs", Value::open_text("needs.a.outputs", [])),
    ]);
    let status = Status { success: Value::unknown_bool("needs a"), failure: Value::Bool(false) };
    Contexts::of([("github", github), ("needs", Value::mapping([("a", need)]))]).with_status(status)
}

/// True, false, or what it hangs on.
fn truth(expression: &str) -> String {
    let value = evaluate(expression, &contexts()).unwrap();
    value.truth().map_or_else(|| value.hangs_on().unwrap().to_owned(), |truth| truth.to_string())
}

#[test]
fn what_is_known_of_an_unknown_value_decides() {
    for (expression, expected) in [
        ("startsWith(github.ref, 'refs/tags/')", "false"),
        ("startsWith(github.ref, 'REFS/pull')", "true"),
        ("startsWith(github.ref, 'refs/pull/1')", "github.ref"),
        ("github.ref == 'refs/heads/main'", "false"),
        ("github.ref != 'refs/heads/main'", "true"),
        ("github.ref == 'refs/pull/7/merge'", "github.ref"),
        ("github.ref == null", "false"),
        ("github.head_ref", "true"),
        ("github.head_ref == ''", "false"),
        ("contains(github.ref, 'pull')", "true"),
        ("contains(github.labels.*.name, 'x')", "github.labels.*.name"),
        ("needs.a.result == 'failure'", "false"),
        ("needs.a.result != 'failure'", "true"),
        ("needs.a.result == 'success'", "needs.a.result"),
        ("contains('success skipped', needs.a.result)", "true"),
        ("contains(fromJSON('[\"failure\", \"cancelled\"]'), needs.a.result)", "false"),
        ("contains(needs.*.result, 'failure')", "false"),
        ("contains(needs.*.result, 'success')", "needs.a.result"),
        ("contains(needs.*.outputs.x, 'y')", "needs.a.outputs.x"),
        ("needs.a.outputs.x == 'y'", "needs.a.outputs.x"),
        ("needs.a.outputs.x && false", "false"),
        ("needs.a.outputs.x || true", "true"),
        ("needs.a.outputs.x && 'a' || 'b'", "true"),
        ("(needs.a.outputs.x && 'a' || 'b') == 'c'", "false"),
        ("!needs.a.outputs.x", "needs.a.outputs.x"),
        ("case(needs.a.result == 'success', 'a', 'b') == 'c'", "false"),
        ("success()", "needs a"),
        ("failure() || cancelled()", "false"),
        ("always()", "true"),
        ("needs.b.result", "false"),
        ("format('v{0}', needs.a.outputs.x)", "true"),
        ("startsWith(format('v{0}', needs.a.outputs.x), 'w')", "false"),
    ] {
        assert_eq!(truth(expression), expected, "{expression}");
    }
}

#[test]
fn names_and_functions_exist_at_their_places_only() {
    let refused = |text: &str, contexts: &Contexts| parse(text, contexts).unwrap_err().to_string();
    assert_eq!(refused("matrix.os", &contexts()), "`matrix` is not available here: `matrix.os`");
    assert_eq!(
        refused("hashFiles('x')", &contexts()),
        "`hashFiles()` is not available here: `hashFiles('x')`"
    );
    assert_eq!(refused("success()", &Contexts::default()), "`success()` is not available here: `success()`");
    assert!(refused("odd()", &contexts()).contains("Unknown function: odd"));
}

#[test]
fn texts_hold_expressions() {
    let value = |text: &str| resolve(text, &contexts()).unwrap();
    assert_eq!(value("on ${{ github.event_name }}, ${{ '}}' }}").to_text(), "on pull_request, }}");
    assert_eq!(as_json(&value("${{ 1 == 1 }}")), true);
    let unknown = value("key-${{ needs.a.outputs.x }}");
    assert_eq!((unknown.to_text().as_str(), unknown.truth()), ("key-${{ needs.a.outputs.x }}", Some(true)));
    assert!(resolve("${{ github", &contexts()).is_err());
}

#[test]
fn a_condition_with_text_around_its_expression_is_text() {
    assert_eq!(condition_text("${{ a }}").unwrap().trim(), "a");
    assert_eq!(condition_text("a == 'b'").unwrap(), "a == 'b'");
    assert_eq!(condition_text("${{ a }} && 'b'").unwrap(), "format('{0} && ''b''',  a )");
}
