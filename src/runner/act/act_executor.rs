//! The executor: one process of act for one entry, in the sandbox of the entry.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use github_actions_models::common::Uses;

use super::one_job::{LABEL, OneJob, event_name};
use super::outputs::STEP;
use super::program::ActProgram;
use super::report::ActReport;
use super::transcript::Said;
use crate::git::{FetchDepth, work_copy};
use crate::jobs::RoomCommand;
use crate::matrix::{Capabilities, EventKind, Object};
use crate::runner::executor::{AttemptEnd, AttemptOrder, AttemptReport, EntryExecutor, FoundMachine};
use crate::runner::find_machine::find_machine;
use crate::runner::steps::OFFLINE;

/// An action that is taken to be never run.
const NEVER: &str = r#"runs: { using: composite, steps: [{ shell: sh, run: "echo 'it was run although its condition is false'; exit 1" }] }
"#;

/// Gives entries to act.
pub struct ActExecutor<'a> {
    program: Result<ActProgram, String>,
    name: String,
    machine: &'a Capabilities,
}

/// The files that act is given.
struct Given {
    /// Where it starts: an empty folder, since act takes settings from where it is.
    folder: PathBuf,
    workflow: PathBuf,
    event: PathBuf,
    /// A file with nothing in it, in place of those that act would look for in the tree.
    nothing: PathBuf,
    /// The tree under test, which a checkout copies.
    tree: PathBuf,
}

impl<'a> ActExecutor<'a> {
    /// With this program, or with what is missing in its place, on a machine that can do this.
    #[must_use]
    pub fn new(program: Result<ActProgram, String>, machine: &'a Capabilities) -> ActExecutor<'a> {
        let name = program.as_ref().map_or_else(|_| "act".to_owned(), ActProgram::name);
        ActExecutor { program, name, machine }
    }
}

impl EntryExecutor for ActExecutor<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn run<'a>(&'a self, order: AttemptOrder<'a>) -> LocalBoxFuture<'a, AttemptReport> {
        Box::pin(async move {
            let mut report = AttemptReport {
                matrix: serde_json::Value::Null,
                end: AttemptEnd::Succeeded,
                machine: FoundMachine { said: String::new(), kind: None },
                steps: Vec::new(),
                outputs: Object::default(),
            };
            if let Err(end) = self.reported(&order, &mut report).await {
                report.end = end;
            }
            report
        })
    }
}

impl ActExecutor<'_> {
    async fn reported(&self, order: &AttemptOrder<'_>, report: &mut AttemptReport) -> Result<(), AttemptEnd> {
        let program = self.program.as_ref().map_err(|missing| AttemptEnd::Unavailable(missing.clone()))?;
        report.machine = find_machine(order).await.map_err(AttemptEnd::Unavailable)?;
        let job = OneJob::of(order, self.machine)?;
        let given = Given::prepare(order, &job).await?;
        let mut argv = argv(program, order, &given);
        let idle = job.idle_actions(&given.tree)?;
        argv.extend(stand_ins(&given, &idle).map_err(disk_refuses)?);
        let environment: BTreeMap<String, String> = environment(order);
        let command = RoomCommand {
            argv: &argv,
            folder: &given.folder,
            environment: &environment,
            network: order.network,
            limit: Duration::from_secs_f64(job.minutes * 60.0),
            stop: None,
        };
        let said = Said::default();
        let listener = said.clone();
        let outcome = order.room.run_told(command, move |output| listener.listen(output, STEP)).await;
        let ActReport { matrix, end, steps } = ActReport::of(&job, &given.tree, &said, &outcome);
        report.outputs = job.outputs.read(order.workspace);
        (report.matrix, report.end, report.steps) = (matrix, end, steps);
        Ok(())
    }
}

fn argv(program: &ActProgram, order: &AttemptOrder<'_>, given: &Given) -> Vec<String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut words = vec![text(&program.path), event_name(order.event.kind).to_owned()];
    let nothing = text(&given.nothing);
    let pairs = [
        ("--directory", text(&given.tree)),
        ("--workflows", text(&given.workflow)),
        ("--eventpath", text(&given.event)),
        ("--job", order.entry.key.id().to_owned()),
        ("--platform", format!("{LABEL}=-self-hosted")),
        ("--action-cache-path", text(&order.workspace.actions())),
        // None of these is taken from the tree, which would have a say in how it is tested.
        ("--env-file", nothing.clone()),
        ("--secret-file", nothing.clone()),
        ("--var-file", nothing.clone()),
        ("--input-file", nothing),
    ];
    for (name, value) in pairs {
        words.extend([name.to_owned(), value]);
    }
    words.extend(["--json", "--no-cache-server", "--use-gitignore=false"].map(str::to_owned));
    if !order.network {
        // An action that an earlier attempt fetched is used as it is.
        words.push("--action-offline-mode".to_owned());
    }
    if let Some((owner, name)) = &order.event.repository {
        words.extend(["--env".to_owned(), format!("GITHUB_REPOSITORY={owner}/{name}")]);
    }
    words
}

impl Given {
    async fn prepare(order: &AttemptOrder<'_>, job: &OneJob) -> Result<Given, AttemptEnd> {
        let folder = order.workspace.commands().join("act");
        let given = Given {
            workflow: folder.join("workflow.yml"),
            event: folder.join("event.json"),
            nothing: folder.join("nothing"),
            tree: order.workspace.commands().join("tree"),
            folder: folder.join("empty"),
        };
        for folder in [&given.folder, &given.tree, &order.workspace.actions()] {
            fs::create_dir_all(folder).map_err(disk_refuses)?;
        }
        fs::write(&given.workflow, job.workflow.to_string()).map_err(disk_refuses)?;
        fs::write(&given.event, job.event.to_string()).map_err(disk_refuses)?;
        fs::write(&given.nothing, "").map_err(disk_refuses)?;
        let branch = (order.event.kind == EventKind::Push).then_some(order.event.branch.as_str());
        let depth = if job.whole_history { FetchDepth::Whole } else { FetchDepth::Commits(1) };
        work_copy(&order.tree.repository, &order.tree.commit, branch, depth, &given.tree)
            .await
            .map_err(|error| AttemptEnd::Unavailable(format!("the checkout: {error}")))?;
        Ok(given)
    }
}

/// The words by which act finds something in place of actions that nothing needs, which it would fetch all the same: something
/// that fails, should it be run.
fn stand_ins(given: &Given, idle: &[String]) -> io::Result<Vec<String>> {
    let mut words = Vec::new();
    for (number, uses) in idle.iter().enumerate() {
        let Ok(Uses::Repository(action)) = Uses::parse(uses) else { continue };
        let repository = given.folder.with_file_name("idle").join(number.to_string());
        let folder = action.subpath().map_or_else(|| repository.clone(), |below| repository.join(below));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("action.yml"), NEVER)?;
        let named =
            format!("{}/{}@{}={}", action.owner(), action.repo(), action.git_ref(), repository.display());
        words.extend(["--local-repository".to_owned(), named]);
    }
    Ok(words)
}

fn disk_refuses(error: io::Error) -> AttemptEnd {
    AttemptEnd::Unavailable(format!("the disk refuses: {error}"))
}

fn environment(order: &AttemptOrder<'_>) -> BTreeMap<String, String> {
    let offline = OFFLINE.iter().filter(|_| !order.network);
    let fixed = [("GIT_TERMINAL_PROMPT", "0"), ("NO_COLOR", "1")];
    let all = offline.chain(&fixed).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    all.collect()
}
