//! Running the entries of a target's stacked tree, and adopting what was run before.

use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::project::{ProjectMatrix, pushed};
use super::standing::evidence;
use super::told::Told;
use crate::catalog::MatrixRule;
use crate::git::Store;
use crate::ids::{CommitId, Digest};
use crate::jobs::{Executor, Isolation, IsolationWish};
use crate::kinds::StepKind;
use crate::matrix::{Capabilities, CiEntry, CiPlan, JobFacts};
use crate::runner::{
    ALL_AT_ONCE, Asked, Conditions, Crew, CrewWork, EntryEvidence, EntryProver, Errand, EvidenceBasis,
    Manner, MatrixOrder, MatrixRun, Remembered, Timed, TreeUnderTest, Wish, WorkflowFiles,
    environment_digest, environment_of_workers, run_matrix,
};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::matrix_evidence::MatrixEvidence;
use crate::steps::release::tree_files::TreeFiles;

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

/// Comes when nobody waits any more.
type Left = Shared<LocalBoxFuture<'static, ()>>;

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
        let left: Left = left.map(drop).boxed_local().shared();
        runtime.block_on(prove(&context, task, left))
    };
    let found = tokio::task::spawn_blocking(work).await?;
    drop(waits);
    found
}

async fn prove(context: &StepContext, task: Task, left: Left) -> Result<Found, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let Some(rule) = &repo.matrix else { return Ok(Found::Unwanted) };
    if task.manner == Manner::Run && context.world.crew.is_none() {
        check_isolation(context, rule).await?;
    }
    let patch = context.facts.patch(StepKind::Stack, context.subject())?;
    let store = Store::open(&context.folder.store(&repo.name))?;
    let tree_files = TreeFiles::in_tree(&store, patch.tree.clone());
    let here = context.world.crew.is_none().then_some((&store, patch.tree.clone()));
    let files = WorkflowFiles { files: &tree_files, here };
    let matrix = ProjectMatrix::of(files.library(), rule, &pushed(&repo.name, &target.branch, &patch.head));
    let of = |commit: &CommitId| Ok::<_, StepError>(TreeUnderTest::of(&store, commit.clone())??);
    let tree = of(&patch.head)?;
    let base = (patch.base != patch.head).then(|| of(&patch.base)).transpose()?;
    // Whoever proves an equal tree goes first, and what is found there is adopted.
    let _turn = match task.manner {
        Manner::Run => tokio::select! {
            turn = context.world.entries.turn(&tree.tree) => Some(turn),
            () = left.clone() => return Ok(Found::Open),
        },
        Manner::Look => None,
    };
    let crew = context.world.crew.as_deref();
    Proving { context, rule, task, matrix: &matrix, tree, base, crew, asked: Asked::default() }
        .found(left)
        .await
}

/// The entries of one stacked tree, on their way.
struct Proving<'a> {
    context: &'a StepContext,
    rule: &'a MatrixRule,
    task: Task,
    matrix: &'a ProjectMatrix<'a>,
    tree: TreeUnderTest,
    base: Option<TreeUnderTest>,
    /// Whose machines run them, if not this one.
    crew: Option<&'a dyn Crew>,
    asked: Asked,
}

/// Those who would prove entries, while it is only looked at what is kept.
struct Awaited<'a> {
    crew: &'a dyn Crew,
    with_network: bool,
}

impl EntryProver for Awaited<'_> {
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool {
        self.crew.takes(entry, wish, self.with_network)
    }

    fn prove<'a>(&'a self, _: &'a CiEntry, _: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(async { EntryEvidence::unavailable("nobody was asked to run it".to_owned()) })
    }
}

impl Proving<'_> {
    async fn found(&self, left: Left) -> Result<Found, StepError> {
        let ran = match self.crew {
            None => self.at_home(left).await,
            Some(crew) if self.task.manner == Manner::Look => {
                let awaited = Awaited { crew, with_network: self.warms_up() };
                Some(self.with(&awaited, &|facts| self.matrix.plan(facts, Some(crew))).await)
            }
            Some(crew) => {
                let plan = |machine: &Capabilities, facts: &JobFacts| self.matrix.plan_on(machine, facts);
                crew.prove(self.errand(&plan), self, Box::pin(left)).await?
            }
        };
        if self.task.mark {
            self.asked.mark_reported(&self.context.world.entries);
        }
        Ok(match ran {
            Some(ran) if !self.asked.missed() => {
                Found::Evidence(evidence(&ran, self.matrix, self.rule, &self.tree.commit, self.crew))
            }
            _ => Found::Open,
        })
    }

    /// On this machine, until nobody waits any more.
    async fn at_home(&self, left: Left) -> Option<MatrixRun> {
        let world = &self.context.world;
        let (executor, artifacts) = (self.matrix.executor().executor(), world.entries.artifacts());
        let conditions = Conditions {
            executor: &*executor,
            environment: self.environment(),
            jobs: &world.executor,
            event: &self.matrix.event,
            tree: self.tree.clone(),
            base: self.base.clone(),
            isolation: self.rule.isolation.into(),
            // Embargoed trees never see it.
            network: false,
            warm_up: self.warms_up(),
            artifacts: &artifacts,
            label: self.context.step.name.as_str(),
            cores: self.rule.cores.get(),
        };
        let plan = |facts: &JobFacts| self.matrix.plan(facts, None);
        tokio::select! {
            ran = self.with(&conditions, &plan) => Some(ran),
            () = left => None,
        }
    }

    /// What the machines of others are asked.
    fn errand<'e>(&'e self, plan: &'e dyn Fn(&Capabilities, &JobFacts) -> CiPlan) -> Errand<'e> {
        Errand {
            plan,
            event: &self.matrix.event,
            executor: self.matrix.executor(),
            tree: self.tree.clone(),
            base: self.base.clone(),
            isolation: self.rule.isolation.into(),
            network: false,
            warm_up: self.warms_up(),
            logs: self.context.folder.logs().join("workers"),
        }
    }

    /// At home the budget of cores is what bounds them; elsewhere each worker knows how many it runs.
    fn side_by_side(&self) -> usize {
        if self.crew.is_some() { ALL_AT_ONCE } else { Executor::machine_cores() as usize }
    }

    fn warms_up(&self) -> bool {
        self.rule.warm_up && self.base.is_some()
    }

    fn environment(&self) -> Digest {
        let choice = self.matrix.executor();
        environment_digest(&*choice.executor(), &self.context.world.executor, choice.machine(), false)
    }

    fn basis(&self) -> EvidenceBasis<'_> {
        let (here, elsewhere) = (self.environment(), environment_of_workers(self.matrix.executor()));
        EvidenceBasis {
            event: &self.matrix.event,
            tree: &self.tree,
            base: self.base.as_ref(),
            environments: if self.crew.is_some() { [elsewhere, here] } else { [here, elsewhere] },
            how: format!("{:?} {}", self.rule.isolation, self.warms_up()),
        }
    }
}

impl CrewWork for Proving<'_> {
    fn with<'p>(
        &'p self,
        prover: &'p dyn EntryProver,
        plan: &'p dyn Fn(&JobFacts) -> CiPlan,
    ) -> LocalBoxFuture<'p, MatrixRun> {
        Box::pin(async move {
            let (durations, event) = (&self.context.world.entries.durations, &self.matrix.event);
            let timed = Timed { prover, durations, event };
            let remembered = Remembered {
                prover: &timed,
                records: &self.context.world.entries,
                basis: self.basis(),
                manner: self.task.manner,
                asked: &self.asked,
            };
            let order = MatrixOrder {
                plan,
                chosen: &|entry| self.matrix.chooses(entry),
                insists: &|entry| self.matrix.insists(entry),
                producers_only: false,
                side_by_side: self.side_by_side(),
                has_room: &|| self.crew.is_some() || Executor::has_room(),
                took: &|entry| durations.of(event, entry),
                prover: &remembered,
            };
            run_matrix(&order, &Told::of(self.context, self.task.manner)).await
        })
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
