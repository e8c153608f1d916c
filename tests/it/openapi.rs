//! Every request that was sent and every answer that the emulated GitHub gave, held against GitHub's own description
//! (`@octokit/openapi`): method, path, query, body, unknown keys, status, and the answer's schema.
//!
//! `LOCKGATE_OPENAPI` names `api.github.com.json`; `.ci/run` takes it from npm. The description is huge: of it, each check
//! takes the schemas that it reaches.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::graphql;
use crate::support::{absent, edit};

/// Statuses that GitHub answers and its description does not list, each with where it is known from.
const UNDOCUMENTED: &[(&str, &str, u16, &str)] = &[
    ("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", 406, "a difference that is too long"),
    ("GET", "/repos/{owner}/{repo}/releases/latest", 404, "there is no release yet (documentation, REST)"),
    ("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", 404, "a repository that the token does not see"),
    ("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", 404, "a repository that the token does not see"),
    ("GET", "/repos/{owner}/{repo}/pulls", 404, "a repository that the token does not see"),
    (
        "GET",
        "/repos/{owner}/{repo}/releases/{release_id}",
        404,
        "a release that was deleted (documentation, REST)",
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun",
        403,
        "the run has not ended (seen in public logs)",
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs",
        403,
        "the run has not ended, or nothing in it failed (seen in public logs)",
    ),
];

/// What is no part of the description: GraphQL has a schema of its own.
const GRAPHQL: &str = "/graphql";

/// Keys of answers that GitHub sends and its description does not know everywhere.
const UNKNOWN_IN_ANSWERS: &[(&str, &str)] = &[("status", "every refusal carries it (`basic-error`)")];

/// Query parameters whose values have another form than the description says.
const OTHER_FORMS: &[(&str, &str)] =
    &[("created", "a range of times (documentation, \"Understanding the search syntax\")")];

/// GitHub's description.
struct Description {
    document: Value,
    /// Method, template, and its parts.
    operations: Vec<(String, String, Vec<String>)>,
}

/// What was held against it.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    requests: usize,
    answers: usize,
    operations: BTreeSet<String>,
    /// Statuses that only the list above explains.
    undocumented: BTreeMap<String, usize>,
    /// Requests and answers of GraphQL that were held against its schema.
    graphql: usize,
    wrong: BTreeMap<String, usize>,
}

impl Counts {
    /// Adds what another world's exchanges came to.
    pub(crate) fn add(&mut self, other: Counts) {
        self.requests += other.requests;
        self.answers += other.answers;
        self.graphql += other.graphql;
        self.operations.extend(other.operations);
        for (into, from) in [(&mut self.undocumented, other.undocumented), (&mut self.wrong, other.wrong)] {
            for (what, count) in from {
                *into.entry(what).or_default() += count;
            }
        }
    }

    /// Keeps the counts for whoever runs the tests, and fails where something was not as described.
    #[track_caller]
    pub(crate) fn conclude(&self, of: &str) {
        let mut text = format!(
            "{of}: {} requests and {} answers valid on {} operations; {} of GraphQL\n",
            self.requests,
            self.answers,
            self.operations.len(),
            self.graphql
        );
        for (what, count) in &self.undocumented {
            let _ = writeln!(text, "  undocumented {count} times: {what}");
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(folder.join(format!("openapi-{of}.txt")), &text).unwrap();
        let wrong: Vec<String> = self.wrong.iter().map(|(what, count)| format!("{count} x {what}")).collect();
        assert!(wrong.is_empty(), "{} kinds of violations\n{}", wrong.len(), wrong.join("\n"));
        assert!(self.requests > 0, "nothing was recorded");
    }
}

/// The description, read once.
fn description() -> Option<&'static Description> {
    static READ: OnceLock<Option<Description>> = OnceLock::new();
    READ.get_or_init(|| {
        let path = std::env::var_os("LOCKGATE_OPENAPI");
        let path = absent(path, "LOCKGATE_OPENAPI names no api.github.com.json of npm's @octokit/openapi")?;
        let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut operations = Vec::new();
        for (template, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let parts = template.split('/').skip(1).map(str::to_owned).collect();
                operations.push((method.to_uppercase(), template.clone(), parts));
            }
        }
        Some(Description { document, operations })
    })
    .as_ref()
}

/// Has the world of a release record all that is said.
pub(crate) fn record(release: &Path) {
    edit(release, "world.toml", "start = ", "record = true\nstart = ");
}

/// Holds everything that the world in this folder recorded against the description; `None` where there is none.
pub(crate) fn validated(world: &Path) -> Option<Counts> {
    let description = description()?;
    let text = std::fs::read_to_string(world.join("exchanges.jsonl")).unwrap();
    let mut checking = Checking { description, validators: BTreeMap::new(), counts: Counts::default() };
    for line in text.lines() {
        checking.exchange(&serde_json::from_str(line).unwrap());
    }
    Some(checking.counts)
}

struct Checking {
    description: &'static Description,
    validators: BTreeMap<String, jsonschema::Validator>,
    counts: Counts,
}

impl Checking {
    fn exchange(&mut self, exchange: &Value) {
        let (method, path) = (exchange["method"].as_str().unwrap(), exchange["path"].as_str().unwrap());
        if path == GRAPHQL {
            return self.graphql(exchange);
        }
        let method = if method == "HEAD" { "GET" } else { method };
        let Some(template) = self.description.template(method, path) else {
            return self.wrong(format!("{method} {path} is no operation"));
        };
        let name = format!("{method} {template}");
        let operation = &self.description.document["paths"][&template][method.to_lowercase()];
        self.query(&name, operation, exchange["query"].as_str().unwrap());
        self.body(&name, operation, &exchange["body"]);
        self.counts.requests += 1;
        self.answer(&name, &template, method, operation, exchange);
        self.counts.operations.insert(name);
    }

    fn graphql(&mut self, exchange: &Value) {
        let Some(schema) = graphql::schema() else { return };
        let status = &exchange["status"];
        if status != 200 {
            return;
        }
        self.counts.graphql += 1;
        for violation in graphql::violations(schema, &exchange["body"], &exchange["answer"]) {
            self.wrong(format!("GraphQL: {violation}"));
        }
    }

    fn wrong(&mut self, what: String) {
        *self.counts.wrong.entry(what).or_default() += 1;
    }

    /// Each parameter is known, and has a value of its type.
    fn query(&mut self, name: &str, operation: &'static Value, query: &str) {
        let known: Vec<&Value> = list(&operation["parameters"]).map(|one| self.description.at(one)).collect();
        for (key, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(parameter) =
                known.iter().find(|one| one["in"] == "query" && one["name"] == key.as_ref())
            else {
                self.wrong(format!("{name}: the query parameter `{key}` is unknown"));
                continue;
            };
            let kind = self.description.at(&parameter["schema"])["type"].as_str().unwrap_or("string");
            let value = match kind {
                "integer" | "boolean" => serde_json::from_str(&text).unwrap_or_else(|_| json!(text)),
                "array" => json!(text.split(',').collect::<Vec<_>>()),
                _ => json!(text),
            };
            if !OTHER_FORMS.iter().any(|(other, _)| *other == key) {
                self.fits(&format!("{name} ?{key}"), &parameter["schema"], &value);
            }
        }
    }

    /// The body has the schema, and no key that it does not know.
    fn body(&mut self, name: &str, operation: &'static Value, body: &Value) {
        let content = &self.description.at(&operation["requestBody"])["content"];
        let schema = &content["application/json"]["schema"];
        if body.is_null() || schema.is_null() {
            let is_wrong = !body.is_null() && content.is_null();
            if is_wrong {
                self.wrong(format!("{name}: it takes no body"));
            }
            return;
        }
        self.fits(&format!("{name} body"), schema, body);
        for key in self.description.unknown(schema, body) {
            self.wrong(format!("{name}: the key `{key}` of the body is unknown"));
        }
    }

    /// The status is documented, or known to be answered all the same; the answer has its schema.
    fn answer(
        &mut self,
        name: &str,
        template: &str,
        method: &str,
        operation: &'static Value,
        exchange: &Value,
    ) {
        let status = u16::try_from(exchange["status"].as_u64().unwrap()).unwrap();
        // "Most endpoints return an `etag` header … you will receive a `304 Not Modified` status" (GitHub's documentation, "Best
        // practices for using the REST API"); the description has it for a few only.
        if status == 304 && method == "GET" && exchange["answer"].is_null() {
            return;
        }
        let response = &operation["responses"][status.to_string()];
        if response.is_null() {
            let known =
                UNDOCUMENTED.iter().find(|known| (known.0, known.1, known.2) == (method, template, status));
            return match known {
                Some((.., reason)) => {
                    *self.counts.undocumented.entry(format!("{name} {status}: {reason}")).or_default() += 1;
                }
                None => self.wrong(format!("{name} answers {status}, which is not documented")),
            };
        }
        let schema = &self.description.at(response)["content"]["application/json"]["schema"];
        let answer = &exchange["answer"];
        if schema.is_null() || exchange["method"] == "HEAD" || exchange["file"] == json!(true) {
            return;
        }
        self.counts.answers += 1;
        self.fits(&format!("{name} {status}"), schema, answer);
        for key in self.description.unknown(schema, answer) {
            if !UNKNOWN_IN_ANSWERS.iter().any(|(known, _)| *known == key) {
                self.wrong(format!("{name} {status}: the key `{key}` of the answer is unknown"));
            }
        }
    }

    fn fits(&mut self, name: &str, schema: &'static Value, value: &Value) {
        let description = self.description;
        let validator =
            self.validators.entry(name.to_owned()).or_insert_with(|| description.validator(schema));
        let errors: BTreeSet<String> = validator
            .iter_errors(value)
            .map(|error| {
                format!(
                    "{name}: {} {}",
                    places(&error.instance_path().to_string()),
                    short(&error.to_string())
                )
            })
            .collect();
        errors.into_iter().for_each(|error| self.wrong(error));
    }
}

/// `/0/user` and `/1/user` are one place.
fn places(pointer: &str) -> String {
    pointer
        .split('/')
        .map(|part| if part.parse::<usize>().is_ok() { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn short(text: &str) -> String {
    text.chars().rev().take(160).collect::<Vec<_>>().into_iter().rev().collect()
}

fn list(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().into_iter().flatten()
}

impl Description {
    /// The template of an address: the one that says most of it.
    fn template(&self, method: &str, path: &str) -> Option<String> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let fitting = self.operations.iter().filter(|(of, _, parts)| of == method && fits(parts, &segments));
        let said = |parts: &[String]| parts.iter().filter(|part| !part.starts_with('{')).count();
        let found = fitting.max_by_key(|(_, _, parts)| (said(parts), Reverse(parts.len())))?;
        Some(found.1.clone())
    }

    /// The value itself, or what it refers to.
    fn at(&'static self, value: &'static Value) -> &'static Value {
        match value["$ref"].as_str() {
            Some(reference) => self.at(self.document.pointer(&reference[1..]).unwrap()),
            None => value,
        }
    }

    /// A validator of this schema with all that it reaches.
    fn validator(&self, schema: &Value) -> jsonschema::Validator {
        let mut reached = BTreeMap::new();
        let mut ahead = vec![schema.clone()];
        while let Some(next) = ahead.pop() {
            for name in references(&next) {
                if let Entry::Vacant(place) = reached.entry(name) {
                    let found = self.document["components"]["schemas"][place.key()].clone();
                    ahead.push(found.clone());
                    place.insert(with_null(found));
                }
            }
        }
        let whole = json!({"allOf": [with_null(schema.clone())], "components": {"schemas": reached}});
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&whole)
            .unwrap()
    }

    /// The keys of a value, at any depth, that its schema does not know.
    fn unknown(&'static self, schema: &'static Value, value: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.find_unknown(&[schema], value, "", &mut found);
        found
    }

    fn find_unknown(
        &'static self,
        schemas: &[&'static Value],
        value: &Value,
        place: &str,
        found: &mut BTreeSet<String>,
    ) {
        let schemas: Vec<&Value> = schemas.iter().flat_map(|schema| self.alternatives(schema)).collect();
        match value {
            Value::Array(items) => {
                let below: Vec<&Value> =
                    schemas.iter().map(|schema| &schema["items"]).filter(|items| !items.is_null()).collect();
                if !below.is_empty() {
                    items.iter().for_each(|item| self.find_unknown(&below, item, place, found));
                }
            }
            Value::Object(members) => {
                let is_closed = schemas.iter().any(|schema| schema["properties"].is_object())
                    && schemas.iter().all(|schema| !is_open(schema));
                for (key, member) in members {
                    let below: Vec<&Value> = schemas
                        .iter()
                        .map(|schema| &schema["properties"][key])
                        .filter(|property| !property.is_null())
                        .collect();
                    let place = format!("{place}.{key}");
                    if !below.is_empty() {
                        self.find_unknown(&below, member, &place, found);
                    } else if is_closed {
                        found.insert(place.trim_start_matches('.').to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    /// The schema and everything that it is made of.
    fn alternatives(&'static self, schema: &'static Value) -> Vec<&'static Value> {
        let schema = self.at(schema);
        let mut all = vec![schema];
        for key in ["allOf", "anyOf", "oneOf"] {
            all.extend(list(&schema[key]).flat_map(|part| self.alternatives(part)));
        }
        all
    }
}

/// Whether it takes keys that it does not name.
fn is_open(schema: &Value) -> bool {
    !matches!(schema["additionalProperties"], Value::Null | Value::Bool(false))
}

/// Whether an address has the form of a template. References and paths may hold slashes.
fn fits(parts: &[String], segments: &[&str]) -> bool {
    match (parts, segments) {
        ([], []) => true,
        ([part, rest @ ..], [_, below @ ..])
            if ["{ref}", "{path}", "{basehead}"].contains(&part.as_str()) =>
        {
            (0..=below.len()).any(|taken| fits(rest, &below[taken..]))
        }
        ([part, rest @ ..], [segment, below @ ..]) => {
            (part.starts_with('{') || part == segment) && fits(rest, below)
        }
        _ => false,
    }
}

/// The names of the schemas that a value refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            own.map(str::to_owned).into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// OpenAPI 3.0 says `nullable` where JSON Schema has another type.
fn with_null(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(with_null).collect()),
        Value::Object(members) => {
            let is_nullable = members.get("nullable") == Some(&Value::Bool(true));
            let members: Map<String, Value> = members
                .into_iter()
                .filter(|(key, _)| key != "nullable" && key != "example")
                .map(|(key, value)| (key, with_null(value)))
                .collect();
            let plain = Value::Object(members);
            if is_nullable { json!({"anyOf": [plain, {"type": "null"}]}) } else { plain }
        }
        other => other,
    }
}

mod stories {
    use super::*;
    use crate::support::{World, copy, fixture, rehearsed, without_the_conflict};

    /// What a rehearsal of a fixture recorded.
    fn of(name: &str) -> Option<Counts> {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        match name {
            "conflict" => without_the_conflict(folder.path()),
            name => copy(&fixture(name), folder.path()),
        }
        record(folder.path());
        rehearsed(&world, folder.path(), 0);
        validated(&world.path())
    }

    #[test]
    fn demo_sends_and_is_answered_what_github_describes() {
        let Some(counts) = of("demo") else { return };
        counts.conclude("demo");
    }

    #[test]
    fn other_rehearsals_send_and_are_answered_what_github_describes() {
        let mut all = Counts::default();
        for name in ["conflict", "go-modules", "npm-workspace", "python-towncrier"] {
            let Some(counts) = of(name) else { return };
            all.add(counts);
        }
        all.conclude("fixtures");
    }

    #[test]
    fn what_is_not_described_is_found() {
        let Some(description) = description() else { return };
        let found = |exchange: Value| {
            let mut checking =
                Checking { description, validators: BTreeMap::new(), counts: Counts::default() };
            checking.exchange(&exchange);
            checking.counts.wrong.into_keys().collect::<Vec<_>>().join("\n")
        };
        let exchange = |method: &str, path: &str, query: &str, body: Value, status: u16, answer: Value| {
            found(json!({"method": method, "path": path, "query": query, "body": body, "status": status,
                "answer": answer}))
        };
        let pulls = "/repos/o/r/pulls";
        let wrong = exchange("GET", "/repos/o/r/nothing/of/the/kind", "", Value::Null, 200, json!({}));
        assert!(wrong.contains("is no operation"), "{wrong}");
        let wrong = exchange("GET", pulls, "stat=open&per_page=x", Value::Null, 200, json!([]));
        assert!(wrong.contains("`stat` is unknown") && wrong.contains("?per_page"), "{wrong}");
        let body = json!({"head": "a", "base": 7, "titel": "x"});
        let wrong = exchange("POST", pulls, "", body, 418, json!({}));
        assert!(wrong.contains("`titel` of the body is unknown") && wrong.contains("/base"), "{wrong}");
        assert!(wrong.contains("answers 418, which is not documented"), "{wrong}");
        let wrong =
            exchange("GET", "/repos/o/r/git/ref/heads/a/b", "", Value::Null, 200, json!({"ref": 1, "x": 2}));
        assert!(
            wrong.contains("\"node_id\" is a required property") && wrong.contains("`x` of the answer"),
            "{wrong}"
        );
    }
}
