//! One step: whether it runs, what it does, and what the job makes of how it ended.

use std::collections::BTreeMap;

use futures::future::LocalBoxFuture;
use github_actions_models::common::Uses;

use super::behind::is_control;
use super::job_run::JobRun;
use super::scope::StepScope;
use super::trouble::{Trouble, known, truth};
use crate::matrix::{
    Contexts, Object, Value, asks_for_status, condition_text, parse, resolve, resolve_tree, value_of,
};
use crate::runner::executor::{StepDeed, StepOutcome, StepRecord};

/// A step that is under way.
pub(super) struct OpenStep<'a> {
    /// As it is written.
    pub(super) step: &'a Value,
    /// What its expressions see.
    pub(super) contexts: &'a Contexts,
    /// Its `env` and what is there before.
    pub(super) variables: &'a BTreeMap<String, String>,
    /// Its place among the records.
    pub(super) at: usize,
}

impl JobRun<'_> {
    /// Steps one after the other. The future is boxed: an action has steps of its own.
    pub(super) fn steps<'s>(
        &'s mut self,
        steps: Vec<Value>,
        scope: &'s mut StepScope,
    ) -> LocalBoxFuture<'s, Result<(), Trouble>> {
        Box::pin(async move {
            for step in &steps {
                match step.get("parallel").as_items() {
                    Some(group) => self.side_by_side(group, scope).await?,
                    None if is_control(step) => self.control(step, scope).await?,
                    None if step.get("background").truth() == Some(true) => self.set_off(step, scope).await?,
                    None => self.step(step, scope).await?,
                }
            }
            Ok(())
        })
    }

    pub(super) async fn step(&mut self, step: &Value, scope: &mut StepScope) -> Result<(), Trouble> {
        let at = self.new_record(step);
        let ended = self.taken(step, scope, at).await;
        let (outputs, why) = match ended {
            Ok(None) => return Ok(()),
            Ok(Some(outputs)) => (outputs, None),
            Err((Trouble::Fails(why), outputs)) => (outputs, Some(why)),
            Err((trouble, _)) => {
                self.record(at, StepOutcome::Failure, "");
                return Err(trouble);
            }
        };
        self.conclude(step, scope, at, (outputs, why))
    }

    /// The place of a step among the records, before it is known whether it runs.
    pub(super) fn new_record(&mut self, step: &Value) -> usize {
        self.records.push(StepRecord {
            name: written_name(step),
            deed: StepDeed::Nothing,
            outcome: StepOutcome::Skipped,
            tolerated: false,
            note: String::new(),
        });
        self.records.len() - 1
    }

    /// What the job makes of a step that ran.
    pub(super) fn conclude(
        &mut self,
        step: &Value,
        scope: &mut StepScope,
        at: usize,
        (outputs, why): (Object, Option<String>),
    ) -> Result<(), Trouble> {
        let id = step.get("id").to_text();
        let Some(why) = why else {
            self.record(at, StepOutcome::Success, "");
            scope.remember(&id, outputs, "success", "success");
            return Ok(());
        };
        let contexts = self.contexts(scope, &Value::Null)?.0;
        let tolerated = truth(&step.get("continue-on-error"), &contexts)?;
        self.order.room.note(&format!("[lockgate: the step failed: {why}]"))?;
        self.record(at, StepOutcome::Failure, &why);
        if let Some(record) = self.records.get_mut(at) {
            record.tolerated = tolerated;
        }
        scope.remember(&id, outputs, "failure", if tolerated { "success" } else { "failure" });
        scope.failed |= !tolerated;
        self.failed |= !tolerated && scope.within.is_empty();
        Ok(())
    }

    pub(super) fn record(&mut self, at: usize, outcome: StepOutcome, note: &str) {
        if let Some(record) = self.records.get_mut(at) {
            record.outcome = outcome;
            if !note.is_empty() {
                note.clone_into(&mut record.note);
            }
        }
    }

    /// Takes a step. Gives its outputs, or nothing if its condition is false.
    async fn taken(
        &mut self,
        step: &Value,
        scope: &mut StepScope,
        at: usize,
    ) -> Result<Option<Object>, (Trouble, Object)> {
        let no_outputs = |trouble| (trouble, Object::default());
        let (contexts, variables) = self.contexts(scope, &step.get("env")).map_err(no_outputs)?;
        if !self.begins(step, &contexts, scope, at).map_err(no_outputs)? {
            return Ok(None);
        }
        let open = OpenStep { step, contexts: &contexts, variables: &variables, at };
        self.deed(&open, scope).await.map(Some)
    }

    /// Whether its condition lets it run; then the log names it. One that does not run is remembered as skipped.
    pub(super) fn begins(
        &mut self,
        step: &Value,
        contexts: &Contexts,
        scope: &mut StepScope,
        at: usize,
    ) -> Result<bool, Trouble> {
        if !holds(&step.get("if"), contexts, scope.failed)? {
            scope.remember(&step.get("id").to_text(), Object::default(), "skipped", "skipped");
            return Ok(false);
        }
        let name = shown_name(step, contexts);
        self.order.room.note(&format!("\n[lockgate: {name}]"))?;
        if let Some(record) = self.records.get_mut(at) {
            record.name = name;
        }
        Ok(true)
    }

    async fn deed(
        &mut self,
        open: &OpenStep<'_>,
        scope: &mut StepScope,
    ) -> Result<Object, (Trouble, Object)> {
        let no_outputs = |trouble| (trouble, Object::default());
        let uses = open.step.get("uses");
        let Some(uses) = uses.as_text() else {
            return match open.step.get("run") {
                Value::Null => {
                    Err(no_outputs(Trouble::Unavailable("a step with neither `run` nor `uses`".to_owned())))
                }
                run => self.script(open, &run, scope).await,
            };
        };
        let with = resolve_tree(&open.step.get("with"), open.contexts);
        let with = with.map_err(|error| no_outputs(error.into()))?;
        match Uses::parse(uses) {
            Ok(Uses::Local(_)) => self.composite(open, uses, &with, scope).await,
            Ok(Uses::Repository(action)) => {
                let found = self.stand_in(open, (action.slug(), action.git_ref()), &with).await;
                found.map_err(no_outputs)
            }
            _ => Err(no_outputs(Trouble::Unavailable(format!("the action `{uses}`")))),
        }
    }

    /// Takes down what a step amounts to.
    pub(super) fn is(&mut self, at: usize, deed: StepDeed, note: &str) {
        if let Some(record) = self.records.get_mut(at) {
            record.deed = deed;
            note.clone_into(&mut record.note);
        }
    }
}

/// Whether a step runs: its condition, and `success()` before it where it asks for no status.
fn holds(condition: &Value, contexts: &Contexts, failed: bool) -> Result<bool, Trouble> {
    let text = match condition {
        Value::Null => return Ok(!failed),
        Value::String(text) => condition_text(text)?,
        other => other.to_text(),
    };
    let Some(expression) = parse(&text, contexts)? else { return Ok(!failed) };
    if failed && !asks_for_status(&expression) {
        return Ok(false);
    }
    Ok(known(value_of(&expression, contexts)?)?.truth() == Some(true))
}

/// What GitHub would show of a step, before its expressions are evaluated.
pub(in crate::runner) fn written_name(step: &Value) -> String {
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    match (step.get("name"), step.get("uses"), step.get("run")) {
        (Value::Null, Value::Null, Value::Null) => {
            let keys = step.as_object().into_iter().flat_map(Object::iter).map(|(key, _)| key.to_owned());
            keys.collect::<Vec<_>>().join(" ")
        }
        (Value::Null, Value::Null, run) => format!("Run {}", first_line(run.to_text())),
        (Value::Null, uses, _) => format!("Run {}", uses.to_text()),
        (name, ..) => name.to_text(),
    }
}

fn shown_name(step: &Value, contexts: &Contexts) -> String {
    let written = written_name(step);
    resolve(&written, contexts).map_or(written, |name| name.to_text())
}
