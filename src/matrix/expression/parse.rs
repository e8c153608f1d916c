//! Parsing, and the rules that GitHub's parser has besides the grammar (`ExpressionParser.cs`): known names, at most 50
//! levels, at most 21,000 characters. The grammar itself is the crate's.

use github_actions_expressions::call::{self, Function};
use github_actions_expressions::op::{BinExpr, BinOp};
use github_actions_expressions::{Error, Expr, SpannedExpr};

use super::contexts::Contexts;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It cannot be read.
    #[error("{message} in the expression `{expression}`")]
    Syntax {
        /// What is wrong.
        message: String,
        /// All of it.
        expression: String,
    },
    /// It names what does not exist at its place.
    #[error("`{name}` is not available here: `{expression}`")]
    UnknownName {
        /// The context or function.
        name: String,
        /// All of it.
        expression: String,
    },
    /// GitHub takes it, and it is not read here.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// It can be read, but not evaluated.
    #[error("{0}")]
    Evaluation(String),
}

const MOST_LEVELS: usize = 50;
const MOST_CHARACTERS: usize = 21_000;

/// Reads an expression; `None` if there is nothing but white space, which GitHub takes as null.
pub fn parse<'a>(text: &'a str, contexts: &Contexts) -> Result<Option<SpannedExpr<'a>>, ExpressionError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let syntax = |message: String| ExpressionError::Syntax { message, expression: text.trim().to_owned() };
    if text.encode_utf16().count() > MOST_CHARACTERS {
        return Err(syntax("more than 21,000 characters".to_owned()));
    }
    let parsed = Expr::parse(text).map_err(|error| match status_of_jobs(&error) {
        Some(call) => ExpressionError::Unsupported(call),
        None => syntax(said(&error)),
    })?;
    if levels(&parsed) > MOST_LEVELS {
        return Err(syntax("more than 50 levels".to_owned()));
    }
    match unknown_name(&parsed, contexts) {
        Some(name) => Err(ExpressionError::UnknownName { name, expression: text.trim().to_owned() }),
        None => Ok(Some(parsed)),
    }
}

/// `success('job')`: GitHub's grammar has it for the conditions of jobs, the crate's has not.
fn status_of_jobs(error: &Error) -> Option<String> {
    match error {
        Error::Call(call::Error::Arity(function @ (Function::Success | Function::Failure), _)) => {
            Some(format!("{function:?}() with arguments").to_lowercase())
        }
        _ => None,
    }
}

fn said(error: &Error) -> String {
    match error {
        Error::Syntax(syntax) => format!("{} at character {}", syntax.message, syntax.offset + 1),
        Error::Call(call) => call.to_string(),
        Error::Depth => "more than 50 levels".to_owned(),
    }
}

/// Whether a status function is called anywhere: then no `success()` is put before the condition.
pub fn asks_for_status(expression: &SpannedExpr<'_>) -> bool {
    let own = matches!(&expression.inner, Expr::Call(call) if is_status(call.func));
    own || parts(expression).into_iter().any(asks_for_status)
}

fn is_status(function: Function) -> bool {
    matches!(function, Function::Success | Function::Always | Function::Cancelled | Function::Failure)
}

/// The first context or function that does not exist at this place.
fn unknown_name(expression: &SpannedExpr<'_>, contexts: &Contexts) -> Option<String> {
    let own = match &expression.inner {
        Expr::Context(context) => match context.parts.first().map(|head| &head.inner) {
            Some(Expr::Identifier(name)) if contexts.get(name.as_str()).is_none() => {
                Some(name.as_str().to_owned())
            }
            _ => None,
        },
        Expr::Call(call) if is_status(call.func) && contexts.status.is_none() => {
            Some(format!("{:?}()", call.func).to_lowercase())
        }
        Expr::Call(call) if call.func == Function::HashFiles && contexts.hash_files.is_none() => {
            Some("hashFiles()".to_owned())
        }
        _ => None,
    };
    own.or_else(|| parts(expression).into_iter().find_map(|part| unknown_name(part, contexts)))
}

/// The expressions right below this one.
pub(super) fn parts<'a, 'b>(expression: &'a SpannedExpr<'b>) -> Vec<&'a SpannedExpr<'b>> {
    match &expression.inner {
        Expr::Call(call) => call.args.iter().collect(),
        Expr::Context(context) => context.parts.iter().collect(),
        Expr::Index(index) => vec![index],
        Expr::BinExpr(binary) => vec![&binary.lhs, &binary.rhs],
        Expr::UnExpr { expr, .. } => vec![expr],
        Expr::Literal(_) | Expr::Star | Expr::Identifier(_) => Vec::new(),
    }
}

/// The levels as GitHub counts them: each index is a level over what it is applied to, a chain of `&&` or of `||` is one.
fn levels(expression: &SpannedExpr<'_>) -> usize {
    match &expression.inner {
        Expr::Context(context) => {
            let count = context.parts.len();
            let below = context.parts.iter().enumerate().map(|(at, part)| levels(part) + count - at.max(1));
            below.max().unwrap_or(1)
        }
        Expr::Index(index) => levels(index),
        Expr::BinExpr(binary) => 1 + operands(binary).into_iter().map(levels).max().unwrap_or(0),
        _ => 1 + parts(expression).into_iter().map(levels).max().unwrap_or(0),
    }
}

/// The operands of a chain of the same logical operator.
fn operands<'a, 'b>(binary: &'a BinExpr<'b>) -> Vec<&'a SpannedExpr<'b>> {
    let chained = matches!(binary.op, BinOp::And | BinOp::Or);
    let sides = [&*binary.lhs, &*binary.rhs].into_iter();
    let flattened = sides.flat_map(|side| match &side.inner {
        Expr::BinExpr(inner) if chained && inner.op == binary.op => operands(inner),
        _ => vec![side],
    });
    flattened.collect()
}
