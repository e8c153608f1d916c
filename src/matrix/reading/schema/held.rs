//! A file, a job and its steps, held against the tables.

use super::events::{of_choices, of_filters};
use super::file::ROOT;
use super::ids::{self, of_id};
use super::job::{CALLING_JOB, JOB};
use super::shape::{Misfit, misfit};
use super::step::{ACTION_STEP, SCRIPT_STEP};
use crate::matrix::expression::Value;

/// Keys of steps that are neither scripts nor actions. They and `background` are newer than the schema.
const OTHER_STEPS: [&str; 3] = ["wait", "wait-all", "cancel"];

/// What does not fit of a file, its jobs aside.
pub(in crate::matrix::reading) fn of_file(root: &Value) -> Option<Misfit> {
    misfit(root, &ROOT, "the file")
        .or_else(|| of_filters(&root.get("on")))
        .or_else(|| of_choices(&root.get("on")))
}

/// What does not fit of a job.
pub(in crate::matrix::reading) fn of_job(id: &str, body: &Value) -> Option<Misfit> {
    if let Some(message) = of_id(id, "job") {
        return Some((vec![id.to_owned()], message));
    }
    let shape = if body.get("uses").is_null() { &JOB } else { &CALLING_JOB };
    misfit(body, shape, &format!("the job `{id}`"))
        .or_else(|| body.get("uses").as_text().and_then(of_call))
        .or_else(|| body.get("steps").as_items().and_then(of_steps))
}

/// What a job calls is a workflow file: of this repository, or of another one at a revision.
fn of_call(uses: &str) -> Option<Misfit> {
    let (path, revision) =
        uses.split_once('@').map_or((uses, None), |(path, revision)| (path, Some(revision)));
    let is_local = path.starts_with("./") || path.starts_with("$/");
    let is_file = path.contains("/.github/workflows/");
    let fits =
        if is_local { revision.is_none() } else { is_file && revision.is_some_and(|at| !at.is_empty()) };
    (!fits).then(|| {
        (
            vec![uses.to_owned()],
            format!("`{uses}` is no workflow file of this repository or of another one at a revision"),
        )
    })
}

/// The steps of a group that runs side by side count as steps of the job.
fn of_steps(steps: &[Value]) -> Option<Misfit> {
    let all: Vec<Value> = steps.iter().flat_map(with_its_group).collect();
    steps.iter().find_map(of_step).or_else(|| ids::of_steps(&all))
}

fn with_its_group(step: &Value) -> impl Iterator<Item = Value> {
    std::iter::once(step.clone())
        .chain(step.get("parallel").as_items().map(<[Value]>::to_vec).unwrap_or_default())
}

/// A group of steps: each is a script or an action.
fn of_group(group: &Value) -> Option<Misfit> {
    let Some(steps) = group.as_items().filter(|steps| !steps.is_empty()) else {
        return Some((vec!["parallel:".to_owned()], "`parallel` is no list of steps".to_owned()));
    };
    let runs = |step: &Value| ["run", "uses"].iter().any(|key| holds(step, key));
    let nested =
        || (vec!["parallel:".to_owned()], "a step of `parallel` has neither `run` nor `uses`".to_owned());
    steps.iter().find_map(|step| if runs(step) { of_step(step) } else { Some(nested()) })
}

fn holds(step: &Value, key: &str) -> bool {
    step.as_object().is_some_and(|step| step.contains(key))
}

fn of_step(step: &Value) -> Option<Misfit> {
    let has = |key: &str| holds(step, key);
    let near =
        || step.as_object().and_then(|step| step.iter().next()).map_or("steps", |(key, _)| key).to_owned();
    match (has("run"), has("uses")) {
        (true, true) => Some((vec!["run:".to_owned()], "a step has both `run` and `uses`".to_owned())),
        (true, false) => misfit(step, &SCRIPT_STEP, "a step with `run`"),
        (false, true) => misfit(step, &ACTION_STEP, "a step with `uses`")
            .or_else(|| step.get("uses").as_text().and_then(of_action)),
        (false, false) if has("parallel") => of_group(&step.get("parallel")),
        (false, false) if OTHER_STEPS.iter().any(|key| has(key)) => None,
        (false, false) => Some((vec![near()], "a step has neither `run` nor `uses`".to_owned())),
    }
}

/// What a step uses is a container, a folder of this tree, or a folder of another repository at a revision.
fn of_action(uses: &str) -> Option<Misfit> {
    if ["docker://", "./", ".\\", "$/"].iter().any(|begin| uses.starts_with(begin)) {
        return None;
    }
    let mut parts = uses.split('@');
    let path = parts.next().unwrap_or_default().split(['/', '\\']).filter(|part| !part.is_empty());
    let revision = parts.next().unwrap_or_default();
    let fits = path.count() >= 2 && !revision.is_empty() && parts.next().is_none();
    (!fits).then(|| (vec![uses.to_owned()], format!("`{uses}` is no action of a repository at a revision")))
}
