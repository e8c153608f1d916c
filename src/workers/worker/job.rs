//! One entry from the order to the evidence. It is found in the plan of the same commit for this machine, which is made here,
//! and then run with the executor, the sandbox and the judgement of every other entry.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use super::checkout::Checkout;
use super::logs::GrowingLogs;
use super::plans::KnownPlans;
use super::settings::WorkerSettings;
use crate::git::Store;
use crate::ids::Digest;
use crate::jobs::Executor;
use crate::matrix::{Capabilities, CiEntry, CiPlan, plan_after};
use crate::private_folder::private_folder_in;
use crate::runner::{
    Conditions, EntryEvidence, EntryExecutor, EntryProver as _, ExecutorChoice, StepsExecutor, WorkflowFiles,
    environment_digest,
};
use crate::steps::TreeFiles;
use crate::workers::error::WorkersError;
use crate::workers::message::{AnswerKind, EntryJob};
use crate::workers::wire::arrived_facts;

/// How often what an entry prints is sent.
const LIVE: Duration = Duration::from_millis(250);

/// Hears what is to be said of a job while it runs, and says it before it goes on.
pub(super) trait Telling {
    async fn tell(&self, what: AnswerKind);
}

/// Runs an entry, and says what it prints.
pub(super) async fn carry_out(
    settings: &WorkerSettings<'_>,
    home: &Executor,
    commits: (&Checkout, &KnownPlans),
    job: &EntryJob,
    telling: &impl Telling,
) -> EntryEvidence {
    tried(settings, home, commits, job, telling).await.unwrap_or_else(EntryEvidence::unavailable)
}

async fn tried(
    settings: &WorkerSettings<'_>,
    home: &Executor,
    (checkout, plans): (&Checkout, &KnownPlans),
    job: &EntryJob,
    telling: &impl Telling,
) -> Result<EntryEvidence, String> {
    let plain = |error: &dyn std::error::Error| crate::wording::with_causes(error);
    let plan = plans.of(job, || planned(settings, checkout.store(), job)).map_err(|error| plain(&error))?;
    let entry = job.entry.in_plan(&plan);
    let entry = entry.ok_or("the plan of this machine does not have it; are all of the same version?")?;
    let folder = private_folder_in(&settings.folder, "job-");
    let folder = folder.map_err(|error| plain(&error))?;
    let doing: RefCell<Vec<String>> = RefCell::default();
    let jobs = home.beside(folder.path().join("logs"), &folder.path().join("jobs"));
    let mut logs = GrowingLogs::new(folder.path().join("logs"));
    let evidence = tokio::select! {
        evidence = proven(settings, &jobs, (checkout, folder.path()), job, entry, &doing) => {
            evidence.map_err(|error| plain(&error))?
        }
        never = live(&mut logs, &doing, telling) => match never {},
    };
    said_so_far(&mut logs, &doing, telling).await;
    Ok(evidence)
}

/// The plan of the workflow that the entry is of, as this machine sees it.
fn planned(settings: &WorkerSettings<'_>, store: &Store, job: &EntryJob) -> Result<CiPlan, WorkersError> {
    let files = TreeFiles::of(store, &job.commit)?;
    let files = WorkflowFiles { files: &files, here: Some((store, store.tree_of(&job.commit)?)) };
    let library = files.library();
    let facts = arrived_facts(&job.facts);
    Ok(plan_after(&facts, &library, &job.event, Some(machine_of(settings, job)), &|path| {
        path == job.entry.workflow
    }))
}

async fn proven(
    settings: &WorkerSettings<'_>,
    jobs: &Executor,
    (checkout, folder): (&Checkout, &Path),
    job: &EntryJob,
    entry: &CiEntry,
    doing: &RefCell<Vec<String>>,
) -> Result<EntryEvidence, WorkersError> {
    let (machine, runs) = (machine_of(settings, job), executor_of(settings, job));
    let artifacts = folder.join("artifacts");
    let environment: Digest = environment_digest(&*runs, jobs, machine, job.network);
    let conditions = Conditions {
        executor: &*runs,
        jobs,
        environment,
        event: &job.event,
        tree: checkout.tree(&job.commit)?,
        base: job.base.as_ref().map(|base| checkout.tree(base)).transpose()?,
        isolation: job.isolation,
        network: job.network,
        warm_up: job.warm_up,
        artifacts: &artifacts,
        label: "",
        // How many run at the same time was said at the start of the worker.
        cores: 0,
    };
    let heard = |what: &str| doing.borrow_mut().push(what.to_owned());
    Ok(conditions.prove(entry, &heard).await)
}

/// This machine as the planner sees it for a job.
fn machine_of<'s>(settings: &WorkerSettings<'s>, job: &EntryJob) -> &'s Capabilities {
    match job.executor {
        ExecutorChoice::Steps => settings.machine,
        other => other.machine(),
    }
}

/// What runs a job here.
fn executor_of<'s>(settings: &WorkerSettings<'s>, job: &EntryJob) -> Box<dyn EntryExecutor + 's> {
    match job.executor {
        ExecutorChoice::Steps => Box::new(StepsExecutor { machine: settings.machine }),
        other => other.executor(),
    }
}

/// Says what is printed and done, again and again.
async fn live(
    logs: &mut GrowingLogs,
    doing: &RefCell<Vec<String>>,
    telling: &impl Telling,
) -> std::convert::Infallible {
    loop {
        said_so_far(logs, doing, telling).await;
        tokio::time::sleep(LIVE).await;
    }
}

async fn said_so_far(logs: &mut GrowingLogs, doing: &RefCell<Vec<String>>, telling: &impl Telling) {
    let under_way = doing.take();
    for what in under_way {
        telling.tell(AnswerKind::Doing(what)).await;
    }
    while let Some((piece, sent)) = logs.next() {
        telling.tell(AnswerKind::Log(piece)).await;
        logs.mark(sent);
    }
}
