//! `lockgate matrix`: which CI entries GitHub would start at a revision, which of them this machine can run, and, if that
//! is asked for, what comes of them. Without being asked nothing is written, fetched or executed.

mod execution;
mod exit_code;
mod progress;
mod run;
mod run_text;
mod spread;
mod text;
mod tree;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::execution::Execution;
use self::run::RunArguments;
use self::tree::Tree;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::git::Store;
use crate::ids::RepoName;
use crate::matrix::{
    Capabilities, CiEvent, CiPlan, EventChoice, EventKind, JobFacts, Library, WrittenEntry, choose_event,
    plan_after,
};
use crate::skip_mark::skip_mark;

/// Lists the CI entries that the repository's workflows start at a revision, each with where it can run and why not here;
/// with --run, runs those that can.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate matrix --repo wasmtime.git --rev release-36.0.0\n  \
    lockgate matrix --repo . --rev main --event pull_request --action synchronize --workflow ci.yml\n  \
    lockgate matrix --repo . --rev main --event all --json | jq -r .verdict | sort | uniq -c\n  \
    lockgate matrix --repo . --rev fix --branch main --run --only 'test*' --base main\n\n\
    Without --event the one is taken under which the branch is really tested: the fullest of push, merge_group and\n\
    pull_request. Nothing is executed without --run or --resolve: matrices that another job makes are then one line, dynamic.\n\
    What is run sees neither the network nor the home directory, where this machine allows namespaces; a pass is only what\n\
    the plan expects, on the machine that the entry asks for, with at least one step that ran.")]
pub(super) struct MatrixCommand {
    /// The repository: a clone or a bare mirror.
    #[arg(long, value_name = "DIR")]
    repo: PathBuf,
    /// The commit whose workflow files are read: a branch, a tag or an id.
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    rev: String,
    /// The event; `all` shows every job as it is written, whatever starts it.
    #[arg(long, value_name = "EVENT")]
    event: Option<EventArgument>,
    /// The activity of a pull request: opened, synchronize, labeled, …
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// The branch that is pushed to, or the base of the pull request; found from --rev where that names one.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    branch: Option<String>,
    /// Owner and name of the repository at GitHub; found from the clone where its remote says so.
    #[arg(long, value_name = "OWNER/NAME")]
    name: Option<RepoName>,
    /// Only this workflow file; may be given several times.
    #[arg(long, value_name = "FILE")]
    workflow: Vec<String>,
    #[command(flatten)]
    running: RunArguments,
}

/// The events that can be asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum EventArgument {
    Push,
    MergeGroup,
    PullRequest,
    WorkflowDispatch,
    All,
}

impl From<EventArgument> for EventKind {
    fn from(argument: EventArgument) -> EventKind {
        match argument {
            EventArgument::Push => EventKind::Push,
            EventArgument::MergeGroup => EventKind::MergeGroup,
            EventArgument::PullRequest => EventKind::PullRequest,
            EventArgument::WorkflowDispatch => EventKind::WorkflowDispatch,
            EventArgument::All => EventKind::All,
        }
    }
}

impl MatrixCommand {
    /// Does it and prints its answer: for programs one entry a line, so that eight hundred can be filtered as they are.
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let store = Store::open(&self.repo)?;
        let tree = Tree::at(&store, &self.rev)?;
        let files = tree.workflows(!self.running.is_spread())?;
        let library = files.library();
        let chosen = tree::chosen(&library, &self.workflow)?;
        let wanted = |path: &str| chosen.is_empty() || chosen.iter().any(|chosen| chosen == path);
        let like = CiEvent {
            kind: EventKind::Push,
            action: None,
            branch: tree.branch(self.branch.as_deref(), &self.rev)?,
            repository: tree::repository(&store, &self.repo, self.name.as_ref()),
            commit: tree.commit().to_string(),
            skip: skip_mark(&store.commit_info(tree.commit())?.message),
        };
        let (event, choice) = self.event(&library, &like, &wanted);
        let executor = self.running.executor()?;
        let machine = executor.machine();
        let plan_for = |machine: &Capabilities, facts: &JobFacts| {
            plan_after(facts, &library, &event, Some(machine), &wanted)
        };
        if !self.running.executes() {
            show(&plan_for(machine, &JobFacts::default()), &choice);
            return Ok(Exit::Done);
        }
        let (store, commit) = (&store, tree.commit());
        let what = Execution { store, commit, event: &event, executor, machine, plan_for: &plan_for };
        let executed = self.running.execute(&what).await?;
        let lines = run_text::lines(&executed);
        executed.keep_evidence(&lines)?;
        if terminal::is_for_programs() {
            print_lines(&lines);
        } else {
            terminal::out(text::plan_text(&executed.run.plan, &choice) + &run_text::text(&executed));
        }
        Ok(executed.exit())
    }

    /// The event that was asked for, or the fullest; with what the others start.
    fn event(
        &self,
        library: &Library<'_>,
        like: &CiEvent,
        wanted: &dyn Fn(&str) -> bool,
    ) -> (CiEvent, EventChoice) {
        let kind = self.event.map(EventKind::from);
        let choice = choose_event(library, like, kind, wanted);
        let event = choice.settled(kind, self.action.as_deref(), like);
        (event, choice)
    }
}

fn show(plan: &CiPlan, choice: &EventChoice) {
    if terminal::is_for_programs() {
        let lines = plan.entries().map(|entry| serde_json::json!(WrittenEntry::of(entry)).to_string());
        print_lines(&lines.collect::<Vec<_>>());
    } else {
        terminal::out(text::plan_text(plan, choice));
    }
}

/// No line at all where there is no entry: an empty one is no JSON.
fn print_lines(lines: &[String]) {
    if !lines.is_empty() {
        terminal::out(lines.join("\n"));
    }
}
