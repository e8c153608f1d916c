//! The workflow: which steps, in which phases, under which gates and policies.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::ReleaseRule;
use crate::input::{InputError, Part, Source, suggest};
use crate::kinds::{Listing, Phase, Scope, StepKind};
use crate::version::{NotesRule, VersionRule};

/// Everything that stands in a file of `workflows/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workflow {
    /// Its name.
    pub name: String,
    /// What it is for, in a line.
    pub title: String,
    /// The phases in order, each with its steps in order: a kind of step, `confirm:NAME` or `gate:NAME`.
    #[serde(rename = "phase")]
    pub phases: Vec<PhaseRecipe>,
    /// What only people can do or decide.
    #[serde(default)]
    pub confirm: BTreeMap<String, Confirm>,
    /// What only people or the clock can pass.
    #[serde(default)]
    pub gate: BTreeMap<String, Gate>,
    /// How long to wait, and how often to try.
    #[serde(default)]
    pub policy: Policy,
    /// What repositories have that say nothing of their own.
    #[serde(default)]
    pub defaults: Defaults,
    /// The mails' templates.
    #[serde(default)]
    pub mail: MailTemplates,
}

/// One phase and its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PhaseRecipe {
    /// Which phase.
    pub name: Phase,
    /// Its steps in order.
    pub steps: Vec<String>,
}

/// A step that only people can take or decide. Its text is shown, and who confirmed it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Confirm {
    /// Once per what.
    #[serde(default)]
    pub each: Scope,
    /// What is confirmed, as a statement.
    pub text: String,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gate {
    /// How many different people must approve.
    #[serde(default = "one")]
    pub approvals: usize,
    /// What its approval means, as a statement.
    pub text: String,
}

fn one() -> usize {
    1
}

/// How long to wait and how often to try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Policy {
    /// How often something awaited is looked at.
    #[schemars(with = "String")]
    pub poll: SignedDuration,
    /// How long checks, releases and registries may take before people are asked.
    #[schemars(with = "String")]
    pub patience: SignedDuration,
    /// How often a red check is run again before people are asked.
    pub reruns: u32,
    /// How many steps run at the same time.
    pub parallel: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            poll: SignedDuration::from_secs(30),
            patience: SignedDuration::from_hours(6),
            reruns: 1,
            parallel: 8,
        }
    }
}

/// What repositories have that say nothing of their own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defaults {
    /// How the version is read and written.
    pub version: Option<VersionRule>,
    /// Where release notes go.
    pub notes: Option<NotesRule>,
    /// How a release starts and what it leaves.
    pub release: Option<ReleaseRule>,
}

/// The built-in templates that are used, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MailTemplates {
    /// The advance mail.
    pub advance: String,
    /// The release mail.
    pub release: String,
}

impl Default for MailTemplates {
    fn default() -> Self {
        MailTemplates { advance: "wamr-advance".into(), release: "wamr-release".into() }
    }
}

/// One step of a recipe, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipeStep<'a> {
    /// What kind of step it is.
    pub kind: StepKind,
    /// Which confirmation or gate it is, for steps that people take.
    pub asks: Option<&'a str>,
    /// What it is done once for.
    pub scope: Scope,
}

/// The gate that asks whether everything is proven.
pub const READY: &str = "ready";
/// The gate that ends the embargo.
pub const RELEASE_DAY: &str = "release-day";

const BUILT_IN: [(&str, &str); 3] = [
    ("github", include_str!("../workflows/github.toml")),
    ("wamr", include_str!("../workflows/wamr.toml")),
    ("wasmtime", include_str!("../workflows/wasmtime.toml")),
];

impl Workflow {
    /// The workflow that a release file names: a built-in one, or a file relative to `directory`.
    ///
    /// # Errors
    /// When there is neither, or with the place of what is wrong in the file.
    pub fn load(name: &str, directory: &Path) -> Result<Workflow, InputError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Workflow::parse(&Source::from_text(format!("workflows/{name}.toml"), *text));
        }
        let path = directory.join(name);
        if !name.ends_with(".toml") && !path.exists() {
            return Err(InputError::whole(
                &path,
                format!("there is no workflow `{name}`"),
                format!(
                    "{}; a workflow of your own is named by its path",
                    suggest(name, BUILT_IN.iter().map(|(known, _)| *known))
                ),
            ));
        }
        Workflow::parse(&Source::read(&path, "workflow")?)
    }

    /// The names of the built-in workflows.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    fn parse(source: &Source) -> Result<Workflow, InputError> {
        let workflow: Workflow = source.parse()?;
        for (index, phase) in workflow.phases.iter().enumerate() {
            for (position, step) in phase.steps.iter().enumerate() {
                if workflow.understand(step).is_none() {
                    let way =
                        [Part::Key("phase"), Part::Index(index), Part::Key("steps"), Part::Index(position)];
                    return Err(source.error_at(
                        &way,
                        format!("there is no step `{step}`"),
                        workflow.suggestion(step),
                    ));
                }
            }
        }
        Ok(workflow)
    }

    /// What an entry of a phase's `steps` means; `None` if nothing.
    #[must_use]
    pub fn understand<'a>(&self, step: &'a str) -> Option<RecipeStep<'a>> {
        let (kind, asks) = match step.split_once(':') {
            Some((kind, name)) => (StepKind::named(kind)?, Some(name)),
            None => (StepKind::named(step)?, None),
        };
        let scope = match (kind, asks) {
            (StepKind::Confirm, Some(name)) => self.confirm.get(name)?.each,
            (StepKind::Gate, Some(name)) if self.gate.contains_key(name) => kind.scope(),
            (_, None) if kind.listing() == Listing::Plain => kind.scope(),
            _ => return None,
        };
        Some(RecipeStep { kind, asks, scope })
    }

    fn suggestion(&self, step: &str) -> String {
        match step.split_once(':') {
            Some(("confirm", name)) => {
                format!(
                    "write `[confirm.{name}]`; {}",
                    suggest(name, self.confirm.keys().map(String::as_str))
                )
            }
            Some(("gate", name)) => {
                format!("write `[gate.{name}]`; {}", suggest(name, self.gate.keys().map(String::as_str)))
            }
            _ => suggest(step, self.known_steps().iter().map(String::as_str)),
        }
    }

    /// Everything that a phase of this workflow may list.
    fn known_steps(&self) -> Vec<String> {
        let kinds = StepKind::ALL.iter().filter(|kind| kind.listing() == Listing::Plain);
        let confirmations = self.confirm.keys().map(|name| format!("{}:{name}", StepKind::Confirm));
        let gates = self.gate.keys().map(|name| format!("{}:{name}", StepKind::Gate));
        kinds.map(ToString::to_string).chain(confirmations).chain(gates).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_workflows_are_sound() {
        for name in Workflow::built_in() {
            let workflow = Workflow::load(name, Path::new(".")).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(workflow.name, name);
            assert!(workflow.gate.contains_key(READY) && workflow.gate.contains_key(RELEASE_DAY));
        }
    }

    #[test]
    fn unknown_step_is_shown_with_the_nearest_one() {
        let refused = |step: &str| {
            let text = format!(
                "name = \"x\"\ntitle = \"x\"\n[[phase]]\nname = \"prove\"\nsteps = [\"{step}\"]\n\
                 [gate.ready]\ntext = \"All is proven.\"\n"
            );
            let error = Workflow::parse(&Source::from_text("x.toml", text)).unwrap_err();
            assert_eq!(error.line_and_column(), Some((5, 10)));
            error.hint.unwrap()
        };
        assert_eq!(refused("proove"), "did you mean `prove`?");
        assert_eq!(refused("gate:raedy"), "write `[gate.raedy]`; did you mean `ready`?");
        // What people take is written with its name.
        assert_eq!(refused("gate-ready"), "did you mean `gate:ready`?");
    }
}
