//! What is known put in place of the expressions that say it, for a program that evaluates the rest by itself.

use github_actions_expressions::call::Function;
use github_actions_expressions::{Expr, SpannedExpr};

use super::contexts::Contexts;
use super::evaluate::value_of;
use super::json::as_json;
use super::number::number_text;
use super::parse::{ExpressionError, asks_for_status, parse, parts};
use super::template::{has_expression, resolve, with_expressions};
use super::value::{Object, Value};

/// Why something cannot be given away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// GitHub refuses it or fails.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// It hangs on what neither is known here nor shows itself in the run.
    #[error("it hangs on `{0}`")]
    HangsOn(String),
}

/// Whether the run shows by itself what a context stands for, by its text: `steps.a.outputs.b`.
type Shows<'a> = &'a dyn Fn(&str) -> bool;

/// A tree with what is known in place of the expressions that say it. Expressions that are left hang on what the run shows.
///
/// # Errors
/// [`PinError`] for what cannot be given away.
pub fn pinned_tree(value: &Value, contexts: &Contexts, shows: Shows<'_>) -> Result<Value, PinError> {
    match value {
        Value::String(text) => pinned(text, contexts, shows),
        Value::Array(array) => {
            let items = array.items.iter().map(|item| pinned_tree(item, contexts, shows));
            items.collect::<Result<_, _>>().map(Value::list)
        }
        Value::Object(object) => {
            let one = |(key, value): (&str, &Value)| {
                Ok((pinned(key, contexts, shows)?.to_text(), pinned_tree(value, contexts, shows)?))
            };
            object.iter().map(one).collect::<Result<Object, PinError>>().map(Value::object)
        }
        other => Ok(other.clone()),
    }
}

/// The same for one expression without its `${{ }}`, which stays one: a condition.
///
/// # Errors
/// As [`pinned_tree`].
pub fn pinned_expression(text: &str, contexts: &Contexts, shows: Shows<'_>) -> Result<String, PinError> {
    let mut changes = Vec::new();
    if let Some(expression) = parse(text, contexts)? {
        note(&expression, contexts, shows, &mut changes)?;
    }
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
    let mut pinned = text.to_owned();
    for ((start, end), literal) in changes {
        pinned.replace_range(start..end, &literal);
    }
    Ok(pinned.trim().to_owned())
}

fn pinned(text: &str, contexts: &Contexts, shows: Shows<'_>) -> Result<Value, PinError> {
    if !has_expression(text) {
        return Ok(Value::text(text));
    }
    let known = resolve(text, contexts)?;
    // What a value brings along is no expression, although it may look like one.
    if known.hangs_on().is_none() && !has_expression(&known.to_text()) {
        return Ok(known);
    }
    let left = with_expressions(text, |expression| {
        pinned_expression(expression, contexts, shows).map(|pinned| format!("${{{{ {pinned} }}}}"))
    })?;
    Ok(Value::text(&left))
}

/// The places in the text that get another one, outermost first.
fn note(
    expression: &SpannedExpr<'_>,
    contexts: &Contexts,
    shows: Shows<'_>,
    changes: &mut Vec<((usize, usize), String)>,
) -> Result<(), PinError> {
    // Whether `always()` is called decides what a condition without it would hang on besides.
    let value = value_of(expression, contexts)?;
    if value.hangs_on().is_none() && !asks_for_status(expression) {
        let span = expression.origin.span;
        changes.push(((span.start, span.end), literal(&value)));
        return Ok(());
    }
    match &expression.inner {
        Expr::Context(context) => {
            let is_call = context.parts.first().is_some_and(|head| matches!(head.inner, Expr::Call(_)));
            let raw = expression.origin.raw.to_lowercase();
            if !is_call && !shows(&raw) {
                return Err(PinError::HangsOn(value.hangs_on().unwrap_or(&raw).to_owned()));
            }
            for part in &context.parts {
                match &part.inner {
                    Expr::Index(index) if !matches!(index.inner, Expr::Star) => {
                        note(index, contexts, shows, changes)?;
                    }
                    Expr::Call(_) => note(part, contexts, shows, changes)?,
                    _ => {}
                }
            }
            Ok(())
        }
        // The files are those of the run.
        Expr::Call(call) if call.func == Function::HashFiles => Ok(()),
        _ => parts(expression).into_iter().try_for_each(|part| note(part, contexts, shows, changes)),
    }
}

/// An expression that gives this value.
fn literal(value: &Value) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(*number),
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) | Value::Unknown(_) => {
            format!("fromJSON({})", quoted(&as_json(value).to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::expression::{FileHashes, Known, Status};

    fn contexts() -> Contexts {
        let unknown = |name: &str| Value::unknown(name, Known::Nothing);
        let outputs = Value::mapping([("outputs", Value::mapping([("key", Value::text("it's"))]))]);
        let named = [
            ("matrix", Value::mapping([("n", Value::Number(2.0)), ("os", Value::text("linux"))])),
            ("needs", Value::mapping([("make", outputs)])),
            ("github", Value::open("github", [("ref", Value::text("refs/heads/main"))])),
            ("steps", unknown("steps")),
            ("env", unknown("env")),
        ];
        let status =
            Status { success: Value::unknown_bool("success()"), failure: Value::unknown_bool("failure()") };
        Contexts::of(named).with_status(status).with_hash_files(FileHashes::Later)
    }

    fn shown(text: &str) -> bool {
        text.starts_with("steps") || text.starts_with("env") || text == "github.workspace"
    }

    fn left(text: &str) -> Result<String, String> {
        pinned_tree(&Value::text(text), &contexts(), &shown)
            .map(|value| value.to_text())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_known_is_put_in_and_what_the_run_shows_is_left() {
        for (written, expected) in [
            ("n=${{ matrix.n }} ${{ needs.make.outputs.key }}", "n=2 it's"),
            ("${{ steps.a.outputs.b == needs.make.outputs.key }}", "${{ steps.a.outputs.b == 'it''s' }}"),
            ("${{ (matrix.n == 2) && env.X }}", "${{ true && env.X }}"),
            ("${{ matrix.n == 3 && env.X || 'no' }}", "no"),
            (
                "${{ steps[matrix.os].outputs }} ${{ hashFiles('a') }}",
                "${{ steps['linux'].outputs }} ${{ hashFiles('a') }}",
            ),
            (
                "${{ format('{0}{1}', github.workspace, matrix) }}",
                "${{ format('{0}{1}', github.workspace, fromJSON('{\"n\":2,\"os\":\"linux\"}')) }}",
            ),
            ("${{ '${{ x' }}", "${{ '${{ x' }}"),
        ] {
            assert_eq!(left(written).as_deref(), Ok(expected), "{written}");
        }
        assert!(matches!(
            pinned_tree(&Value::text("${{ matrix.n }}"), &contexts(), &shown),
            Ok(Value::Number(_))
        ));
    }

    #[test]
    fn what_nobody_knows_is_not_given_away() {
        assert_eq!(left("${{ github.actor }}"), Err("it hangs on `github.actor`".to_owned()));
        assert_eq!(left("${{ github.actor == 'x' && false }}").as_deref(), Ok("false"));
        assert!(left("${{ nothing.x }}").unwrap_err().contains("nothing"));
    }

    #[test]
    fn status_functions_stay_where_they_are() {
        let condition = |text: &str| pinned_expression(text, &contexts(), &shown).unwrap();
        assert_eq!(condition("always()"), "always()");
        assert_eq!(condition("matrix.n == 2 && failure()"), "true && failure()");
        assert_eq!(condition("matrix.n == 2"), "true");
    }
}
