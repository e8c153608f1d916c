//! The workflow of one job that act is given.

use std::path::Path;

use github_actions_models::common::Uses;
use serde_json::json;

use super::asking::{asks_for_act, shows};
use super::local_actions::{LocalLook, is_script};
use super::outputs::{STEP, WantedOutputs};
use super::refusal::{Refusal, hangs_on_act, pinned_condition, refusal};
use crate::matrix::{
    Capabilities, Contexts, EventKind, FileHashes, Known, Object, Place, StandIn, Status, Value, as_json,
    pinned_tree, stand_in,
};
use crate::runner::executor::{AttemptEnd, AttemptOrder, StepDeed};
use crate::runner::steps::{USUAL_MINUTES, payload};

/// The label of the runner that is this machine.
pub(super) const LABEL: &str = "lockgate";

/// One job for act.
pub(super) struct OneJob {
    /// The workflow, as JSON, which is YAML.
    pub(super) workflow: serde_json::Value,
    /// The payload of the event.
    pub(super) event: serde_json::Value,
    /// What each step is.
    pub(super) steps: Vec<OneStep>,
    /// How long it may take, in minutes.
    pub(super) minutes: f64,
    pub(super) outputs: WantedOutputs,
    /// Whether a checkout asks for more than the commit.
    pub(super) whole_history: bool,
    /// What is known before the steps run.
    contexts: Contexts,
}

/// One step as act knows it.
pub(super) struct OneStep {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) deed: StepDeed,
    written: Value,
    /// Whether act comes to it at all, as far as that is known.
    may_run: bool,
}

/// What the steps see, as far as it is known before they run.
struct KnownBefore<'a> {
    contexts: Contexts,
    order: &'a AttemptOrder<'a>,
    machine: &'a Capabilities,
}

impl OneJob {
    pub(super) fn of(order: &AttemptOrder<'_>, machine: &Capabilities) -> Result<OneJob, Refusal> {
        let known = KnownBefore { contexts: contexts(order), order, machine };
        known.refuse_containers()?;
        let job = &order.recipe.job;
        let written = job.get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default();
        let mut steps = Vec::new();
        let mut given = Vec::new();
        for (at, step) in written.iter().enumerate() {
            let (one, json) = known.step(at, step)?;
            steps.push(one);
            given.push(json);
        }
        let declared = known.pinned(&job.get("outputs"))?;
        let outputs = WantedOutputs::of(&declared, order.workspace);
        given.push(outputs.step(&declared, &order.workspace.tree()));
        let minutes = known.pinned(&job.get("timeout-minutes"))?.to_text().trim().parse::<f64>().ok();
        Ok(OneJob {
            workflow: known.workflow(given)?,
            event: payload(&known.contexts.value("github")),
            steps,
            minutes: minutes.filter(|minutes| *minutes > 0.0).unwrap_or(USUAL_MINUTES),
            outputs,
            whole_history: written.iter().any(asks_for_history),
            contexts: known.contexts,
        })
    }

    /// The actions that act would fetch before it sees that nothing needs them, after a look at the actions of the tree.
    pub(super) fn idle_actions(&self, tree: &Path) -> Result<Vec<String>, Refusal> {
        let mut look = LocalLook::in_tree(tree);
        for step in self.steps.iter().filter(|step| step.may_run) {
            look.at(&step.written, &self.contexts)?;
        }
        Ok(look.idle())
    }

    /// Whether a step, or a step of the actions that it uses, is a script: by their places or ids, outermost first.
    pub(super) fn is_script(&self, path: &[String], tree: &Path) -> bool {
        let written: Vec<Value> = self.steps.iter().map(|step| step.written.clone()).collect();
        is_script(&written, path, tree)
    }
}

/// The event as act is told.
pub(super) fn event_name(kind: EventKind) -> &'static str {
    // Whatever starts a job that is run without an event, it is no other than most.
    if kind == EventKind::All { EventKind::Push.name() } else { kind.name() }
}

impl KnownBefore<'_> {
    /// What act runs containers with is not to be had in the sandbox.
    fn refuse_containers(&self) -> Result<(), Refusal> {
        let container = self.pinned(&self.order.recipe.job.get("container"))?;
        let image = if container.as_object().is_some() { container.get("image") } else { container };
        let services = self.order.recipe.job.get("services");
        let service = services.as_object().and_then(|services| services.iter().next());
        let what = match (image.truth(), service) {
            (Some(false), None) => return Ok(()),
            (_, None) => format!("the container `{}`", image.to_text()),
            (_, Some((name, _))) => format!("the service `{name}`"),
        };
        Err(AttemptEnd::Unavailable(format!("{what}: there is no container engine in the sandbox")))
    }

    fn workflow(&self, steps: Vec<serde_json::Value>) -> Result<serde_json::Value, Refusal> {
        let order = self.order;
        let mut job = json!({ "runs-on": LABEL, "steps": steps });
        let mut put = |name: &str, value: Value| {
            if let (serde_json::Value::Object(job), false) = (&mut job, value.is_null()) {
                job.insert(name.to_owned(), as_json(&value));
            }
        };
        put("env", self.pinned(&order.recipe.job.get("env"))?);
        put("defaults", self.pinned(&order.recipe.job.get("defaults"))?);
        let matrix = as_json(&Value::object(order.entry.matrix.clone()));
        if matrix.to_string().contains("${{") {
            return Err(AttemptEnd::Unavailable(
                "act would take a value of its matrix for an expression".to_owned(),
            ));
        }
        if matrix.as_object().is_some_and(|matrix| !matrix.is_empty())
            && let serde_json::Value::Object(job) = &mut job
        {
            job.insert("strategy".to_owned(), json!({ "matrix": { "include": [matrix] } }));
        }
        let mut whole = json!({
            "name": self.contexts.value("github").get("workflow").to_text(),
            "on": [event_name(order.event.kind)],
            "jobs": { order.entry.key.id(): job },
        });
        for (name, written) in [("env", &order.recipe.file_env), ("defaults", &order.recipe.file_defaults)] {
            let value = self.pinned(written)?;
            if let (serde_json::Value::Object(whole), false) = (&mut whole, value.is_null()) {
                whole.insert(name.to_owned(), as_json(&value));
            }
        }
        Ok(whole)
    }

    fn step(&self, at: usize, step: &Value) -> Result<(OneStep, serde_json::Value), Refusal> {
        let id = match step.get("id") {
            Value::Null => at.to_string(),
            id => id.to_text(),
        };
        if id == STEP {
            return Err(AttemptEnd::Unavailable(format!("a step with the id `{STEP}`")));
        }
        let name = self.name(step);
        let deed = self.deed(step);
        let condition = pinned_condition(&step.get("if"), &self.contexts, &shows)?;
        let may_run = deed != StepDeed::Nothing && condition.as_deref() != Some("false");
        let one = OneStep { id, name: name.clone(), deed, written: step.clone(), may_run };
        if !may_run {
            let nothing = json!({ "name": name, "if": "${{ false }}", "run": "true" });
            return Ok((one, with_id(nothing, step)));
        }
        if asks_for_act(&step.get("run").to_text()) {
            return Err(hangs_on_act());
        }
        let mut given = Object::default();
        for (key, value) in step.as_object().into_iter().flat_map(Object::iter) {
            match key.to_lowercase().as_str() {
                "if" => {}
                "with" if deed == StepDeed::StandIn => given.insert(key.to_owned(), self.checkout(value)?),
                _ => given.insert(key.to_owned(), self.pinned(value)?),
            }
        }
        if let Some(condition) = condition {
            given.insert("if".to_owned(), Value::text(&format!("${{{{ {condition} }}}}")));
        }
        Ok((one, as_json(&Value::object(given))))
    }

    /// What act is told of a checkout, which copies the tree: where to.
    fn checkout(&self, with: &Value) -> Result<Value, Refusal> {
        let with = self.pinned(with)?;
        let (event, commit) = (self.order.event, self.order.tree.commit.as_str());
        let full = format!("refs/heads/{}", event.branch);
        let reference = with.get("ref").to_text();
        if !["", event.branch.as_str(), full.as_str(), commit].contains(&reference.as_str()) {
            return Err(AttemptEnd::Unavailable(format!("a checkout of `{reference}`")));
        }
        let path = with.get("path");
        Ok(Value::object(if path.is_null() {
            Object::default()
        } else {
            Object::from_iter([("path".to_owned(), path)])
        }))
    }

    fn pinned(&self, written: &Value) -> Result<Value, Refusal> {
        pinned_tree(written, &self.contexts, &shows).map_err(refusal)
    }

    fn name(&self, step: &Value) -> String {
        let written = crate::runner::steps::written_name(step);
        self.pinned(&Value::text(&written)).map_or(written, |name| name.to_text())
    }

    /// What a step amounts to when it runs. Actions that prepare prove nothing.
    fn deed(&self, step: &Value) -> StepDeed {
        let uses = step.get("uses");
        let Some(uses) = uses.as_text() else {
            let is_blank = step.get("run").to_text().trim().is_empty();
            return if is_blank { StepDeed::Nothing } else { StepDeed::Script };
        };
        let Ok(Uses::Repository(action)) = Uses::parse(uses) else { return StepDeed::Action };
        match stand_in(action.slug(), action.git_ref(), &Value::Null, self.machine) {
            Ok(StandIn::Checkout) => StepDeed::StandIn,
            Ok(StandIn::LeftOut) => StepDeed::Nothing,
            Err(Place::Unsupported(_)) => StepDeed::WholeAction,
            _ => StepDeed::Action,
        }
    }
}

/// A step that does nothing under the id that others ask for.
fn with_id(mut nothing: serde_json::Value, step: &Value) -> serde_json::Value {
    let id = step.get("id");
    if let (serde_json::Value::Object(nothing), false) = (&mut nothing, id.is_null()) {
        nothing.insert("id".to_owned(), id.to_text().into());
    }
    nothing
}

/// What is known before the steps run: not what GitHub alone knows, and not what the run shows.
fn contexts(order: &AttemptOrder<'_>) -> Contexts {
    let planned = order.recipe.contexts.value("github");
    let known = planned.as_object().into_iter().flat_map(Object::iter);
    let mut known: Vec<(&str, Value)> = known.map(|(key, value)| (key, value.clone())).collect();
    known.extend([
        ("sha", Value::text(order.tree.commit.as_str())),
        ("job", Value::text(order.entry.key.id())),
        ("token", Value::text("")),
    ]);
    let unknown = |name: &str| Value::unknown(name, Known::Nothing);
    let status =
        Status { success: Value::unknown_bool("success()"), failure: Value::unknown_bool("failure()") };
    let environment = Value::text(order.entry.runner.environment());
    order
        .recipe
        .contexts
        .clone()
        .with("github", Value::open("github", known))
        .with("secrets", Value::open_text("secrets", [("GITHUB_TOKEN", Value::text(""))]))
        .with("runner", Value::open("runner", [("environment", environment)]))
        .with("steps", unknown("steps"))
        .with("env", unknown("env"))
        .with("job", unknown("job"))
        .with_status(status)
        .with_hash_files(FileHashes::Later)
}

fn asks_for_history(step: &Value) -> bool {
    let depth = step.get("with").get("fetch-depth");
    !depth.is_null() && depth.to_text().trim() != "1"
}
