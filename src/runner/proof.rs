//! One entry with everything around it: a warm-up on the base, the attempt, the base where that fails, and a second try
//! where the base passes.

use std::io;
use std::path::Path;

use super::attempt::{EntryAttempt, attempt};
use super::evidence::{EntryEvidence, EntryOutcome};
use super::executor::{AttemptOrder, EntryExecutor, TreeUnderTest};
use super::workspace::Workspace;
use crate::ids::Digest;
use crate::jobs::{CommandRoom, Executor, IsolationWish, RoomWish};
use crate::matrix::{Capabilities, CiEntry, CiEvent, Recipe, Value, resolve};

/// What all entries of a run have in common.
pub struct Conditions<'a> {
    /// What runs an entry.
    pub executor: &'a dyn EntryExecutor,
    /// What starts processes.
    pub jobs: &'a Executor,
    /// The digest of what results may depend on beside the tree.
    pub environment: Digest,
    /// The event that starts the entries.
    pub event: &'a CiEvent,
    /// What is tested.
    pub tree: TreeUnderTest,
    /// What it is compared with: public, and without the change.
    pub base: Option<TreeUnderTest>,
    /// How far commands are kept from the rest of this machine.
    pub isolation: IsolationWish,
    /// Whether the tree under test may reach the network.
    pub network: bool,
    /// Whether each entry runs on the base first, with network.
    pub warm_up: bool,
    /// Where files are put by for other jobs.
    pub artifacts: &'a Path,
    /// Whose entries these are, for the folders of their logs; may be empty.
    pub label: &'a str,
    /// How many cores an entry keeps busy.
    pub cores: u32,
}

/// The sandbox of one entry.
struct Sandboxed {
    room: CommandRoom,
    workspace: Workspace,
}

/// Which attempt of an entry it is.
#[derive(Clone, Copy)]
enum Turn {
    WarmUp,
    First,
    Base,
    Second,
}

impl Turn {
    fn label(self) -> &'static str {
        match self {
            Turn::WarmUp => "warm-up",
            Turn::First => "first",
            Turn::Base => "base",
            Turn::Second => "second",
        }
    }
}

/// An entry under these conditions.
struct Proof<'a> {
    conditions: &'a Conditions<'a>,
    entry: &'a CiEntry,
    recipe: &'a Recipe,
    place: Option<Sandboxed>,
}

/// Runs an entry as often as it takes. `doing` hears what is under way beside the first attempt.
pub async fn prove(conditions: &Conditions<'_>, entry: &CiEntry, doing: &dyn Fn(&str)) -> EntryEvidence {
    let mut evidence = EntryEvidence::none(conditions.environment.clone());
    conditions.executor.name().clone_into(&mut evidence.executor);
    let Some(recipe) = entry.recipe.as_deref() else { return evidence };
    evidence.may_fail = may_fail(recipe);
    let _cores = conditions.jobs.cores(conditions.cores).await;
    let mut proof = Proof { conditions, entry, recipe, place: None };
    let made = proof.all_attempts(&mut evidence, doing).await;
    evidence.outcome = EntryOutcome::of(&evidence.attempts, evidence.base.as_ref());
    let passed = evidence.outcome == EntryOutcome::Passed;
    evidence.why =
        evidence.attempts.first().filter(|_| !passed).map_or_else(String::new, |first| first.why.clone());
    if let Err(error) = made {
        evidence.outcome = EntryOutcome::Unavailable;
        evidence.why = error.to_string();
    }
    evidence
}

/// The digest of what results may depend on beside the tree: the executor, the variables that commands start from, the
/// machine and its tools, and whether there is a network.
pub fn environment_digest(
    executor: &dyn EntryExecutor,
    jobs: &Executor,
    machine: &Capabilities,
    network: bool,
) -> Digest {
    let Capabilities { system, architecture, processor_flags, programs, .. } = machine;
    let (executor, variables) = (executor.name(), jobs.environment());
    Digest::of(format!(
        "{executor}\0{variables}\0{system:?}\0{architecture:?}\0{processor_flags:?}\0{programs:?}\0{network}"
    ))
}

/// Whether the workflow goes on as if nothing had happened when the job fails.
fn may_fail(recipe: &Recipe) -> bool {
    match recipe.job.get("continue-on-error") {
        Value::String(text) => {
            resolve(&text, &recipe.contexts).is_ok_and(|value| value.truth() == Some(true))
        }
        written => written.truth() == Some(true),
    }
}

impl Proof<'_> {
    async fn all_attempts(&mut self, evidence: &mut EntryEvidence, doing: &dyn Fn(&str)) -> io::Result<()> {
        let base = self.conditions.base.as_ref();
        if let (Some(base), true) = (base, self.conditions.warm_up) {
            doing("warm-up on the base");
            evidence.warm_up = Some(self.attempt(base, Turn::WarmUp).await?);
        }
        evidence.attempts.push(self.attempt(&self.conditions.tree, Turn::First).await?);
        if !evidence.attempts.iter().any(|attempt| attempt.outcome.is_failure()) {
            return Ok(());
        }
        if let Some(base) = base {
            doing("failed; on the base");
            let on_base = self.attempt(base, Turn::Base).await?;
            let fails_too = on_base.outcome.is_failure();
            evidence.base = Some(on_base);
            if fails_too {
                return Ok(());
            }
        }
        doing("failed; second try");
        evidence.attempts.push(self.attempt(&self.conditions.tree, Turn::Second).await?);
        Ok(())
    }

    /// One attempt. What a warm-up left in the home is kept for all that follow; else each has a home of its own.
    async fn attempt(&mut self, tree: &TreeUnderTest, turn: Turn) -> io::Result<EntryAttempt> {
        let place = self.place(turn).await?;
        let artifacts =
            self.conditions.artifacts.join(tree.tree.as_str()).join(file_name(&self.entry.workflow));
        let order = AttemptOrder {
            entry: self.entry,
            recipe: self.recipe,
            event: self.conditions.event,
            tree,
            room: &place.room,
            workspace: &place.workspace,
            artifacts: &artifacts,
            network: self.conditions.network || matches!(turn, Turn::WarmUp),
        };
        let made = attempt(self.conditions.executor, order).await;
        self.place = self.conditions.warm_up.then_some(place);
        made
    }

    async fn place(&mut self, turn: Turn) -> io::Result<Sandboxed> {
        let label = [self.conditions.label, file_name(&self.entry.workflow), &self.entry.name];
        let label = label.join(" ");
        let label = label.trim_start();
        if let Some(mut place) = self.place.take() {
            // Only a warm-up comes before the first one.
            place.workspace.renew(matches!(turn, Turn::First))?;
            place.room.next_log(label, turn.label())?;
            return Ok(place);
        }
        let workspace = Workspace::new()?;
        let wish = RoomWish {
            folder: workspace.root(),
            isolation: self.conditions.isolation,
            label,
            name: turn.label(),
        };
        let room = self.conditions.jobs.open_room(&wish).await?;
        Ok(Sandboxed { room, workspace })
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
