//! What makes GitHub refuse a whole file before any job of it starts (`WorkflowTemplateConverter.cs`, and its schema).

use super::job::CiJob;
use super::needs::JobNeeds;
use super::schema;
use super::workflow_file::WorkflowFile;
use crate::matrix::expansion::{MatrixAnswer, expand};
use crate::matrix::expression::{Value, holds_expression};

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The job, if it is about one.
    pub job: Option<String>,
    /// Texts that lead to the place, each after the one before.
    pub near: Vec<String>,
    /// What is wrong.
    pub message: String,
}

/// The first reason to refuse the file; `None` if it is taken.
pub fn refusal(file: &WorkflowFile) -> Option<Refusal> {
    let jobs = file.jobs();
    if !file.is_mapping() {
        return Some(refuse_file("", "there is no mapping with `on` and `jobs` in it"));
    }
    if file.events().is_empty() {
        return Some(refuse_file("", "no event starts it: `on` is missing"));
    }
    if jobs.is_empty() {
        let is_other = !file.key("jobs").is_null() && file.key("jobs").as_object().is_none();
        return Some(refuse_file("jobs", if is_other { "`jobs` is no mapping" } else { "it has no jobs" }));
    }
    let misfit = || schema::of_file(file.root());
    let needs = JobNeeds::of(&jobs);
    let refused = jobs.iter().find_map(|job| refused_job(job, &needs)).or_else(|| cycle(&jobs, &needs));
    refused.or_else(|| misfit().map(|(near, message)| Refusal { job: None, near, message }))
}

fn refuse_file(near: &str, message: &str) -> Refusal {
    Refusal { job: None, near: vec![near.to_owned()], message: message.to_owned() }
}

fn refuse(job: &CiJob<'_>, near: &str, message: String) -> Refusal {
    Refusal { job: Some(job.id.to_owned()), near: vec![near.to_owned()], message }
}

fn refused_job(job: &CiJob<'_>, needs: &JobNeeds) -> Option<Refusal> {
    if job.body.as_object().is_none() {
        return Some(refuse(job, job.id, format!("the job `{}` is no mapping", job.id)));
    }
    if job.calls().is_none() && job.key("runs-on").is_null() {
        return Some(refuse(job, job.id, format!("the job `{}` has neither `runs-on` nor `uses`", job.id)));
    }
    if let Some(need) = job.needs().into_iter().find(|need| needs.position(need).is_none()) {
        return Some(refuse(
            job,
            "needs",
            format!("the job `{}` needs `{need}`, which does not exist", job.id),
        ));
    }
    let misfit = || schema::of_job(job.id, job.body);
    literal_matrix(job)
        .or_else(|| misfit().map(|(near, message)| Refusal { job: Some(job.id.to_owned()), near, message }))
}

/// A matrix that is written out, without expressions, must be one that GitHub can expand.
fn literal_matrix(job: &CiJob<'_>) -> Option<Refusal> {
    let matrix = job.key("strategy").get("matrix");
    let expressions = matrix.as_object()?.iter().any(|(_, value)| holds_expression(value));
    match expand(&matrix) {
        MatrixAnswer::Invalid(why) if !expressions => Some(refuse(job, near_of(&why), why.clone())),
        _ => matrix.as_object()?.iter().find_map(|(key, value)| empty_vector(job, key, value)),
    }
}

/// A list without values is refused even beside expressions.
fn empty_vector(job: &CiJob<'_>, key: &str, value: &Value) -> Option<Refusal> {
    let is_empty = value.as_items().is_some_and(<[Value]>::is_empty);
    (is_empty && !["include", "exclude"].contains(&key))
        .then(|| refuse(job, key, format!("the matrix vector `{key}` has no values")))
}

/// What a message names first, or the matrix.
fn near_of(why: &str) -> &str {
    why.split('`').nth(1).unwrap_or("matrix")
}

/// A job that can never start since its needs lead back to it.
fn cycle(jobs: &[CiJob<'_>], needs: &JobNeeds) -> Option<Refusal> {
    let mut starts = vec![false; jobs.len()];
    needs.in_order().into_iter().for_each(|at| starts[at] = true);
    let stuck = &jobs[starts.iter().position(|starts| !starts)?];
    Some(refuse(stuck, "needs", format!("the needs of the job `{}` form a cycle", stuck.id)))
}
