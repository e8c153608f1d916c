//! The `github` context: what an event on a branch is known to say, and what only the run will show.
//!
//! Known are the event, the repository, the references, and the shape of the payload: a key that the payload of this
//! event does not have is null. Not known are people, labels, messages, and where a pull request comes from.

use super::event::{CiEvent, EventKind};
use super::expression::{Known, Value};

/// The context `github` of a workflow of this name.
pub fn github_context(event: &CiEvent, workflow: &str, inputs: &Value) -> Value {
    let (owner, full_name) = repository_names(event);
    let known = [
        ("event_name", event_name(event)),
        ("workflow", Value::text(workflow)),
        ("repository", full_name),
        ("repository_owner", owner),
        ("ref", reference(event)),
        ("ref_name", reference_name(event)),
        ("ref_type", Value::text("branch")),
        ("base_ref", base(event)),
        ("head_ref", head(event)),
        ("sha", commit(event)),
        ("event", payload(event, inputs)),
        ("server_url", Value::text("https://github.com")),
        ("api_url", Value::text("https://api.github.com")),
        ("graphql_url", Value::text("https://api.github.com/graphql")),
    ];
    let unknown = UNKNOWN_TEXTS.map(|key| (key, Value::unknown_after(format!("github.{key}"), "")));
    Value::open("github", known.into_iter().chain(unknown))
}

/// Keys that always hold text, which only the run shows.
const UNKNOWN_TEXTS: [&str; 10] = [
    "actor",
    "actor_id",
    "triggering_actor",
    "run_id",
    "run_number",
    "run_attempt",
    "repository_id",
    "repository_owner_id",
    "workflow_ref",
    "workflow_sha",
];

fn event_name(event: &CiEvent) -> Value {
    match event.kind {
        EventKind::All => Value::unknown_text("github.event_name"),
        kind => Value::text(kind.name()),
    }
}

fn repository_names(event: &CiEvent) -> (Value, Value) {
    match &event.repository {
        Some((owner, name)) => (Value::text(owner), Value::text(&format!("{owner}/{name}"))),
        None => (
            Value::unknown_after("github.repository_owner", ""),
            Value::unknown_after("github.repository", ""),
        ),
    }
}

fn reference(event: &CiEvent) -> Value {
    let branch = &event.branch;
    match event.kind {
        EventKind::Push | EventKind::WorkflowDispatch => Value::text(&format!("refs/heads/{branch}")),
        EventKind::PullRequest => Value::unknown_number_between("github.ref", "refs/pull/", "/merge"),
        EventKind::MergeGroup => {
            Value::unknown_after("github.ref", format!("refs/heads/gh-readonly-queue/{branch}/"))
        }
        EventKind::All => Value::unknown_after("github.ref", "refs/"),
    }
}

fn reference_name(event: &CiEvent) -> Value {
    let branch = &event.branch;
    match event.kind {
        EventKind::Push | EventKind::WorkflowDispatch => Value::text(branch),
        EventKind::MergeGroup => {
            Value::unknown_after("github.ref_name", format!("gh-readonly-queue/{branch}/"))
        }
        EventKind::PullRequest => Value::unknown_number_between("github.ref_name", "", "/merge"),
        EventKind::All => Value::unknown_after("github.ref_name", ""),
    }
}

fn base(event: &CiEvent) -> Value {
    match event.kind {
        EventKind::PullRequest => Value::text(&event.branch),
        EventKind::All => Value::unknown_text("github.base_ref"),
        _ => Value::text(""),
    }
}

fn head(event: &CiEvent) -> Value {
    match event.kind {
        EventKind::PullRequest => Value::unknown_after("github.head_ref", ""),
        EventKind::All => Value::unknown_text("github.head_ref"),
        _ => Value::text(""),
    }
}

fn commit(event: &CiEvent) -> Value {
    match event.kind {
        EventKind::Push | EventKind::WorkflowDispatch => Value::text(&event.commit),
        _ => Value::unknown_after("github.sha", ""),
    }
}

fn payload(event: &CiEvent, inputs: &Value) -> Value {
    let open = |key: &str| (key.to_owned(), Value::open(&format!("github.event.{key}"), []));
    let mut keys = vec![("repository".to_owned(), repository(event)), open("sender"), open("organization")];
    match event.kind {
        EventKind::All => return Value::unknown("github.event", Known::Nothing),
        EventKind::Push => keys.extend(pushed(event)),
        EventKind::MergeGroup => keys.extend(queued(event)),
        EventKind::PullRequest => keys.extend(proposed(event)),
        EventKind::WorkflowDispatch => {
            keys.push(("inputs".to_owned(), inputs.clone()));
            keys.push(("ref".to_owned(), Value::text(&format!("refs/heads/{}", event.branch))));
        }
    }
    Value::object(keys.into_iter().collect())
}

fn repository(event: &CiEvent) -> Value {
    let (owner, full_name) = repository_names(event);
    let name = event.repository.as_ref().map_or_else(
        || Value::unknown_after("github.event.repository.name", ""),
        |(_, name)| Value::text(name),
    );
    let owner = Value::open("github.event.repository.owner", [("login", owner.clone()), ("name", owner)]);
    let known = [
        ("name", name),
        ("full_name", full_name),
        ("owner", owner),
        ("private", Value::Bool(false)),
        ("fork", Value::Bool(false)),
    ];
    Value::open("github.event.repository", known)
}

fn pushed(event: &CiEvent) -> Vec<(String, Value)> {
    let head = Value::open("github.event.head_commit", [("id", Value::text(&event.commit))]);
    let keys = [
        ("ref", Value::text(&format!("refs/heads/{}", event.branch))),
        ("after", Value::text(&event.commit)),
        ("before", Value::unknown_after("github.event.before", "")),
        ("created", Value::unknown_bool("github.event.created")),
        ("deleted", Value::Bool(false)),
        ("forced", Value::unknown_bool("github.event.forced")),
        ("compare", Value::unknown_after("github.event.compare", "")),
        ("commits", Value::unknown("github.event.commits", Known::List)),
        ("head_commit", head),
        ("pusher", Value::open("github.event.pusher", [])),
    ];
    named(keys)
}

fn queued(event: &CiEvent) -> Vec<(String, Value)> {
    let branch = &event.branch;
    let head = format!("refs/heads/gh-readonly-queue/{branch}/");
    let group = [
        ("base_ref", Value::text(&format!("refs/heads/{branch}"))),
        ("head_ref", Value::unknown_after("github.event.merge_group.head_ref", head)),
    ];
    named([
        ("action", Value::text(event.action.as_deref().unwrap_or("checks_requested"))),
        ("merge_group", Value::open("github.event.merge_group", group)),
    ])
}

fn proposed(event: &CiEvent) -> Vec<(String, Value)> {
    let action = event.action.as_deref().unwrap_or("opened");
    let base = [("ref", Value::text(&event.branch)), ("repo", repository(event))];
    let head = [("ref", Value::unknown_after("github.event.pull_request.head.ref", ""))];
    let request = [
        ("base", Value::open("github.event.pull_request.base", base)),
        ("head", Value::open("github.event.pull_request.head", head)),
        ("labels", Value::unknown("github.event.pull_request.labels", Known::List)),
        ("draft", Value::unknown_bool("github.event.pull_request.draft")),
        ("merged", Value::Bool(false)),
        ("number", Value::unknown("github.event.pull_request.number", Known::Truth(true))),
        ("state", Value::text("open")),
        ("user", Value::open("github.event.pull_request.user", [])),
    ];
    let mut keys = named([
        ("action", Value::text(action)),
        ("number", Value::unknown("github.event.number", Known::Truth(true))),
        ("pull_request", Value::open("github.event.pull_request", request)),
    ]);
    if ["labeled", "unlabeled"].contains(&action) {
        keys.push(("label".to_owned(), Value::open("github.event.label", [])));
    }
    if action == "synchronize" {
        keys.extend(
            ["before", "after"]
                .map(|key| (key.to_owned(), Value::unknown_after(format!("github.event.{key}"), ""))),
        );
    }
    keys
}

fn named<const N: usize>(entries: [(&str, Value); N]) -> Vec<(String, Value)> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
