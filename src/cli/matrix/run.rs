//! Running entries of the matrix: what is asked for, where everything is kept, and what the exit code says.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tempfile::TempDir;

use super::execution::Execution;
use super::exit_code::exit_of;
use super::progress::RunBar;
use super::spread::Spread;
use crate::cli::crew::CrewArguments;
use crate::cli::exit::Exit;
use crate::cli::problem::{Problem, io_problem};
use crate::cli::temporary;
use crate::git::Store;
use crate::ids::CommitId;
use crate::input::suggest;
use crate::jobs::{Environment, Executor, Isolation, IsolationWish};
use crate::matrix::{CiEntry, EntryVerdict, JobFacts};
use crate::runner::{
    Conditions, Durations, Errand, ExecutorChoice, MatrixOrder, MatrixRun, Timed, TreeUnderTest,
    environment_digest, run_matrix,
};
use crate::workers::{CrewSettings, Sending};

/// What to execute, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running", mut_arg("workers", |workers| workers.requires("run")))]
pub(super) struct RunArguments {
    /// Run what can run on this machine, in the order of the needs, and say of each entry what came of it.
    #[arg(long, group = "executing")]
    run: bool,
    /// Run only the jobs on whose outputs a matrix or a condition hangs, and plan with what they say.
    #[arg(long, group = "executing")]
    resolve: bool,
    /// Run only entries with such a name or job id, and what they need; may be given several times.
    #[arg(long, value_name = "GLOB", requires = "run")]
    only: Vec<String>,
    /// The commit without the change: an entry that fails is run there, too, and so is known to be broken by the change
    /// or not to work here at all.
    #[arg(long, value_name = "REV", requires = "executing", allow_hyphen_values = true)]
    base: Option<String>,
    /// Run each entry on the base first, with network, so that its caches hold what the run without network needs. The
    /// base must be public.
    #[arg(long, requires = "base")]
    warm_up: bool,
    /// Let what is under test reach the network. Only for what is public.
    #[arg(long, requires = "executing")]
    network: bool,
    /// Whether entries may run on a machine that cannot keep them from everything else.
    #[arg(long, value_name = "WISH", value_enum, default_value_t, requires = "executing")]
    isolation: IsolationArgument,
    /// What runs the entries. `act` runs actions as they are, which it fetches: it is looked for on the path, or is had by
    /// workers, and what the plan says is then what act can do.
    #[arg(long, value_name = "NAME", value_enum, default_value_t, requires = "executing")]
    executor: ExecutorArgument,
    /// Where logs and evidence are kept; otherwise a new folder among the temporary ones.
    #[arg(long, value_name = "DIR", requires = "executing")]
    keep: Option<PathBuf>,
    /// How many entries run at the same time.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "executing", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    #[command(flatten)]
    crew: CrewArguments,
}

/// How far entries are kept from the rest of the machine.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum IsolationArgument {
    /// As far as this machine allows.
    #[default]
    Available,
    /// Not at all without namespaces of their own.
    Required,
}

/// What runs entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ExecutorArgument {
    /// Lockgate itself: scripts, and something here stands in for actions that are well known.
    #[default]
    Steps,
    /// The program `act`, 0.2.89 or a later 0.2.
    Act,
}

/// What was executed, and where it is kept.
pub(super) struct Executed {
    pub(super) run: MatrixRun,
    pub(super) kept: PathBuf,
    pub(super) compared: bool,
    resolve_only: bool,
}

/// A folder for logs and evidence.
enum Kept {
    Given(PathBuf),
    New(TempDir),
}

impl RunArguments {
    /// Whether anything is to be executed.
    pub(super) fn executes(&self) -> bool {
        self.run || self.resolve
    }

    /// Whether other machines execute it.
    pub(super) fn is_spread(&self) -> bool {
        self.crew.is_given()
    }

    /// What runs it.
    ///
    /// # Errors
    /// It is to run here, and is not here.
    pub(super) fn executor(&self) -> Result<ExecutorChoice, Problem> {
        let choice = match self.executor {
            ExecutorArgument::Steps => ExecutorChoice::Steps,
            ExecutorArgument::Act => ExecutorChoice::Act,
        };
        match choice.missing() {
            None => Ok(choice),
            // Those who run it have it, or that is said of its entries.
            Some(_) if self.is_spread() => Ok(choice),
            Some(missing) => Err(Problem::input(
                format!("`--executor act` needs {missing}"),
                "install it, or leave out `--executor act`: then Lockgate runs the steps itself",
            )),
        }
    }

    /// Executes it.
    pub(super) async fn execute(&self, what: &Execution<'_>) -> Result<Executed, Problem> {
        let only = self.patterns()?;
        let kept = self.kept()?;
        if let Some(settings) = self.crew.settings(Sending::Change)? {
            return self.spread(what, &only, kept, &settings).await;
        }
        let executor = executor(kept.path());
        self.check_isolation(&executor).await?;
        let runs = what.executor.executor();
        let artifacts = kept.path().join("artifacts");
        let chosen = |entry: &CiEntry| is_chosen(&only, entry);
        self.check_only(what, &chosen)?;
        let conditions = Conditions {
            executor: &*runs,
            environment: environment_digest(&*runs, &executor, what.machine, self.network),
            jobs: &executor,
            event: what.event,
            tree: under_test(what.store, what.commit.clone())?,
            base: self.base(what)?,
            isolation: self.isolation.into(),
            network: self.network,
            warm_up: self.warm_up,
            artifacts: &artifacts,
            label: "",
            // How many run at the same time is said with --jobs.
            cores: 0,
        };
        let durations = Durations::in_folder(kept.path());
        let timed = Timed { prover: &conditions, durations: &durations, event: what.event };
        let order = MatrixOrder {
            plan: &|facts| what.plan(facts),
            chosen: &chosen,
            insists: &|_| !only.is_empty(),
            producers_only: self.resolve,
            side_by_side: usize::from(self.jobs),
            has_room: &Executor::has_room,
            took: &|entry| durations.of(what.event, entry),
            prover: &timed,
        };
        let bar = RunBar::new();
        let run = run_matrix(&order, &bar).await;
        drop(bar);
        let compared = conditions.base.is_some();
        Ok(Executed { run, kept: kept.settle(), compared, resolve_only: self.resolve })
    }

    /// Executes it on the machines of others.
    async fn spread(
        &self,
        what: &Execution<'_>,
        only: &[glob::Pattern],
        kept: Kept,
        settings: &CrewSettings,
    ) -> Result<Executed, Problem> {
        let chosen = |entry: &CiEntry| is_chosen(only, entry);
        self.check_only(what, &chosen)?;
        let base = self.base(what)?;
        let compared = base.is_some();
        let errand = Errand {
            plan: what.plan_for,
            event: what.event,
            executor: what.executor,
            tree: under_test(what.store, what.commit.clone())?,
            base,
            isolation: self.isolation.into(),
            network: self.network,
            warm_up: self.warm_up,
            logs: kept.path().join("logs"),
        };
        let durations = Durations::in_folder(kept.path());
        let spread = Spread {
            chosen: &chosen,
            insists: !only.is_empty(),
            bar: RunBar::new(),
            event: what.event,
            durations: &durations,
        };
        let run = spread.over(settings, errand).await?;
        Ok(Executed { run, kept: kept.settle(), compared, resolve_only: false })
    }

    fn patterns(&self) -> Result<Vec<glob::Pattern>, Problem> {
        let read = |glob: &String| {
            glob::Pattern::new(glob).map_err(|error| {
                Problem::input(
                    format!("`{glob}` is not a pattern: {error}"),
                    "write it as `test*` or `*(linux*`",
                )
            })
        };
        self.only.iter().map(read).collect()
    }

    fn kept(&self) -> Result<Kept, Problem> {
        let Some(folder) = &self.keep else { return Ok(Kept::New(temporary::folder("matrix")?)) };
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let made = made.and_then(|()| folder.canonicalize());
        made.map(Kept::Given).map_err(|error| io_problem("make the folder", folder, &error))
    }

    async fn check_isolation(&self, executor: &Executor) -> Result<(), Problem> {
        match (self.isolation, executor.isolation().await) {
            (IsolationArgument::Required, Isolation::Environment { why, remedy }) => Err(Problem::input(
                format!("entries must be isolated, and cannot be on this machine: {why}"),
                format!("{remedy}; or leave out `--isolation required`"),
            )),
            _ => Ok(()),
        }
    }

    /// A pattern that chooses nothing is a mistake.
    fn check_only(&self, what: &Execution<'_>, chosen: &dyn Fn(&CiEntry) -> bool) -> Result<(), Problem> {
        let plan = what.plan(&JobFacts::default());
        // What a matrix that is not settled yet will hold may be meant.
        if plan.entries().any(|entry| chosen(entry) || entry.verdict() == EntryVerdict::Dynamic) {
            return Ok(());
        }
        let asked = self.only.first().map_or("", String::as_str);
        if asked.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = plan.entries().map(|entry| entry.name.as_str()).collect();
        let hint = suggest(asked, names.iter().copied());
        Err(Problem::input(format!("no entry is called `{asked}`"), hint))
    }

    fn base(&self, what: &Execution<'_>) -> Result<Option<TreeUnderTest>, Problem> {
        let Some(base) = &self.base else { return Ok(None) };
        let commit = what.store.resolve_branch(base)?;
        if commit == *what.commit {
            return Err(Problem::input(
                format!("`--base {base}` is what is under test: there is nothing to compare"),
                "name the commit before the change",
            ));
        }
        under_test(what.store, commit).map(Some)
    }
}

impl Kept {
    fn path(&self) -> &Path {
        match self {
            Kept::Given(path) => path,
            Kept::New(folder) => folder.path(),
        }
    }

    /// Leaves it where it is.
    fn settle(self) -> PathBuf {
        match self {
            Kept::Given(path) => path,
            Kept::New(folder) => folder.keep(),
        }
    }
}

impl Executed {
    /// Everything that was attempted passed, or only a person can say what follows.
    pub(super) fn exit(&self) -> Exit {
        let found = self.run.entries().into_iter().filter_map(|(_, found)| found);
        exit_of(found.map(|found| (found.outcome, found.may_fail)), self.resolve_only)
    }

    /// Keeps the evidence beside the logs.
    pub(super) fn keep_evidence(&self, lines: &[String]) -> Result<(), Problem> {
        let path = self.kept.join("evidence.jsonl");
        let written = std::fs::File::create(&path)
            .and_then(|mut file| lines.iter().try_for_each(|line| writeln!(file, "{line}")));
        written.map_err(|error| io_problem("write", &path, &error))
    }
}

impl From<IsolationArgument> for IsolationWish {
    fn from(argument: IsolationArgument) -> IsolationWish {
        match argument {
            IsolationArgument::Available => IsolationWish::Available,
            IsolationArgument::Required => IsolationWish::Required,
        }
    }
}

fn is_chosen(only: &[glob::Pattern], entry: &CiEntry) -> bool {
    only.is_empty() || only.iter().any(|glob| glob.matches(&entry.name) || glob.matches(&entry.job))
}

fn executor(kept: &Path) -> Executor {
    let cores = Executor::machine_cores();
    Executor::new(cores, kept.join("logs"), &kept.join("jobs"), Environment::of_this_process())
}

fn under_test(store: &Store, commit: CommitId) -> Result<TreeUnderTest, Problem> {
    TreeUnderTest::of(store, commit)?.map_err(|error| io_problem("find", store.git_dir(), &error))
}
