//! GitHub's expressions: the value of `${{ … }}` as far as it can be known before the run.
//!
//! The grammar is the crate `github-actions-expressions`; the semantics are those of actions/runner
//! (`src/Sdk/DTExpressions2`, MIT). Everything works on values that may be unknown.

mod compare;
mod contexts;
mod evaluate;
mod format;
mod from_json;
mod functions;
mod index;
mod json;
mod number;
mod parse;
mod pinned;
mod template;
mod text;
mod unknown;
mod value;

#[cfg(test)]
mod tests;

pub use compare::loosely_equal;
pub use contexts::{Contexts, FileHashes, HashFiles, Status};
pub use evaluate::{evaluate, value_of};
pub use json::as_json;
pub use parse::{ExpressionError, asks_for_status, parse};
pub use pinned::{PinError, pinned_expression, pinned_tree};
pub use template::{condition_text, expressions_of, has_expression, holds_expression, resolve, resolve_tree};
pub use text::fold;
pub use value::{Known, Object, Unknown, Value};
