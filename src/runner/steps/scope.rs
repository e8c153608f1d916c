//! What the steps of a job share, or those of an action that consists of steps.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::defaults::RunDefaults;
use crate::matrix::{Contexts, Object, Value};

/// The steps of a job, or of an action, as far as they have come.
pub(super) struct StepScope {
    /// Everything that expressions see and that no step changes.
    pub(super) contexts: Contexts,
    /// The `steps` context.
    pub(super) steps: Object,
    /// Whether a step failed that may not.
    pub(super) failed: bool,
    /// What the step that uses the action gives to all of its steps.
    pub(super) variables: BTreeMap<String, String>,
    /// The actions that led here.
    pub(super) within: Vec<String>,
    /// Where the action is.
    pub(super) action_path: Option<PathBuf>,
    /// How scripts are started where the step says nothing: an action has none.
    pub(super) defaults: Option<RunDefaults>,
}

impl StepScope {
    /// Takes down how a step ended: `outcome` is what it did, `conclusion` what the job makes of it.
    pub(super) fn remember(&mut self, id: &str, outputs: Object, outcome: &str, conclusion: &str) {
        if id.is_empty() {
            return;
        }
        let ended = Value::mapping([
            ("outputs", Value::object(outputs)),
            ("outcome", Value::text(outcome)),
            ("conclusion", Value::text(conclusion)),
        ]);
        self.steps.insert(id.to_owned(), ended);
    }

    /// The outputs of a list of names and values.
    pub(super) fn outputs(set: impl IntoIterator<Item = (String, String)>) -> Object {
        set.into_iter().map(|(name, value)| (name, Value::text(&value))).collect()
    }
}
