//! Which contexts exist at which key, as GitHub's schema has it (`workflow-v1.0.json` of actions/runner).

use crate::matrix::expression::{Contexts, FileHashes, Status, Value};

const JOB_IF: &[&str] = &["github", "inputs", "vars", "needs"];
const JOB: &[&str] = &["github", "inputs", "vars", "needs", "strategy", "matrix"];
const STEP: &[&str] =
    &["github", "inputs", "vars", "needs", "strategy", "matrix", "secrets", "steps", "job", "runner", "env"];

/// Contexts without values, to see whether expressions name only what exists.
fn named(names: &[&str]) -> Contexts {
    Contexts::of(names.iter().map(|name| (*name, Value::Null)))
}

fn with_status(contexts: Contexts) -> Contexts {
    contexts.with_status(Status { success: Value::Bool(true), failure: Value::Bool(false) })
}

/// Those of a job's `if`.
pub(super) fn job_condition() -> Contexts {
    with_status(named(JOB_IF))
}

/// Those of `strategy`.
pub(super) fn strategy() -> Contexts {
    named(JOB_IF)
}

/// Those of `name`, `runs-on` and most other keys of a job.
pub(super) fn job() -> Contexts {
    named(JOB)
}

/// Those of a job's `env` and of the secrets that it hands on.
pub(super) fn job_with_secrets() -> Contexts {
    named(JOB).with("secrets", Value::Null)
}

/// Those of a step.
pub(super) fn step() -> Contexts {
    named(STEP).with_hash_files(FileHashes::Later)
}

/// Those of a step's `if`: without secrets, with the status functions.
pub(super) fn step_condition() -> Contexts {
    let names: Vec<&str> = STEP.iter().copied().filter(|name| *name != "secrets").collect();
    with_status(named(&names).with_hash_files(FileHashes::Later))
}
