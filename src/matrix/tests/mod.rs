//! Small workflows of our own for the constructs that planners get wrong. The numbers are those of the list of such
//! constructs in the corpora (`matrix-dev/TRICKY.md`), where real projects are named.

mod calls;
mod conditions;
mod events;
mod files;
mod matrices;
mod names;
mod places;
mod refusals;
mod sizes;

use std::collections::BTreeMap;

use super::event::{CiEvent, EventKind};
use super::expression::{Value, as_json};
use super::jobs::Library;
use super::place::{ActionFiles, Capabilities};
use super::plan::plan_event;
use super::reading::WorkflowFile;
use super::runner::{Architecture, OperatingSystem};
use super::written::WrittenEntry;

/// A tree that holds nothing but workflows and actions.
pub(super) struct Tree(BTreeMap<&'static str, &'static str>);

impl ActionFiles for Tree {
    fn action(&self, folder: &str) -> Option<String> {
        self.0.get(format!("{folder}/action.yml").as_str()).map(|text| (*text).to_owned())
    }
}

impl Tree {
    /// Of files by name: workflows as `ci.yml`, actions as `folder/action.yml`.
    pub(super) fn of<const N: usize>(files: [(&'static str, &'static str); N]) -> Tree {
        Tree(files.into_iter().collect())
    }

    /// One workflow, `ci.yml`.
    pub(super) fn ci(text: &'static str) -> Tree {
        Tree::of([("ci.yml", text)])
    }

    pub(super) fn library(&self) -> Library<'_> {
        let workflows = self.0.iter().filter(|(name, _)| !name.contains('/')).map(|(name, text)| {
            let path = format!(".github/workflows/{name}");
            let read = WorkflowFile::read(&path, text);
            (path, read)
        });
        Library::of(workflows.collect(), self)
    }

    /// The entries under an event, as lines of JSON.
    pub(super) fn under(&self, event: &CiEvent) -> Vec<serde_json::Value> {
        let plan = plan_event(&self.library(), event, Some(&machine()), &|_| true);
        plan.entries().map(|entry| serde_json::json!(WrittenEntry::of(entry))).collect()
    }

    pub(super) fn push(&self) -> Vec<serde_json::Value> {
        self.under(&event(EventKind::Push, None))
    }

    pub(super) fn pull_request(&self) -> Vec<serde_json::Value> {
        self.under(&event(EventKind::PullRequest, Some("opened")))
    }
}

/// An event on `main` of `acme/pump`.
pub(super) fn event(kind: EventKind, action: Option<&str>) -> CiEvent {
    CiEvent {
        kind,
        action: action.map(str::to_owned),
        branch: "main".to_owned(),
        repository: Some(("acme".to_owned(), "pump".to_owned())),
        commit: "0123456789".to_owned(),
        skip: None,
    }
}

/// A Linux machine with a few tools.
pub(super) fn machine() -> Capabilities {
    let programs = [("cargo", None), ("git", None), ("node", Some("20.11.1")), ("python3", Some("3.12.1"))];
    Capabilities {
        system: OperatingSystem::Linux,
        architecture: Architecture::X64,
        processor_flags: ["sse4_2".to_owned()].into(),
        programs: programs.map(|(name, version)| (name.to_owned(), version.map(str::to_owned))).into(),
        labels: Default::default(),
        actions: Default::default(),
    }
}

/// One field of each line.
pub(super) fn field(lines: &[serde_json::Value], key: &str) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    lines.iter().map(|line| text(&line[key])).collect()
}

/// Job and verdict of each line.
pub(super) fn verdicts(lines: &[serde_json::Value]) -> Vec<String> {
    let (jobs, verdicts) = (field(lines, "job"), field(lines, "verdict"));
    jobs.iter().zip(verdicts).map(|(job, verdict)| format!("{job}: {verdict}")).collect()
}

/// A value as JSON, for messages.
pub(super) fn json(value: &Value) -> String {
    as_json(value).to_string()
}
