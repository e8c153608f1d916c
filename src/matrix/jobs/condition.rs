//! Whether a job starts: its `if`, and `success()` before it where no status function is called
//! (`ConvertToIfCondition`).

use super::frame::{Frame, Gate};
use super::needs::JobEnds;
use crate::matrix::entry::Started;
use crate::matrix::expression::{
    Contexts, ExpressionError, Value, asks_for_status, condition_text, fold, parse, value_of,
};
use crate::matrix::reading::CiJob;

/// What a condition comes to.
enum Holds {
    Yes,
    No,
    Perhaps(String),
}

/// Whether the job starts.
pub(super) fn started(job: &CiJob<'_>, ends: &JobEnds, frame: &Frame<'_>) -> Started {
    if let Some(written) = frame.written() {
        return written.clone();
    }
    match own(job, ends, frame) {
        Ok(started) => gated(started, &frame.gate),
        Err(ExpressionError::Unsupported(what)) => {
            Started::Perhaps(format!("{what}, which is not supported"))
        }
        Err(error) => Started::Invalid(error.to_string()),
    }
}

fn gated(started: Started, gate: &Gate) -> Started {
    match (started, gate) {
        (Started::Yes, Gate::Perhaps(on)) => Started::Perhaps(on.clone()),
        (started, _) => started,
    }
}

fn own(job: &CiJob<'_>, ends: &JobEnds, frame: &Frame<'_>) -> Result<Started, ExpressionError> {
    let condition = job.key("if");
    let text = match &condition {
        Value::String(text) => condition_text(text)?,
        other => other.to_text(),
    };
    let status = ends.status_of(job);
    let success = holds(&status.success);
    let mut contexts = job_contexts(job, ends, frame).with_status(status);
    // Of a long chain it is large.
    if fold(&text).contains("NEEDS") {
        contexts = contexts.with("needs", ends.condition_context_of(job));
    }
    let Some(expression) = parse(&text, &contexts)? else {
        return Ok(after_needs(Holds::Yes, success, job, ends, &text));
    };
    let holds = holds(&value_of(&expression, &contexts)?);
    let alone = asks_for_status(&expression);
    Ok(after_needs(holds, if alone { Holds::Yes } else { success }, job, ends, &text))
}

/// The condition and the needs together. A condition that is false by itself is the reason, whatever was skipped before.
fn after_needs(own: Holds, needs: Holds, job: &CiJob<'_>, ends: &JobEnds, text: &str) -> Started {
    match (own, needs) {
        (Holds::No, _) => Started::ConditionFalse(format!("if: {}", text.trim())),
        (_, Holds::No) => Started::NeedsSkipped(ends.stopped_of(job).unwrap_or_default()),
        (Holds::Perhaps(on), _) | (Holds::Yes, Holds::Perhaps(on)) => Started::Perhaps(on),
        (Holds::Yes, Holds::Yes) => Started::Yes,
    }
}

fn holds(value: &Value) -> Holds {
    match value.truth() {
        Some(true) => Holds::Yes,
        Some(false) => Holds::No,
        None => Holds::Perhaps(value.hangs_on().unwrap_or_default().to_owned()),
    }
}

/// The contexts of a job before its matrix is known.
pub(super) fn job_contexts(job: &CiJob<'_>, ends: &JobEnds, frame: &Frame<'_>) -> Contexts {
    Contexts::of([
        ("github", frame.github.clone()),
        ("inputs", frame.inputs.clone()),
        ("vars", Value::open_text("vars", [])),
        ("needs", ends.context_of(job)),
    ])
}
