//! Whether an event starts a workflow: `on` with its filters.

use super::glob::matches_one;
use super::job::texts;
use super::workflow_file::WorkflowFile;
use crate::matrix::event::{CiEvent, EventKind};
use crate::matrix::expression::Value;

/// What `on` says of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerAnswer {
    /// The event starts the workflow.
    Starts {
        /// Whether that hangs on which files changed; it is taken that they match.
        paths_assumed: bool,
        /// What it hangs on besides, if on something.
        perhaps: Option<String>,
    },
    /// It does not.
    Stays {
        /// Why.
        why: String,
    },
}

/// The activities of a pull request that start a workflow which names none.
const USUAL_PULL_REQUEST: [&str; 3] = ["opened", "synchronize", "reopened"];

/// Whether this event starts this workflow.
pub fn answer(file: &WorkflowFile, event: &CiEvent) -> TriggerAnswer {
    let name = event.kind.name();
    if event.kind == EventKind::All {
        return TriggerAnswer::Starts { paths_assumed: false, perhaps: None };
    }
    let Some(filters) = file.on(name) else {
        let starts = file.events().join("`, `");
        return TriggerAnswer::Stays { why: format!("`{name}` does not start it, only `{starts}`") };
    };
    let kept_back = match event.kind {
        EventKind::Push => tags_only(&filters).or_else(|| branch_filter(&filters, &event.branch)),
        EventKind::PullRequest => activity_filter(&filters, event, &USUAL_PULL_REQUEST)
            .or_else(|| branch_filter(&filters, &event.branch)),
        EventKind::MergeGroup => activity_filter(&filters, event, &["checks_requested"])
            .or_else(|| branch_filter(&filters, &event.branch)),
        EventKind::WorkflowDispatch | EventKind::All => None,
    };
    let mark = event.stopped_by();
    let stopped = mark.filter(|mark| mark.is_certain).map(|mark| {
        format!(
            "the commit's message holds `{}`, with which pushes and pull requests start nothing",
            mark.text
        )
    });
    match kept_back.or(stopped) {
        Some(why) => TriggerAnswer::Stays { why },
        None => TriggerAnswer::Starts {
            paths_assumed: has(&filters, "paths") || has(&filters, "paths-ignore"),
            perhaps: mark.map(|mark| format!("`{}` in the commit's message", mark.text)),
        },
    }
}

fn has(filters: &Value, key: &str) -> bool {
    filters.as_object().is_some_and(|filters| filters.contains(key))
}

/// A push of a branch does not start what names tags and no branches.
fn tags_only(filters: &Value) -> Option<String> {
    let tags = has(filters, "tags") || has(filters, "tags-ignore");
    let branches = has(filters, "branches") || has(filters, "branches-ignore");
    (tags && !branches).then(|| "it starts on tags only".to_owned())
}

fn branch_filter(filters: &Value, branch: &str) -> Option<String> {
    let (wanted, ignored) = (texts(&filters.get("branches")), texts(&filters.get("branches-ignore")));
    if has(filters, "branches") && !matches_one(&wanted, branch) {
        return Some(format!("its branches `{}` do not match `{branch}`", wanted.join("`, `")));
    }
    if has(filters, "branches-ignore") && matches_one(&ignored, branch) {
        return Some(format!("`{branch}` is among the branches that it ignores"));
    }
    None
}

fn activity_filter(filters: &Value, event: &CiEvent, usual: &[&str]) -> Option<String> {
    let action = event.action.as_deref()?;
    let named = texts(&filters.get("types"));
    let starts =
        if has(filters, "types") { named.iter().any(|kind| kind == action) } else { usual.contains(&action) };
    (!starts).then(|| match named.as_slice() {
        [] => format!("`{action}` is none of the usual activities"),
        named => format!("its types `{}` do not hold `{action}`", named.join("`, `")),
    })
}
