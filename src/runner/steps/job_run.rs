//! One run of a job: what its steps change, and what they see.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::behind::Behind;
use super::defaults::RunDefaults;
use super::found_files::WorkspaceFiles;
use super::scope::StepScope;
use super::trouble::{Trouble, known, minutes};
use super::variables::{github, payload, runner};
use crate::matrix::{Capabilities, Contexts, FileHashes, Object, Status, Value, resolve_tree};
use crate::runner::executor::{AttemptEnd, AttemptOrder, AttemptReport, StepDeed, StepOutcome, StepRecord};
use crate::runner::find_machine::find_machine;

/// What GitHub gives a job that says nothing: six hours.
pub(in crate::runner) const USUAL_MINUTES: f64 = 360.0;

/// A job that runs.
pub(super) struct JobRun<'a> {
    pub(super) order: AttemptOrder<'a>,
    pub(super) machine: &'a Capabilities,
    /// The `env` context: the workflow's, the job's, and what steps added.
    pub(super) variables: BTreeMap<String, String>,
    /// Where programs are found first: what steps added, the last one first.
    pub(super) folders: Vec<String>,
    /// Whether a step of the job failed that may not.
    pub(super) failed: bool,
    /// When the job must be over.
    pub(super) deadline: Instant,
    pub(super) records: Vec<StepRecord>,
    /// All of the tree under test, once an action of it was used wherever it is checked out.
    pub(super) whole_tree: Option<PathBuf>,
    /// How many files were made for steps.
    pub(super) files: usize,
    /// The steps that run while others do.
    pub(super) behind: Behind<'a>,
}

impl<'a> JobRun<'a> {
    /// A job before its first step.
    pub(super) fn begin(order: AttemptOrder<'a>, machine: &'a Capabilities) -> Result<JobRun<'a>, Trouble> {
        let mut run = JobRun {
            order,
            machine,
            variables: BTreeMap::new(),
            folders: Vec::new(),
            failed: false,
            deadline: Instant::now(),
            records: Vec::new(),
            whole_tree: None,
            files: 0,
            behind: Behind::default(),
        };
        let scope = run.scope()?;
        for written in [&order.recipe.file_env, &order.recipe.job.get("env")] {
            run.variables = run.contexts(&scope, written)?.1;
        }
        let contexts = run.contexts(&scope, &Value::Null)?.0;
        let limit = minutes(&order.recipe.job.get("timeout-minutes"), &contexts)?.unwrap_or(USUAL_MINUTES);
        run.deadline = Instant::now() + Duration::from_secs_f64(limit * 60.0);
        let payload = payload(&run.github(&scope)).to_string();
        std::fs::write(order.workspace.commands().join("event.json"), payload)?;
        Ok(run)
    }

    /// All of it.
    pub(super) async fn whole(&mut self, report: &mut AttemptReport) -> Result<(), Trouble> {
        report.machine = find_machine(&self.order).await.map_err(Trouble::Unavailable)?;
        let mut scope = self.scope()?;
        let steps = self.order.recipe.job.get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default();
        self.steps(steps, &mut scope).await?;
        self.wait_for_all(&mut scope).await?;
        report.outputs = self.outputs(&scope)?;
        if self.failed {
            report.end = AttemptEnd::Failed(self.first_failure());
        }
        Ok(())
    }

    /// The first step that failed: of an action's, the step and not the action.
    fn first_failure(&self) -> String {
        let failed = |record: &&StepRecord| record.outcome == StepOutcome::Failure && !record.tolerated;
        let own = |record: &&StepRecord| record.deed != StepDeed::Action;
        let all = || self.records.iter().filter(failed);
        let Some(first) = all().find(own).or(all().next()) else { return String::new() };
        let colon = if first.note.is_empty() { "" } else { ": " };
        format!("`{}` failed{colon}{}", first.name, first.note)
    }

    /// The steps of the job, before the first one.
    fn scope(&self) -> Result<StepScope, Trouble> {
        let mut scope = StepScope {
            contexts: self.order.recipe.contexts.clone(),
            steps: Object::default(),
            failed: false,
            variables: BTreeMap::new(),
            within: Vec::new(),
            action_path: None,
            defaults: None,
        };
        scope.defaults = Some(RunDefaults::of(self.order.recipe, &self.contexts(&scope, &Value::Null)?.0)?);
        Ok(scope)
    }

    fn github(&self, scope: &StepScope) -> Value {
        let path = scope.action_path.as_ref().map(|path| path.to_string_lossy());
        github(&self.order, &scope.contexts.value("github"), path.as_deref())
    }

    /// What a step sees that has this `env`, and all of its variables.
    pub(super) fn contexts(
        &self,
        scope: &StepScope,
        env: &Value,
    ) -> Result<(Contexts, BTreeMap<String, String>), Trouble> {
        let status = Status { success: Value::Bool(!scope.failed), failure: Value::Bool(scope.failed) };
        let job = if self.failed { "failure" } else { "success" };
        let contexts = scope
            .contexts
            .clone()
            .with("github", self.github(scope))
            .with("secrets", Value::open_text("secrets", [("GITHUB_TOKEN", Value::text(""))]))
            .with("steps", Value::object(scope.steps.clone()))
            .with("job", Value::open("job", [("status", Value::text(job))]))
            .with("runner", runner(&self.order))
            .with_status(status)
            .with_hash_files(FileHashes::Of(Arc::new(WorkspaceFiles(self.order.workspace.tree()))));
        let mut variables = self.variables.clone();
        variables.extend(scope.variables.clone());
        let before = contexts.clone().with("env", mapping(&variables));
        let own = known(resolve_tree(env, &before)?)?;
        let own = own.as_object().into_iter().flat_map(Object::iter);
        variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_text())));
        Ok((contexts.with("env", mapping(&variables)), variables))
    }

    fn outputs(&self, scope: &StepScope) -> Result<Object, Trouble> {
        let contexts = self.contexts(scope, &Value::Null)?.0;
        let outputs = resolve_tree(&self.order.recipe.job.get("outputs"), &contexts)?;
        let outputs = outputs.as_object().into_iter().flat_map(Object::iter);
        let text = |(name, value): (&str, &Value)| match value {
            Value::Unknown(_) => (name.to_owned(), value.clone()),
            known => (name.to_owned(), Value::text(&known.to_text())),
        };
        Ok(outputs.map(text).collect())
    }
}

fn mapping(variables: &BTreeMap<String, String>) -> Value {
    Value::object(variables.iter().map(|(name, value)| (name.clone(), Value::text(value))).collect())
}
