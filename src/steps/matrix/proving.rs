//! Running the entries of a target's stacked tree, and adopting what was run before.

use std::cell::Cell;
use std::path::Path;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::project::{ProjectMatrix, pushed};
use super::standing::evidence;
use crate::catalog::MatrixRule;
use crate::git::Store;
use crate::ids::CommitId;
use crate::jobs::{Executor, Isolation, IsolationWish};
use crate::kinds::StepKind;
use crate::matrix::CiEntry;
use crate::runner::{
    Asked, Conditions, EntryEvidence, EntryOutcome, EntryProgress, EvidenceBasis, Manner, MatrixOrder,
    Remembered, StepsExecutor, TreeUnderTest, WorkflowFiles, environment_digest, run_matrix, this_machine,
};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::matrix_evidence::MatrixEvidence;
use crate::steps::release::tree_files::TreeFiles;
use crate::wording::counted;

/// What is known of the entries of a tree.
pub(in crate::steps) enum Found {
    /// The catalog wants none.
    Unwanted,
    /// Something that is wanted was not run yet.
    Open,
    /// All of it.
    Evidence(MatrixEvidence),
}

/// What was run before. Starts nothing.
///
/// # Errors
/// When the tree cannot be read.
pub(in crate::steps) async fn look(context: &StepContext) -> Result<Found, StepError> {
    apart(context, Task { manner: Manner::Look, mark: false }).await
}

/// Runs what was not run before, or did not pass and people know it.
///
/// # Errors
/// When the tree cannot be read.
pub(in crate::steps) async fn run(context: &StepContext) -> Result<Found, StepError> {
    apart(context, Task { manner: Manner::Run, mark: false }).await
}

/// Notes that people know of what did not pass.
///
/// # Errors
/// When the tree cannot be read.
pub(in crate::steps) async fn mark_reported(context: &StepContext) -> Result<(), StepError> {
    apart(context, Task { manner: Manner::Look, mark: true }).await.map(drop)
}

#[derive(Clone, Copy)]
struct Task {
    manner: Manner,
    mark: bool,
}

/// On a thread of its own: what the planner makes stays on the thread that made it. When nobody waits any more, what runs
/// ends.
async fn apart(context: &StepContext, task: Task) -> Result<Found, StepError> {
    if context.repo()?.matrix.is_none() {
        return Ok(Found::Unwanted);
    }
    let (waits, left) = oneshot::channel::<()>();
    let (context, runtime) = (context.clone(), Handle::current());
    let work = move || {
        runtime.block_on(async {
            tokio::select! {
                found = prove(&context, task) => found,
                _ = left => Ok(Found::Open),
            }
        })
    };
    let found = tokio::task::spawn_blocking(work).await?;
    drop(waits);
    found
}

async fn prove(context: &StepContext, task: Task) -> Result<Found, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let Some(rule) = &repo.matrix else { return Ok(Found::Unwanted) };
    if task.manner == Manner::Run {
        check_isolation(context, rule).await?;
    }
    let patch = context.facts.patch(StepKind::Stack, context.subject())?;
    let store = Store::open(&context.folder.store(&repo.name))?;
    let tree_files = TreeFiles::in_tree(&store, patch.tree.clone());
    let files = WorkflowFiles(&tree_files);
    let matrix = ProjectMatrix::of(files.library(), rule, &pushed(&repo.name, &target.branch, &patch.head));
    let of = |commit: &CommitId| Ok::<_, StepError>(TreeUnderTest::of(&store, commit.clone())??);
    let tree = of(&patch.head)?;
    let base = (patch.base != patch.head).then(|| of(&patch.base)).transpose()?;
    // Whoever proves an equal tree goes first, and what is found there is adopted.
    let _turn = match task.manner {
        Manner::Run => Some(context.world.entries.turn(&tree.tree).await),
        Manner::Look => None,
    };
    Ok(Proving { context, rule, task, matrix: &matrix, tree, base }.found().await)
}

/// The entries of one stacked tree, on their way.
struct Proving<'a> {
    context: &'a StepContext,
    rule: &'a MatrixRule,
    task: Task,
    matrix: &'a ProjectMatrix<'a>,
    tree: TreeUnderTest,
    base: Option<TreeUnderTest>,
}

impl Proving<'_> {
    async fn found(&self) -> Found {
        let world = &self.context.world;
        let (steps, artifacts) = (StepsExecutor { machine: this_machine() }, world.entries.artifacts());
        let conditions = self.conditions(&steps, &artifacts);
        let remembered = Remembered {
            prover: &conditions,
            records: &world.entries,
            basis: self.basis(&conditions),
            manner: self.task.manner,
            asked: Asked::default(),
        };
        let order = MatrixOrder {
            plan: &|facts| self.matrix.plan(facts),
            chosen: &|entry| self.matrix.chooses(entry),
            insists: &|entry| self.matrix.insists(entry),
            producers_only: false,
            // The budget of cores is what bounds them.
            side_by_side: Executor::machine_cores() as usize,
            prover: &remembered,
        };
        let run = run_matrix(&order, &Told::of(self.context, self.task.manner)).await;
        if self.task.mark {
            remembered.mark_reported();
        }
        if remembered.asked.missed() {
            return Found::Open;
        }
        Found::Evidence(evidence(&run, self.matrix, self.rule, &self.tree.commit))
    }

    fn conditions<'c>(&'c self, steps: &'c StepsExecutor<'c>, artifacts: &'c Path) -> Conditions<'c> {
        let jobs = &self.context.world.executor;
        Conditions {
            executor: steps,
            environment: environment_digest(jobs, this_machine(), false),
            jobs,
            event: &self.matrix.event,
            tree: self.tree.clone(),
            base: self.base.clone(),
            isolation: self.rule.isolation.into(),
            // Embargoed trees never see it.
            network: false,
            warm_up: self.rule.warm_up && self.base.is_some(),
            artifacts,
            label: self.context.step.name.as_str(),
            cores: self.rule.cores.get(),
        }
    }

    fn basis<'c>(&'c self, conditions: &'c Conditions<'_>) -> EvidenceBasis<'c> {
        EvidenceBasis {
            event: &self.matrix.event,
            tree: &self.tree,
            base: self.base.as_ref(),
            environment: &conditions.environment,
            how: format!("{:?} {}", self.rule.isolation, conditions.warm_up),
        }
    }
}

/// The plan was made where it holds; this may be another machine.
async fn check_isolation(context: &StepContext, rule: &MatrixRule) -> Result<(), StepError> {
    match context.world.executor.isolation().await {
        Isolation::Environment { why, remedy }
            if IsolationWish::from(rule.isolation) == IsolationWish::Required =>
        {
            Err(StepError::input(
                format!("the entries of its CI must be isolated, and this machine does not allow it: {why}"),
                remedy,
            ))
        }
        _ => Ok(()),
    }
}

/// Tells how far it is.
struct Told<'a> {
    context: &'a StepContext,
    manner: Manner,
    expected: Cell<usize>,
    ended: Cell<usize>,
    failed: Cell<usize>,
}

impl Told<'_> {
    fn of(context: &StepContext, manner: Manner) -> Told<'_> {
        let (expected, ended, failed) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Told { context, manner, expected, ended, failed }
    }

    fn tell(&self) {
        if self.manner == Manner::Look || self.expected.get() == 0 {
            return;
        }
        let failed = match self.failed.get() {
            0 => String::new(),
            failed => format!(", {failed} not passed"),
        };
        let (ended, expected) = (self.ended.get(), counted(self.expected.get(), "CI entry"));
        self.context.progress.tell(&self.context.step.name, format!("{ended} of {expected}{failed}"));
    }
}

impl EntryProgress for Told<'_> {
    fn expected(&self, total: usize) {
        self.expected.set(total);
        self.tell();
    }

    fn doing(&self, entry: &CiEntry, what: &str) {
        tracing::debug!(step = %self.context.step.name, entry = entry.name, what, "under way");
    }

    fn ended(&self, _entry: &CiEntry, evidence: &EntryEvidence) {
        self.ended.set(self.ended.get() + 1);
        self.failed.set(self.failed.get() + usize::from(evidence.outcome != EntryOutcome::Passed));
        self.tell();
    }
}
