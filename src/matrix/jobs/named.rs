//! The contexts and the name of one configuration of a job.

use crate::matrix::expansion::{Configuration, MatrixAnswer, expand, job_name};
use crate::matrix::expression::{
    Contexts, ExpressionError, Object, Value, has_expression, resolve, resolve_tree,
};
use crate::matrix::reading::CiJob;

/// The configurations of a job; one without values if it has no matrix.
pub(super) fn configurations(job: &CiJob<'_>, contexts: &Contexts) -> Result<MatrixAnswer, ExpressionError> {
    let strategy = job.key("strategy");
    let strategy = match &strategy {
        Value::String(_) => resolve_tree(&strategy, contexts)?,
        _ => strategy,
    };
    if let Value::Unknown(unknown) = &strategy {
        return Ok(MatrixAnswer::Dynamic(unknown.source.clone()));
    }
    let matrix = resolve_tree(&strategy.get("matrix"), contexts)?;
    if matrix.is_null() {
        return Ok(alone());
    }
    Ok(match expand(&matrix) {
        // Where everything is excluded there is one job all the same, without a matrix (`EvaluateStrategy`).
        MatrixAnswer::Configurations(none) if none.is_empty() => alone(),
        answer => answer,
    })
}

/// One configuration without values.
fn alone() -> MatrixAnswer {
    MatrixAnswer::Configurations(vec![Configuration { matrix: Object::default(), shown: 0 }])
}

/// The contexts of one configuration, the `at`th of `total`.
pub(super) fn with_matrix(
    job: &CiJob<'_>,
    contexts: &Contexts,
    configuration: &Configuration,
    (at, total): (usize, usize),
) -> Contexts {
    let strategy = job.key("strategy");
    let max_parallel = match strategy.get("max-parallel") {
        Value::Number(number) if number > 0.0 => Value::Number(number),
        _ => count(total),
    };
    let fail_fast = match strategy.get("fail-fast") {
        Value::String(text) => resolve(&text, contexts).unwrap_or(Value::Bool(true)),
        Value::Null => Value::Bool(true),
        written => written,
    };
    let strategy = Value::mapping([
        ("fail-fast", fail_fast),
        ("job-index", count(at)),
        ("job-total", count(total)),
        ("max-parallel", max_parallel),
    ]);
    let matrix = match configuration.matrix.is_empty() {
        true => Value::Null,
        false => Value::object(configuration.matrix.clone()),
    };
    contexts.clone().with("strategy", strategy).with("matrix", matrix)
}

#[expect(clippy::cast_precision_loss, reason = "a matrix has at most 256 entries")]
fn count(number: usize) -> Value {
    Value::Number(number as f64)
}

/// The name of one configuration: a written name or the id with the values of the matrix behind it; a name with an
/// expression is complete by itself, unless nothing comes of it (`EvaluateJobName`).
pub(super) fn name_of(
    job: &CiJob<'_>,
    contexts: &Contexts,
    configuration: &Configuration,
) -> Result<String, ExpressionError> {
    match job.name() {
        Some(name) if has_expression(&name) => Ok(match resolve(&name, contexts)?.to_text() {
            nothing if nothing.is_empty() => job_name(job.id, Some(configuration)),
            name => job_name(&name, None),
        }),
        name => Ok(job_name(name.as_deref().unwrap_or(job.id), Some(configuration))),
    }
}

/// The name of a job that is not expanded: as it is written.
pub(super) fn raw_name(job: &CiJob<'_>) -> String {
    job.name().unwrap_or_else(|| job.id.to_owned())
}
