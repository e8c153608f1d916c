//! The evaluator: a walk over the crate's syntax tree. What is not known stays unknown with what is known of it.

use std::cmp::Ordering;

use github_actions_expressions::call::{Call, Function};
use github_actions_expressions::context::Context;
use github_actions_expressions::literal::Literal;
use github_actions_expressions::op::{BinExpr, BinOp};
use github_actions_expressions::{Expr, SpannedExpr};

use super::compare::{loose_order, loosely_equal, surely_unequal};
use super::contexts::Contexts;
use super::functions;
use super::index::{Index, look_up};
use super::parse::{ExpressionError, parse};
use super::unknown::one_of;
use super::value::Value;

type Result<T> = std::result::Result<T, ExpressionError>;

/// Evaluates the text of one expression, without its `${{ }}`.
///
/// # Errors
/// [`ExpressionError`] where GitHub refuses it or fails.
pub fn evaluate(text: &str, contexts: &Contexts) -> Result<Value> {
    match parse(text, contexts)? {
        Some(expression) => value_of(&expression, contexts),
        None => Ok(Value::Null),
    }
}

/// Evaluates a parsed expression.
///
/// # Errors
/// [`ExpressionError::Evaluation`] where GitHub fails.
pub fn value_of(expression: &SpannedExpr<'_>, contexts: &Contexts) -> Result<Value> {
    match &expression.inner {
        Expr::Literal(literal) => Ok(literal_value(literal)),
        Expr::Call(call) if call.func == Function::Case => case(call, contexts),
        Expr::Call(call) => {
            let arguments =
                call.args.iter().map(|argument| value_of(argument, contexts)).collect::<Result<Vec<_>>>()?;
            functions::call(call.func, &arguments, contexts)
        }
        Expr::Context(context) => context_value(context, contexts),
        Expr::BinExpr(binary) => binary_value(binary, contexts),
        Expr::UnExpr { expr, .. } => value_of(expr, contexts).map(|value| negated(&value)),
        // The crate's parser makes these as parts of a context only.
        Expr::Star | Expr::Identifier(_) | Expr::Index(_) => Ok(Value::Null),
    }
}

fn literal_value(literal: &Literal<'_>) -> Value {
    match literal {
        Literal::Number(number) => Value::Number(*number),
        Literal::String(text) => Value::text(text),
        Literal::Boolean(value) => Value::Bool(*value),
        Literal::Null => Value::Null,
    }
}

fn negated(value: &Value) -> Value {
    match value.truth() {
        Some(truth) => Value::Bool(!truth),
        None => Value::unknown_bool(value.hangs_on().unwrap_or_default()),
    }
}

fn context_value(context: &Context<'_>, contexts: &Contexts) -> Result<Value> {
    let Some((head, rest)) = context.parts.split_first() else { return Ok(Value::Null) };
    let mut value = match &head.inner {
        Expr::Identifier(name) => contexts.get(name.as_str()).cloned().unwrap_or(Value::Null),
        _ => value_of(head, contexts)?,
    };
    for part in rest {
        let index = match &part.inner {
            Expr::Star => Index::Every,
            Expr::Index(inner) if matches!(inner.inner, Expr::Star) => Index::Every,
            Expr::Identifier(name) => Index::At(Value::text(name.as_str())),
            Expr::Index(inner) => Index::At(value_of(inner, contexts)?),
            _ => Index::At(value_of(part, contexts)?),
        };
        value = look_up(&value, &index);
    }
    Ok(value)
}

fn binary_value(binary: &BinExpr<'_>, contexts: &Contexts) -> Result<Value> {
    let left = value_of(&binary.lhs, contexts)?;
    // `a && b` is `a` if that counts as false, `a || b` if it counts as true.
    let decides = match binary.op {
        BinOp::And => false,
        BinOp::Or => true,
        _ => return Ok(compared(&binary.op, &left, &value_of(&binary.rhs, contexts)?)),
    };
    match left.truth() {
        Some(truth) if truth == decides => Ok(left),
        Some(_) => value_of(&binary.rhs, contexts),
        None => {
            let source = left.hangs_on().unwrap_or_default().to_owned();
            Ok(left.restricted(decides).or_else(value_of(&binary.rhs, contexts)?, &source))
        }
    }
}

fn compared(operator: &BinOp, left: &Value, right: &Value) -> Value {
    let unknown = [left, right].into_iter().find_map(|side| match side {
        Value::Unknown(unknown) => Some(unknown.source.as_str()),
        _ => None,
    });
    let Some(source) = unknown else { return Value::Bool(holds(operator, left, right)) };
    if let (Some(lefts), Some(rights)) = (left.candidates(), right.candidates()) {
        let pairs =
            lefts.iter().flat_map(|left| rights.iter().map(move |right| compared(operator, left, right)));
        return one_of(source, pairs.collect());
    }
    match operator {
        BinOp::Eq if surely_unequal(left, right) => Value::Bool(false),
        BinOp::Neq if surely_unequal(left, right) => Value::Bool(true),
        _ => Value::unknown_bool(source),
    }
}

fn holds(operator: &BinOp, left: &Value, right: &Value) -> bool {
    let order = || loose_order(left, right);
    match operator {
        BinOp::Eq => loosely_equal(left, right),
        BinOp::Neq => !loosely_equal(left, right),
        BinOp::Gt => order() == Some(Ordering::Greater),
        BinOp::Lt => order() == Some(Ordering::Less),
        BinOp::Ge => loosely_equal(left, right) || order() == Some(Ordering::Greater),
        BinOp::Le => loosely_equal(left, right) || order() == Some(Ordering::Less),
        BinOp::And | BinOp::Or => false,
    }
}

/// `case(predicate, value, …, default)`: predicates must be booleans, and only what is needed is evaluated (`Case.cs`).
fn case(call: &Call<'_>, contexts: &Contexts) -> Result<Value> {
    let mut possible = Vec::new();
    let mut source = String::new();
    let mut arguments = call.args.iter();
    while let (Some(predicate), Some(value)) = (arguments.next(), arguments.next()) {
        let predicate = value_of(predicate, contexts)?;
        match &predicate {
            Value::Bool(false) => continue,
            Value::Bool(true) => {
                possible.push(value_of(value, contexts)?);
                return Ok(either(possible, &source));
            }
            Value::Unknown(unknown) if predicate.truth() != Some(false) => {
                source.clone_from(&unknown.source);
                possible.push(value_of(value, contexts)?);
            }
            Value::Unknown(_) => {}
            _ => {
                return Err(ExpressionError::Evaluation(
                    "a predicate of `case` must be a boolean".to_owned(),
                ));
            }
        }
        if arguments.len() == 1 {
            break;
        }
    }
    if let Some(default) = call.args.last() {
        possible.push(value_of(default, contexts)?);
    }
    Ok(either(possible, &source))
}

fn either(possible: Vec<Value>, source: &str) -> Value {
    possible.into_iter().reduce(|one, other| one.or_else(other, source)).unwrap_or(Value::Null)
}
