//! Which contexts and functions exist at which key, as GitHub's schema has it (`workflow-v1.0.json` of actions/runner).

use crate::matrix::expression::{Contexts, FileHashes, Status, Value};

/// A place in a workflow file, by what expressions may name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// No expression may stand there.
    Nowhere,
    /// Keys of the file: `run-name`, `concurrency`, defaults of inputs.
    File,
    /// The `env` of the file.
    FileEnv,
    /// The outputs of a called workflow.
    CallOutput,
    /// The `if` of a job.
    JobIf,
    /// `strategy`.
    Strategy,
    /// Most keys of a job.
    Job,
    /// A job's `env`, and the secrets that it hands on.
    JobSecrets,
    /// A job's `defaults.run`.
    JobDefaults,
    /// Who a container's registry is asked as.
    Credentials,
    /// A job's outputs, the `env` of its containers.
    Runner,
    /// The `url` of an environment.
    RunnerOpen,
    /// The `if` of a step.
    StepIf,
    /// A step.
    Step,
}

const OF_FILE: &[&str] = &["github", "inputs", "vars"];
const OF_JOB: &[&str] = &["needs", "strategy", "matrix"];
const OF_RUNNER: &[&str] = &["steps", "job", "runner", "env"];

impl Place {
    /// Contexts without values, to see whether expressions name only what exists.
    pub(super) fn contexts(self) -> Contexts {
        let contexts = Contexts::of(self.names().into_iter().flatten().map(|name| (*name, Value::Null)));
        let contexts =
            if self.hashes_files() { contexts.with_hash_files(FileHashes::Later) } else { contexts };
        match self {
            Place::JobIf | Place::StepIf => {
                contexts.with_status(Status { success: Value::Bool(true), failure: Value::Bool(false) })
            }
            _ => contexts,
        }
    }

    fn names(self) -> [&'static [&'static str]; 4] {
        match self {
            Place::Nowhere => [&[]; 4],
            Place::File => [OF_FILE, &[], &[], &[]],
            Place::FileEnv => [OF_FILE, &[], &[], &["secrets"]],
            Place::CallOutput => [OF_FILE, &[], &[], &["jobs"]],
            Place::JobIf | Place::Strategy => [OF_FILE, &["needs"], &[], &[]],
            Place::Job => [OF_FILE, OF_JOB, &[], &[]],
            Place::JobSecrets => [OF_FILE, OF_JOB, &[], &["secrets"]],
            Place::JobDefaults => [OF_FILE, OF_JOB, &[], &["env"]],
            Place::Credentials => [OF_FILE, OF_JOB, &[], &["secrets", "env"]],
            Place::RunnerOpen | Place::StepIf => [OF_FILE, OF_JOB, OF_RUNNER, &[]],
            Place::Runner | Place::Step => [OF_FILE, OF_JOB, OF_RUNNER, &["secrets"]],
        }
    }

    fn hashes_files(self) -> bool {
        matches!(self, Place::Step | Place::StepIf)
    }
}
