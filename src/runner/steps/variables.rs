//! The variables that every step starts with, and the `github` context as a run fills it in.

use std::collections::BTreeMap;

use crate::matrix::{Object, Value, as_json};
use crate::runner::executor::AttemptOrder;

/// Keys of `github` that every step has as `GITHUB_…`.
const SHOWN: [&str; 19] = [
    "action_path",
    "actor",
    "api_url",
    "base_ref",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "ref",
    "ref_name",
    "ref_type",
    "repository",
    "repository_owner",
    "run_attempt",
    "run_id",
    "run_number",
    "server_url",
    "sha",
];

/// The `github` context in the run: what the plan knows, and what this run knows besides. There is no token.
pub(super) fn github(order: &AttemptOrder<'_>, planned: &Value, action_path: Option<&str>) -> Value {
    let path = |path: std::path::PathBuf| Value::text(&path.to_string_lossy());
    let number = || Value::text("1");
    let planned = planned.as_object().into_iter().flat_map(Object::iter);
    let mut known: Vec<(&str, Value)> = planned.map(|(key, value)| (key, value.clone())).collect();
    known.extend([
        ("sha", Value::text(order.tree.commit.as_str())),
        ("job", Value::text(order.entry.key.id())),
        ("workspace", path(order.workspace.tree())),
        ("event_path", path(order.workspace.commands().join("event.json"))),
        ("run_id", number()),
        ("run_number", number()),
        ("run_attempt", number()),
        ("token", Value::text("")),
        ("action_path", Value::text(action_path.unwrap_or_default())),
        ("action_status", Value::text("success")),
    ]);
    Value::open("github", known)
}

/// The `runner` context.
pub(super) fn runner(order: &AttemptOrder<'_>) -> Value {
    let (system, architecture) = words();
    let path = |path: std::path::PathBuf| Value::text(&path.to_string_lossy());
    Value::mapping([
        ("os", Value::text(system)),
        ("arch", Value::text(architecture)),
        ("name", Value::text("lockgate")),
        ("environment", Value::text(order.entry.runner.environment())),
        ("temp", path(order.workspace.temporary())),
        ("tool_cache", path(order.workspace.tools())),
        ("debug", Value::text("")),
        ("workspace", path(order.workspace.root().to_owned())),
    ])
}

/// What this machine is, in the runner's words.
fn words() -> (&'static str, &'static str) {
    let system = match std::env::consts::OS {
        "macos" => "macOS",
        "windows" => "Windows",
        _ => "Linux",
    };
    (system, if std::env::consts::ARCH == "aarch64" { "ARM64" } else { "X64" })
}

/// The variables that the runner sets for every step: those of `github` that are known, and its own.
pub(super) fn of_runner(order: &AttemptOrder<'_>, github: &Value) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for key in SHOWN {
        let value = github.get(key);
        if value.hangs_on().is_none() && !value.is_null() && !value.to_text().is_empty() {
            variables.insert(format!("GITHUB_{}", key.to_uppercase()), value.to_text());
        }
    }
    let runner = runner(order);
    for key in ["os", "arch", "name", "environment", "temp", "tool_cache"] {
        variables.insert(format!("RUNNER_{}", key.to_uppercase()), runner.get(key).to_text());
    }
    let workspace = order.workspace.tree().to_string_lossy().into_owned();
    let fixed = [
        ("CI", "true".to_owned()),
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_WORKSPACE", workspace),
        ("GITHUB_WORKFLOW", github.get("workflow").to_text()),
        ("GIT_TERMINAL_PROMPT", "0".to_owned()),
    ];
    variables.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    if !order.network {
        variables.extend(OFFLINE.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    variables
}

/// What tells package managers to take what is in their caches and not to wait for a network that is not there.
pub(in crate::runner) const OFFLINE: [(&str, &str); 5] = [
    ("CARGO_NET_OFFLINE", "true"),
    ("npm_config_offline", "true"),
    ("GOPROXY", "off"),
    ("UV_OFFLINE", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
];

/// The payload of the event, as far as it is known.
pub(in crate::runner) fn payload(github: &Value) -> serde_json::Value {
    as_json(&known_part(&github.get("event")))
}

fn known_part(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let known = object.iter().filter(|(_, value)| !matches!(value, Value::Unknown(_)));
            Value::object(known.map(|(key, value)| (key.to_owned(), known_part(value))).collect::<Object>())
        }
        other => other.clone(),
    }
}
