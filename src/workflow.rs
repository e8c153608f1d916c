//! The workflow: which steps, in which phases, under which gates and policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{ReleaseRule, RepoVersion};
use crate::input::{InputError, KeyPart, Source, suggest};
use crate::kinds::{Listing, Phase, Scope, StepKind};
use crate::version::NotesRule;

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
    /// The templates of the mails.
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
    /// How long checks are waited for that no rule requires, where GitHub tells which ones are required.
    #[schemars(with = "String")]
    pub optional_patience: SignedDuration,
    /// What happens then if one of them is still running, and at once if one stays red.
    pub optional_checks: OptionalChecks,
}

/// What happens when a check that no rule requires is not green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptionalChecks {
    /// People are asked.
    #[default]
    Ask,
    /// The line continues, and the report names the check.
    Continue,
}

/// What durations may be: a shorter pause would only use up GitHub's rate limit, and a longer patience would never ask.
const POLL: (SignedDuration, SignedDuration) = (SignedDuration::from_secs(1), SignedDuration::from_hours(1));
const PATIENCE: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(24 * 30));
const OPTIONAL_PATIENCE: (SignedDuration, SignedDuration) = (SignedDuration::ZERO, PATIENCE.1);
/// More steps at a time than GitHub's secondary limits bear.
const MOST_PARALLEL: usize = 64;
/// A check that was red so often is no accident.
const MOST_RERUNS: u32 = 10;

impl Policy {
    fn check(&self, source: &Source) -> Result<(), InputError> {
        let out_of = |key: &str, value: String, bounds: String| {
            source.error_at(
                &[KeyPart::Key("policy"), KeyPart::Key(key)],
                format!("`{key}` is {value}; it lies between {bounds}"),
                "correct the value, or leave it out for the usual one",
            )
        };
        for (key, value, (least, most)) in [
            ("poll", self.poll, POLL),
            ("patience", self.patience, PATIENCE),
            ("optional-patience", self.optional_patience, OPTIONAL_PATIENCE),
        ] {
            if value < least || value > most {
                return Err(out_of(key, format!("{value:#}"), format!("{least:#} and {most:#}")));
            }
        }
        if self.reruns > MOST_RERUNS {
            return Err(out_of("reruns", self.reruns.to_string(), format!("0 and {MOST_RERUNS}")));
        }
        if !(1..=MOST_PARALLEL).contains(&self.parallel) {
            return Err(out_of("parallel", self.parallel.to_string(), format!("1 and {MOST_PARALLEL}")));
        }
        Ok(())
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            poll: SignedDuration::from_secs(30),
            patience: SignedDuration::from_hours(6),
            reruns: 1,
            parallel: 8,
            optional_patience: SignedDuration::from_mins(30),
            optional_checks: OptionalChecks::Ask,
        }
    }
}

/// What repositories have that say nothing of their own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defaults {
    /// How the version is read, written and raised.
    pub version: Option<RepoVersion>,
    /// Where release notes go.
    pub notes: Option<NotesRule>,
    /// How a release starts and what it leaves.
    pub release: Option<ReleaseRule>,
}

/// The built-in template of each mail, by the mail's name: `acknowledgement`, `advance`, `release`, and whatever
/// `advance-mail:NAME` and `release-mail:NAME` send.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MailTemplates(BTreeMap<String, String>);

/// What every workflow sends without naming a template: texts that are true of any project. A workflow of one project
/// names its own, so that no project ever signs the promises of another.
const ANY_PROJECT: [(&str, &str); 3] =
    [("acknowledgement", "acknowledgement"), ("advance", "github-advance"), ("release", "github-release")];

impl MailTemplates {
    /// The template of the mail of this name; `None` if the workflow has no such mail.
    #[must_use]
    pub fn of(&self, mail: &str) -> Option<&str> {
        let fallback = || ANY_PROJECT.iter().find(|(name, _)| *name == mail).map(|(_, template)| *template);
        self.0.get(mail).map(String::as_str).or_else(fallback)
    }

    /// The templates that are named, in the order of the mails' names.
    #[cfg(test)]
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// One step of a recipe, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipeStep<'a> {
    /// What kind of step it is.
    pub kind: StepKind,
    /// Which confirmation or gate it is, for steps that people take; which mail, where it is not the usual one.
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
        // What is no workflow is not read: its lines would be shown with the mistake.
        if !name.ends_with(".toml") {
            return Err(InputError::whole(
                &path,
                format!("there is no workflow `{name}`; the file of a workflow ends in `.toml`"),
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
        workflow.check_steps(source)?;
        workflow.check_mails(source)?;
        workflow.check_gates(source)?;
        workflow.policy.check(source)?;
        Ok(workflow)
    }

    fn check_steps(&self, source: &Source) -> Result<(), InputError> {
        for (index, phase) in self.phases.iter().enumerate() {
            for (position, step) in phase.steps.iter().enumerate() {
                let way = [
                    KeyPart::Key("phase"),
                    KeyPart::Index(index),
                    KeyPart::Key("steps"),
                    KeyPart::Index(position),
                ];
                if self.understand(step).is_none() {
                    return Err(source.error_at(
                        &way,
                        format!("there is no step `{step}`"),
                        self.suggestion(step),
                    ));
                }
                let mut earlier = self.phases[..index].iter().flat_map(|phase| &phase.steps);
                if earlier.any(|other| other == step) || phase.steps[..position].contains(step) {
                    let message = format!("the step `{step}` is listed twice");
                    return Err(source.error_at(
                        &way,
                        message,
                        "keep one of the two: what is done is not done again",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A workflow can ask for more care than the ground rules, never for less: what nobody approves is no gate.
    fn check_gates(&self, source: &Source) -> Result<(), InputError> {
        let Some((name, _)) = self.gate.iter().find(|(_, gate)| gate.approvals == 0) else { return Ok(()) };
        Err(source.error_at(
            &[KeyPart::Key("gate"), KeyPart::Key(name), KeyPart::Key("approvals")],
            format!("the gate `{name}` would be passed without anybody's approval"),
            "give the number of people who must approve: 1 or more",
        ))
    }

    /// A mail that no step sends is a mistake in its name; one that two kinds of step send would have to tell the same
    /// before the release and after it.
    fn check_mails(&self, source: &Source) -> Result<(), InputError> {
        for mail in self.mail.0.keys() {
            let usual = ANY_PROJECT.iter().any(|(name, _)| name == mail);
            let message = match self.kinds_that_send(mail).len() + usize::from(usual) {
                0 => format!("no step sends the mail `{mail}`"),
                1 => continue,
                _ => format!("more than one kind of step sends the mail `{mail}`"),
            };
            let hint = format!(
                "{}; a step `advance-mail:NAME` or `release-mail:NAME` sends a mail of its own",
                suggest(mail, ANY_PROJECT.iter().map(|(name, _)| *name))
            );
            return Err(source.error_at(&[KeyPart::Key("mail"), KeyPart::Key(mail)], message, hint));
        }
        Ok(())
    }

    fn kinds_that_send(&self, mail: &str) -> BTreeSet<StepKind> {
        let entries = self.phases.iter().flat_map(|phase| &phase.steps);
        let steps = entries.filter_map(|entry| self.understand(entry));
        let sends = |step: &RecipeStep<'_>| step.kind.listing() == Listing::Either && step.asks == Some(mail);
        steps.filter(sends).map(|step| step.kind).collect()
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
            (_, Some(name)) if kind.listing() == Listing::Either && self.mail.0.contains_key(name) => {
                kind.scope()
            }
            (_, None) if kind.listing() != Listing::ByName => kind.scope(),
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
            Some((kind, name))
                if StepKind::named(kind).is_some_and(|kind| kind.listing() == Listing::Either) =>
            {
                format!("name its template: `{name} = \"…\"` below `[mail]`")
            }
            _ => suggest(step, self.known_steps().iter().map(String::as_str)),
        }
    }

    /// Everything that a phase of this workflow may list.
    fn known_steps(&self) -> Vec<String> {
        let kinds = StepKind::ALL.iter().filter(|kind| kind.listing() != Listing::ByName);
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
    fn a_mail_is_sent_by_one_kind_of_step() {
        let parse = |steps: &str, mail: &str| {
            let head = "name = \"x\"\ntitle = \"x\"\n[[phase]]\nname = \"finalise\"\n";
            let text = format!("{head}steps = [{steps}]\n[mail]\n{mail} = \"github-advance\"\n");
            Workflow::parse(&Source::from_text("x.toml", text)).map_err(|error| error.to_string())
        };
        let own = parse("\"advance-mail:distributors\"", "distributors").unwrap();
        assert_eq!(own.mail.of("distributors"), Some("github-advance"));
        assert_eq!(own.mail.of("release"), Some("github-release"));
        assert_eq!(parse("", "advence").unwrap_err(), "no step sends the mail `advence`");
        for (steps, mail) in
            [("\"advance-mail:x\", \"release-mail:x\"", "x"), ("\"advance-mail:release\"", "release")]
        {
            let refused = parse(steps, mail).unwrap_err();
            assert_eq!(refused, format!("more than one kind of step sends the mail `{mail}`"));
        }
        assert_eq!(parse("\"advance-mail:y\"", "x").unwrap_err(), "there is no step `advance-mail:y`");
    }

    #[test]
    fn workflow_asks_for_no_less_care_than_the_ground_rules() {
        let refused = |text: &str| {
            let text = format!("name = \"x\"\ntitle = \"x\"\nphase = []\n{text}\n");
            let error = Workflow::parse(&Source::from_text("x.toml", text)).unwrap_err();
            (error.line_and_column().unwrap(), error.to_string())
        };
        let gate = "[gate.release-day]\ntext = \"The time has come.\"\napprovals = 0";
        let nobody = "the gate `release-day` would be passed without anybody's approval".to_owned();
        assert_eq!(refused(gate), ((6, 13), nobody));
        for value in ["0s", "-5m", "2h"] {
            let (place, message) = refused(&format!("[policy]\npoll = \"{value}\""));
            assert_eq!(place, (5, 8));
            assert!(message.ends_with("it lies between 1s and 1h"), "{message}");
        }
        assert!(refused("[policy]\npatience = \"0s\"").1.starts_with("`patience` is 0s"));
        assert!(refused("[policy]\nparallel = 0").1.starts_with("`parallel` is 0"));
        assert!(refused("[policy]\nreruns = 1000").1.starts_with("`reruns` is 1000"));
    }

    #[test]
    fn step_that_is_listed_twice_is_refused_with_its_place() {
        for (one, other) in
            [("\"gate:ready\", \"gate:ready\"", ""), ("\"gate:ready\"", "\"prove\", \"gate:ready\"")]
        {
            let text = format!(
                "name = \"x\"\ntitle = \"x\"\n[[phase]]\nname = \"prove\"\nsteps = [{one}]\n[[phase]]\nname = \"release\"\n\
                 steps = [{other}]\n[gate.ready]\ntext = \"All is proven.\"\n"
            );
            let error = Workflow::parse(&Source::from_text("x.toml", text)).unwrap_err();
            assert!(error.to_string().contains("the step `gate:ready` is listed twice"), "{error}");
            assert!([Some((5, 24)), Some((8, 19))].contains(&error.line_and_column()), "{error:?}");
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
