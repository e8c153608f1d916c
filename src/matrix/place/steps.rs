//! What the steps of a job need, one after another.

use github_actions_models::common::Uses;

use super::actions::{StandIn, stand_in, without_submodules};
use super::by_act::{is_by_act, of_act, of_action, of_container};
use super::capabilities::{Capabilities, LocalActions};
use super::composite::{LocalAction, local_action};
use super::finding::{Place, heaviest};
use super::script::of_script;
use crate::matrix::expression::{
    Contexts, FileHashes, Object, Status, Value, condition_text, evaluate, expressions_of, resolve,
    resolve_tree,
};
use crate::matrix::reading::{CiJob, WorkflowFile};
use crate::matrix::runner::{Architecture, OperatingSystem, Runner, RunnerClass};

/// Composite actions that use each other are followed so far.
const DEEPEST: usize = 10;

/// Where an entry can run.
pub fn place_of(
    job: &CiJob<'_>,
    contexts: &Contexts,
    runner: &Runner,
    (file, actions, machine): (&WorkflowFile, &LocalActions<'_>, &Capabilities),
) -> Place {
    let own = Walk { actions, machine, shell: default_shell(job, file) };
    let contexts = step_contexts(job, contexts, runner, file);
    let steps = heaviest(job.steps().iter().map(|step| own.step(step, &contexts, &[])));
    let containers = of_containers(job, &contexts, machine);
    heaviest([deployment(job, &contexts), of_runner(runner, machine), of_act(machine), containers, steps])
}

/// A job of an environment deploys to it; an empty name is none. A job that may deploy is taken as one that does.
fn deployment(job: &CiJob<'_>, contexts: &Contexts) -> Place {
    let environment = job.key("environment");
    let written = if environment.as_object().is_some() { environment.get("name") } else { environment };
    let name = resolve_tree(&written, contexts).unwrap_or(written);
    match name.truth() {
        Some(false) => Place::Here,
        Some(true) => Place::Effect(format!("the environment `{}`", name.to_text())),
        None => Place::Effect(format!("perhaps the environment `{}`", name.to_text())),
    }
}

fn of_runner(runner: &Runner, machine: &Capabilities) -> Place {
    match runner.class() {
        RunnerClass::Hosted(system, architecture)
            if system == machine.system && architecture == machine.architecture =>
        {
            Place::Here
        }
        RunnerClass::Hosted(system, architecture) => Place::On(machine_words(system, architecture)),
        RunnerClass::Own
            if runner.group.is_none() && runner.labels.iter().all(|label| machine.labels.contains(label)) =>
        {
            Place::Here
        }
        RunnerClass::Own => Place::On(format!("a runner with {}", runner.words())),
        RunnerClass::Unknown => Place::On(format!("a runner that is not known: {}", runner.words())),
        RunnerClass::None => Place::Unsupported("a job without a runner".to_owned()),
    }
}

fn machine_words(system: OperatingSystem, architecture: Architecture) -> String {
    let system = match system {
        OperatingSystem::Linux => "Linux",
        OperatingSystem::MacOs => "macOS",
        OperatingSystem::Windows => "Windows",
    };
    let architecture = match architecture {
        Architecture::X64 => "x64",
        Architecture::Arm64 => "arm64",
    };
    format!("{system} {architecture}")
}

/// A container of the job, unless its image is empty, and its services.
fn of_containers(job: &CiJob<'_>, contexts: &Contexts, machine: &Capabilities) -> Place {
    let container = resolve_tree(&job.key("container"), contexts).unwrap_or(Value::Null);
    let image = if container.as_object().is_some() { container.get("image") } else { container };
    if image.truth() != Some(false) {
        return of_container(format!("the container `{}`", image.to_text()), machine);
    }
    let services = job.key("services");
    match services.as_object().and_then(|services| services.iter().next().map(|(name, _)| name.to_owned())) {
        Some(name) => of_container(format!("the service `{name}`"), machine),
        None => Place::Here,
    }
}

fn default_shell(job: &CiJob<'_>, file: &WorkflowFile) -> Value {
    let of = |defaults: Value| defaults.get("run").get("shell");
    let own = of(job.key("defaults"));
    if own.is_null() { of(file.key("defaults")) } else { own }
}

/// The contexts of steps: the environment may be added to by any step, so what it lacks is not known.
fn step_contexts(job: &CiJob<'_>, contexts: &Contexts, runner: &Runner, file: &WorkflowFile) -> Contexts {
    let contexts = contexts.clone().with("secrets", Value::open_text("secrets", []));
    let mut contexts = contexts.with("env", Value::open_text("env", []));
    for written in [file.key("env"), job.key("env")] {
        contexts = with_environment(contexts, &written);
    }
    let status = Status { success: Value::Bool(true), failure: Value::Bool(false) };
    contexts
        .with("steps", Value::open("steps", []))
        .with("job", Value::open("job", []))
        .with("runner", runner_context(runner))
        .with_status(status)
        .with_hash_files(FileHashes::Later)
}

fn runner_context(runner: &Runner) -> Value {
    let RunnerClass::Hosted(system, architecture) = runner.class() else { return Value::open("runner", []) };
    let system = match system {
        OperatingSystem::Linux => "Linux",
        OperatingSystem::MacOs => "macOS",
        OperatingSystem::Windows => "Windows",
    };
    let architecture = match architecture {
        Architecture::X64 => "X64",
        Architecture::Arm64 => "ARM64",
    };
    let environment = Value::text(runner.environment());
    Value::open(
        "runner",
        [("os", Value::text(system)), ("arch", Value::text(architecture)), ("environment", environment)],
    )
}

/// The contexts with more variables in `env`.
fn with_environment(contexts: Contexts, written: &Value) -> Contexts {
    let resolved = resolve_tree(written, &contexts).unwrap_or(Value::Null);
    let there = evaluate("env", &contexts).unwrap_or(Value::Null);
    let entries = [&there, &resolved].into_iter().filter_map(|value| value.as_object());
    let entries: Vec<(&str, Value)> =
        entries.flat_map(Object::iter).map(|(key, value)| (key, as_variable(value))).collect();
    let env = Value::open_text("env", entries);
    contexts.with("env", env)
}

fn as_variable(value: &Value) -> Value {
    if value.hangs_on().is_some() { value.clone() } else { Value::text(&value.to_text()) }
}

/// What reading steps takes.
struct Walk<'a> {
    actions: &'a LocalActions<'a>,
    machine: &'a Capabilities,
    shell: Value,
}

impl Walk<'_> {
    fn step(&self, step: &Value, contexts: &Contexts, within: &[&str]) -> Place {
        let contexts = &with_environment(contexts.clone(), &step.get("env"));
        if !may_run(step, contexts) || self.left_out(step) {
            return Place::Here;
        }
        if is_by_act(self.machine) && is_side_by_side(step) {
            return Place::Unsupported("steps that run side by side under act".to_owned());
        }
        let secret =
            secret_of(step).map_or(Place::Here, |name| Place::Unsupported(format!("the secret `{name}`")));
        let with = resolve_tree(&step.get("with"), contexts).unwrap_or(Value::Null);
        let deed = match (step.get("uses").as_text(), step.get("run")) {
            (Some(uses), _) => {
                let is_behind = step.get("background").truth() == Some(true);
                self.uses((uses, is_behind), &with, contexts, within)
            }
            (None, Value::Null) => self.other(step, contexts, within),
            (None, run) => self.run(step, &run.to_text(), contexts),
        };
        secret.or_heavier(deed)
    }

    fn run(&self, step: &Value, script: &str, contexts: &Contexts) -> Place {
        let shell = step.get("shell");
        let shell = if shell.is_null() { &self.shell } else { &shell };
        let program = shell.to_text().split_whitespace().next().unwrap_or_default().to_owned();
        if ["pwsh", "powershell", "cmd"].contains(&program.as_str()) && !self.machine.has(&program) {
            return Place::Tool(program);
        }
        let known = resolve(script, contexts).ok().filter(|value| value.hangs_on().is_none());
        let script = known.map_or_else(|| script.to_owned(), |value| value.to_text());
        of_script(&script, self.machine)
    }

    /// An action whose steps run while others do would have to be taken apart.
    fn uses(
        &self,
        (uses, is_behind): (&str, bool),
        with: &Value,
        contexts: &Contexts,
        within: &[&str],
    ) -> Place {
        match Uses::parse(uses) {
            Ok(Uses::Repository(action)) if is_by_act(self.machine) => {
                of_action(action.slug(), action.git_ref(), with, self.machine)
            }
            Ok(Uses::Repository(action)) => {
                let with = self.without_what_is_here(action.slug(), with);
                stand_in(action.slug(), action.git_ref(), &with, self.machine).err().unwrap_or(Place::Here)
            }
            Ok(Uses::Docker(_)) => of_container(format!("the container `{uses}`"), self.machine),
            Ok(Uses::Local(_)) if is_by_act(self.machine) && uses.starts_with("$/") => {
                Place::Unsupported(format!("the local action `{uses}` under act"))
            }
            Ok(Uses::Local(_)) if within.len() >= DEEPEST || within.contains(&uses) => {
                Place::Unsupported(format!("the local action `{uses}`, which uses itself or is too deep"))
            }
            Ok(Uses::Local(_)) if is_behind => {
                Place::Unsupported(format!("the local action `{uses}` in the background"))
            }
            Ok(Uses::Local(_)) => match local_action(uses, with, contexts, self.actions) {
                LocalAction::JavaScript(_) if is_by_act(self.machine) => {
                    if self.machine.has("node") {
                        Place::Here
                    } else {
                        Place::Tool("node".to_owned())
                    }
                }
                LocalAction::JavaScript(why) | LocalAction::Other(why) => Place::Unsupported(why),
                LocalAction::Composite(steps, contexts) => {
                    let within = [within, &[uses]].concat();
                    heaviest(steps.iter().map(|step| self.step(step, &contexts, &within)))
                }
            },
            Err(_) => Place::Unsupported(format!("the action `{uses}`")),
        }
    }

    /// What a checkout is asked for beside submodules that this machine has.
    fn without_what_is_here(&self, slug: &str, with: &Value) -> Value {
        let asked = with.get("submodules").to_text();
        let is_checkout = slug.eq_ignore_ascii_case("actions/checkout");
        if is_checkout && !asked.is_empty() && self.actions.has_submodules(asked == "recursive") {
            without_submodules(with)
        } else {
            with.clone()
        }
    }

    /// Whether its action is left out, and with it the secrets that it is given.
    fn left_out(&self, step: &Value) -> bool {
        let uses = step.get("uses");
        let Some(Ok(Uses::Repository(action))) = uses.as_text().map(Uses::parse) else { return false };
        let found = stand_in(action.slug(), action.git_ref(), &Value::Null, self.machine);
        matches!(found, Ok(StandIn::LeftOut))
    }

    /// Steps that run others side by side, or wait for them.
    fn other(&self, step: &Value, contexts: &Contexts, within: &[&str]) -> Place {
        match step.get("parallel").as_items() {
            Some(steps) => heaviest(steps.iter().map(|step| self.step(step, contexts, within))),
            None if ["wait", "wait-all", "cancel"]
                .iter()
                .any(|key| step.as_object().is_some_and(|step| step.contains(key))) =>
            {
                Place::Here
            }
            None => Place::Unsupported("a step with neither `run` nor `uses`".to_owned()),
        }
    }
}

/// Whether a step runs others at the same time, does so itself, or waits for such.
fn is_side_by_side(step: &Value) -> bool {
    let keys = ["parallel", "wait", "wait-all", "cancel", "background"];
    step.as_object().is_some_and(|step| keys.iter().any(|key| step.contains(key)))
}

/// Whether a step can run when nothing fails. What cannot be read counts as if it did.
fn may_run(step: &Value, contexts: &Contexts) -> bool {
    let condition = match step.get("if") {
        Value::Null => return true,
        Value::String(text) => condition_text(&text).and_then(|text| evaluate(&text, contexts)),
        other => Ok(other),
    };
    condition.map_or(true, |value| value.truth() != Some(false))
}

/// A secret that a step is given, other than the token that every job has.
fn secret_of(step: &Value) -> Option<String> {
    match step {
        Value::String(text) => expressions_of(text).ok()?.into_iter().find_map(|expression| {
            let (_, after) = expression.split_once("secrets.")?;
            let name: String =
                after.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
            (!name.eq_ignore_ascii_case("GITHUB_TOKEN")).then_some(name)
        }),
        Value::Array(array) => array.items.iter().find_map(secret_of),
        Value::Object(object) => object.values().find_map(secret_of),
        _ => None,
    }
}
