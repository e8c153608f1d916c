//! The entries of one workflow file.

use std::cell::OnceCell;
use std::sync::Arc;

use super::call_rules::refused_call;
use super::called::{Call, CallingJob, follow};
use super::condition::{job_contexts, started};
use super::frame::{Frame, Library};
use super::named::{configurations, name_of, raw_name, with_matrix};
use super::needs::JobEnds;
use crate::matrix::entry::{CiEntry, Started};
use crate::matrix::expansion::{Configuration, MatrixAnswer};
use crate::matrix::expression::{Contexts, ExpressionError, Object, resolve_tree};
use crate::matrix::facts::JobKey;
use crate::matrix::place::place_of;
use crate::matrix::reading::{CiJob, JobNeeds, Refusal, WorkflowFile, refusal};
use crate::matrix::recipe::Recipe;
use crate::matrix::runner::Runner;

/// The jobs of one file, as far as they are planned.
struct Planning<'a> {
    file: &'a WorkflowFile,
    frame: &'a Frame<'a>,
    library: &'a Library<'a>,
    jobs: Vec<CiJob<'a>>,
    needs: JobNeeds,
    /// Which job each is, by position.
    keys: Vec<JobKey>,
    /// What comes before each, by position; all of its entries share it.
    after: Vec<OnceCell<Arc<[JobKey]>>>,
}

/// All entries of a file, in its order.
pub fn workflow_entries(file: &WorkflowFile, frame: &Frame<'_>, library: &Library<'_>) -> Vec<CiEntry> {
    let jobs = file.jobs();
    let needs = JobNeeds::of(&jobs);
    let keys = jobs.iter().map(|job| frame.job_key(job.id)).collect();
    let after = vec![OnceCell::new(); jobs.len()];
    let planning = Planning { file, frame, library, jobs, needs, keys, after };
    // What a file calls is looked at once, from the file that the event starts.
    let refused_by_calls = || frame.callers.is_empty().then(|| refused_call(file, library)).flatten();
    match refusal(file).or_else(refused_by_calls) {
        Some(refused) => planning.all_refused(refused),
        None => planning.entries(),
    }
}

impl<'a> Planning<'a> {
    /// One line for each job of a file that GitHub refuses, if the event would start it.
    fn all_refused(&self, refused: Refusal) -> Vec<CiEntry> {
        let problem = self.file.problem(refused.job.as_deref(), &refused.near, refused.message);
        let end = match self.frame.written() {
            Some(Started::NotTriggered(why)) => Started::NotTriggered(why.clone()),
            _ => Started::Invalid(problem.to_string()),
        };
        match self.jobs.as_slice() {
            [] => vec![CiEntry::of_file(&self.file.path, problem.line, end)],
            jobs => jobs.iter().map(|job| self.line(job, end.clone())).collect(),
        }
    }

    fn entries(&self) -> Vec<CiEntry> {
        let jobs = &self.jobs;
        let mut ends = JobEnds::default();
        let mut entries: Vec<Vec<CiEntry>> = vec![Vec::new(); jobs.len()];
        for at in self.needs.in_order() {
            let (of_job, end) = self.job(&jobs[at], &ends);
            let is_broken = |entry: &CiEntry| matches!(entry.started, Started::Invalid(_));
            let broken = of_job.iter().any(is_broken);
            ends.insert(&jobs[at], &end, broken, self.frame.facts.of(&self.keys[at]));
            entries[at] = of_job;
        }
        entries.into_iter().flatten().collect()
    }

    /// The entries of one job, and what it comes to for those that need it.
    fn job(&self, job: &CiJob<'_>, ends: &JobEnds) -> (Vec<CiEntry>, Started) {
        let started = started(job, ends, self.frame);
        let starts = matches!(started, Started::Yes | Started::Perhaps(_));
        if !starts && self.frame.written().is_none() {
            return (vec![self.line(job, started.clone())], started);
        }
        let contexts = job_contexts(job, ends, self.frame);
        let expanded = configurations(job, &contexts);
        let (all, open) = match expanded {
            Ok(MatrixAnswer::Configurations(all)) => (all, None),
            Ok(MatrixAnswer::AtLeast(all, on)) => (all, Some(dynamic(&started, on))),
            Ok(MatrixAnswer::Dynamic(on)) => {
                let end = dynamic(&started, on);
                return (vec![self.line(job, end.clone())], end);
            }
            Ok(MatrixAnswer::Invalid(why)) => return (vec![self.refused(job, "matrix", &why)], started),
            Err(error) => return (vec![self.refused(job, "matrix", &error.to_string())], started),
        };
        let total = all.len();
        let each = all.iter().enumerate().flat_map(|(at, configuration)| {
            let contexts = with_matrix(job, &contexts, configuration, (at, total));
            self.configuration(job, &contexts, configuration, &started)
        });
        let more = open.map(|open| self.line(job, open));
        let entries: Vec<CiEntry> = each.chain(more).collect();
        (entries, started)
    }

    fn configuration(
        &self,
        job: &CiJob<'_>,
        contexts: &Contexts,
        configuration: &Configuration,
        started: &Started,
    ) -> Vec<CiEntry> {
        let name = match name_of(job, contexts, configuration) {
            Ok(name) => name,
            Err(error) => return vec![self.refused(job, "name", &error.to_string())],
        };
        let matrix = &configuration.matrix;
        match job.calls() {
            Some(_) if self.frame.written().is_some() => {
                vec![self.entry(job, &name, matrix, started.clone())]
            }
            Some(calls) => {
                let after = self.after(job);
                let calling =
                    CallingJob { job, calls: &calls, name: &name, matrix, contexts, started, after };
                self.called_entries(&calling)
            }
            None => match self.own_entry(job, contexts, (&name, matrix), started) {
                Ok(entry) => vec![entry],
                Err(error) => vec![self.refused(job, "runs-on", &error.to_string())],
            },
        }
    }

    fn called_entries(&self, calling: &CallingJob<'_>) -> Vec<CiEntry> {
        match follow(calling, self.frame, self.library) {
            Call::Local(callee, frame) => workflow_entries(callee, &frame, self.library),
            Call::Refused(why) => vec![self.refused(calling.job, "uses", &why)],
            Call::Remote => {
                let remote = Started::Remote { perhaps: perhaps(calling.started) };
                vec![self.entry(calling.job, calling.name, calling.matrix, remote)]
            }
        }
    }

    fn own_entry(
        &self,
        job: &CiJob<'_>,
        contexts: &Contexts,
        (name, matrix): (&str, &Object),
        started: &Started,
    ) -> Result<CiEntry, ExpressionError> {
        let mut entry = self.entry(job, name, matrix, started.clone());
        entry.recipe = Some(Arc::new(Recipe {
            job: job.body.clone(),
            file_env: self.file.key("env"),
            file_defaults: self.file.key("defaults"),
            contexts: contexts.clone(),
        }));
        entry.runner = Runner::of(&resolve_tree(&job.key("runs-on"), contexts)?);
        if let (Some(machine), true) = (self.frame.machine, entry.may_start()) {
            let found = place_of(job, contexts, &entry.runner, (self.file, &self.library.actions, machine));
            entry.place = Some(found);
        }
        Ok(entry)
    }

    /// An entry without a runner.
    fn entry(&self, job: &CiJob<'_>, name: &str, matrix: &Object, started: Started) -> CiEntry {
        let is_called = !self.frame.callers.is_empty();
        CiEntry {
            workflow: self.frame.workflow.clone(),
            source: is_called.then(|| self.file.path.clone()),
            job: self.frame.job_id(job.id),
            name: self.frame.job_name(name),
            matrix: matrix.clone(),
            caller_matrix: self.frame.caller_matrix(),
            runner: Runner::default(),
            calls: job.calls(),
            line: self.file.line_of(job.id),
            started,
            place: None,
            key: self.frame.job_key(job.id),
            after: self.after(job),
            recipe: None,
        }
    }

    /// The jobs that come before this one: what it needs, what those need, and what its callers need.
    fn after(&self, job: &CiJob<'_>) -> Arc<[JobKey]> {
        let Some(at) = self.needs.position(job.id) else { return Arc::clone(&self.frame.after) };
        let found = || {
            let own = self.needs.before(at).into_iter().map(|at| self.keys[at].clone());
            self.frame.after.iter().cloned().chain(own).collect()
        };
        Arc::clone(self.after[at].get_or_init(found))
    }

    /// One line for a job that is not expanded.
    fn line(&self, job: &CiJob<'_>, started: Started) -> CiEntry {
        self.entry(job, &raw_name(job), &Object::default(), started)
    }

    /// One line for a job that GitHub refuses when it would start.
    fn refused(&self, job: &CiJob<'_>, near: &str, why: &str) -> CiEntry {
        if let Some(Started::NotTriggered(why)) = self.frame.written() {
            return self.line(job, Started::NotTriggered(why.clone()));
        }
        let problem = self.file.problem(Some(job.id), &[near.to_owned()], why.to_owned());
        self.line(job, Started::Invalid(problem.to_string()))
    }
}

/// The end of a job of which the matrix hangs on something.
fn dynamic(started: &Started, on: String) -> Started {
    match started {
        Started::NotTriggered(_) => started.clone(),
        started => Started::Dynamic { on, perhaps: perhaps(started) },
    }
}

/// What a start hangs on.
fn perhaps(started: &Started) -> Option<String> {
    if let Started::Perhaps(on) = started { Some(on.clone()) } else { None }
}
