//! What became of the jobs that a job needs: results, outputs, and `success()` over the whole chain.

use std::collections::{BTreeMap, HashSet};

use crate::matrix::entry::Started;
use crate::matrix::expression::{Known, Object, Status, Value, fold};
use crate::matrix::facts::JobFact;
use crate::matrix::reading::CiJob;

/// What a job comes to, as others see it.
#[derive(Debug, Clone)]
pub(super) struct JobEnd {
    /// `success`, `skipped`, or one of both.
    result: Value,
    /// Its outputs.
    outputs: Value,
    /// Whether it and all that it needs succeed: true, false, or not known.
    chain: Value,
    /// Which job of the chain does not succeed, and how: `needs build, which is skipped`.
    stopped: Option<String>,
    /// Whether it or a job in the chain failed: true, false, or not known.
    failed: Value,
    /// The ids of the jobs that it needs.
    needs: Vec<String>,
}

/// The ends of the jobs so far, by id in lower case.
#[derive(Debug, Clone, Default)]
pub(super) struct JobEnds(BTreeMap<String, JobEnd>);

impl JobEnds {
    fn get(&self, id: &str) -> Option<&JobEnd> {
        self.0.get(&id.to_lowercase())
    }

    /// Takes down what a job comes to. Nothing fails but what was run and did, and what is `broken`: a matrix, a name or a
    /// call that GitHub cannot make sense of when it starts the job. Every other job that starts succeeds.
    pub(super) fn insert(&mut self, job: &CiJob<'_>, started: &Started, broken: bool, fact: JobFact) {
        let perhaps = match started {
            Started::Perhaps(_)
            | Started::Dynamic { perhaps: Some(_), .. }
            | Started::Remote { perhaps: Some(_) } => true,
            Started::Yes
            | Started::Dynamic { .. }
            | Started::Remote { .. }
            | Started::NotTriggered(_)
            | Started::Invalid(_) => false,
            Started::ConditionFalse(_) | Started::NeedsSkipped(_) => return self.insert_skipped(job),
        };
        // What was run did start.
        let perhaps = perhaps && !fact.failed;
        let source = format!("needs.{}", job.id);
        let fails = fact.failed || broken;
        let word = Value::text(if fails { "failure" } else { "success" });
        let result = if perhaps {
            Value::unknown(format!("{source}.result"), Known::OneOf(vec![word, Value::text("skipped")]))
        } else {
            word
        };
        let conditional = || Value::unknown_bool(format!("needs {}, which is conditional", job.id));
        let own = if perhaps && !fails { conditional() } else { Value::Bool(!fails) };
        let own_failure = if perhaps && fails { conditional() } else { Value::Bool(fails) };
        let failed = any([own_failure, self.failed_of(job)]);
        let chain = self.chain_of(job, own);
        let own_end = fails.then(|| format!("needs {}, which failed", job.id));
        let stopped = own_end.or_else(|| self.stopped_of(job));
        let outputs = fact.outputs.map_or_else(|| outputs(job, &source), Value::object);
        self.0.insert(
            job.id.to_lowercase(),
            JobEnd { result, outputs, chain, stopped, failed, needs: job.needs() },
        );
    }

    fn insert_skipped(&mut self, job: &CiJob<'_>) {
        let end = JobEnd {
            result: Value::text("skipped"),
            outputs: Value::object(Object::default()),
            chain: Value::Bool(false),
            stopped: Some(format!("needs {}, which is skipped", job.id)),
            failed: self.failed_of(job),
            needs: job.needs(),
        };
        self.0.insert(job.id.to_lowercase(), end);
    }

    /// A job that was skipped or failed somewhere in the chain before this one (actions/runner#2205).
    pub(super) fn stopped_of(&self, job: &CiJob<'_>) -> Option<String> {
        job.needs().iter().filter_map(|need| self.get(need)).find_map(|end| end.stopped.clone())
    }

    fn failed_of(&self, job: &CiJob<'_>) -> Value {
        any(job.needs().iter().filter_map(|need| self.get(need)).map(|end| end.failed.clone()))
    }

    /// What the status functions say in the condition of a job.
    pub(super) fn status_of(&self, job: &CiJob<'_>) -> Status {
        Status { success: self.chain_of(job, Value::Bool(true)), failure: self.failed_of(job) }
    }

    fn chain_of(&self, job: &CiJob<'_>, own: Value) -> Value {
        let needs = job.needs();
        let chains = needs.iter().filter_map(|need| self.get(need)).map(|end| end.chain.clone());
        // The nearest that is not known gives the reason.
        let mut all: Vec<Value> = std::iter::once(own).chain(chains).collect();
        let worst = |value: &Value| match value.truth() {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        };
        all.sort_by_key(worst);
        all.swap_remove(0)
    }

    /// The `needs` context of a job.
    pub(super) fn context_of(&self, job: &CiJob<'_>) -> Value {
        self.context(job.needs())
    }

    /// The `needs` context of the condition of a job. Against the documentation it holds the whole chain, and projects rely
    /// on it (actions/runner#1540, #2356).
    pub(super) fn condition_context_of(&self, job: &CiJob<'_>) -> Value {
        let mut chain = job.needs();
        let mut known: HashSet<String> = chain.iter().map(|need| fold(need)).collect();
        let mut next = 0;
        while let Some(end) = chain.get(next).map(|id| self.get(id)) {
            next += 1;
            for need in end.into_iter().flat_map(|end| &end.needs) {
                if known.insert(fold(need)) {
                    chain.push(need.clone());
                }
            }
        }
        self.context(chain)
    }

    fn context(&self, needs: Vec<String>) -> Value {
        let ends = needs.into_iter().filter_map(|need| {
            let end = self.get(&need)?;
            let shown = Value::mapping([("result", end.result.clone()), ("outputs", end.outputs.clone())]);
            Some((need, shown))
        });
        Value::object(ends.collect())
    }
}

/// Whether one of these is true; the first that is not known where none is for certain.
fn any(values: impl IntoIterator<Item = Value>) -> Value {
    let mut answer = Value::Bool(false);
    for value in values {
        match value.truth() {
            Some(true) => return value,
            None if answer.truth() == Some(false) => answer = value,
            _ => {}
        }
    }
    answer
}

/// The outputs that a job declares are text which is not known; a called workflow's are read nowhere else.
fn outputs(job: &CiJob<'_>, source: &str) -> Value {
    let source = format!("{source}.outputs");
    if job.calls().is_some() {
        return Value::open_text(&source, []);
    }
    let declared = job.key("outputs");
    let declared = declared.as_object().map(|outputs| {
        outputs
            .iter()
            .map(|(name, _)| (name.to_owned(), Value::unknown_text(format!("{source}.{name}"))))
            .collect()
    });
    Value::object(declared.unwrap_or_default())
}
