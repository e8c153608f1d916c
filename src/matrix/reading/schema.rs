//! What GitHub's schema takes (`workflow-v1.0.json` of actions/runner): which keys there are, and of what kind their values
//! are. Keys that are still being added to (`permissions`, `concurrency`, `container`, …) are not listed.

use crate::matrix::expression::{Value, holds_expression};

/// What may stand at a place.
enum Shape {
    /// Anything.
    Any,
    /// A scalar; nothing is empty text.
    Text,
    /// A scalar that is not empty.
    Filled,
    /// True or false.
    Truth,
    /// A number.
    Number,
    /// Nothing.
    Nothing,
    /// A list of these.
    List(&'static Shape),
    /// A mapping with these keys, and with others only of the second shape.
    Mapping(&'static [(&'static str, Shape)], Option<&'static Shape>),
    /// A mapping that has this key.
    Needing(&'static str, &'static Shape),
    /// One of these.
    OneOf(&'static [Shape]),
}

use Shape::{Any, Filled, List, Mapping, Needing, Nothing, Number, OneOf, Text, Truth};

const TEXTS: Shape = Mapping(&[], Some(&Text));
const FILLED: Shape = OneOf(&[Filled, List(&Filled)]);
const FORM: Shape = OneOf(&[Nothing, Mapping(&[("inputs", Mapping(&[], Some(&Any)))], None)]);
const DEFAULTS: Shape =
    Mapping(&[("run", Mapping(&[("shell", Filled), ("working-directory", Filled)], None))], None);

const PUSH: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            ("branches", FILLED),
            ("branches-ignore", FILLED),
            ("tags", FILLED),
            ("tags-ignore", FILLED),
            ("paths", FILLED),
            ("paths-ignore", FILLED),
        ],
        None,
    ),
]);
const PULL_REQUEST: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            ("types", FILLED),
            ("branches", FILLED),
            ("branches-ignore", FILLED),
            ("paths", FILLED),
            ("paths-ignore", FILLED),
        ],
        None,
    ),
]);
const CALL: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            (
                "inputs",
                Mapping(
                    &[],
                    Some(&Needing(
                        "type",
                        &Mapping(&[("type", Filled), ("required", Truth), ("default", Text)], Some(&Text)),
                    )),
                ),
            ),
            ("outputs", Mapping(&[], Some(&Needing("value", &TEXTS)))),
            ("secrets", Mapping(&[], Some(&Any))),
        ],
        None,
    ),
]);
const ON: Shape = OneOf(&[
    Filled,
    List(&Filled),
    Mapping(
        &[
            ("push", PUSH),
            ("pull_request", PULL_REQUEST),
            ("workflow_dispatch", FORM),
            ("workflow_call", CALL),
        ],
        Some(&Any),
    ),
]);

const ROOT: Shape = Mapping(
    &[
        ("on", ON),
        ("name", Text),
        ("run-name", Text),
        ("defaults", DEFAULTS),
        ("env", TEXTS),
        ("permissions", Any),
        ("concurrency", Any),
        ("jobs", Any),
    ],
    None,
);

const MATRIX: Shape = Mapping(
    &[("include", List(&Mapping(&[], Some(&Any)))), ("exclude", List(&Mapping(&[], Some(&Any))))],
    Some(&List(&Any)),
);
const STRATEGY: Shape = Mapping(&[("fail-fast", Truth), ("max-parallel", Number), ("matrix", MATRIX)], None);

const JOB: Shape = Mapping(
    &[
        ("needs", FILLED),
        ("if", Text),
        ("strategy", STRATEGY),
        ("name", Text),
        ("runs-on", OneOf(&[Filled, List(&Filled), Mapping(&[("group", Filled), ("labels", FILLED)], None)])),
        ("timeout-minutes", Number),
        ("cancel-timeout-minutes", Number),
        ("continue-on-error", Truth),
        ("container", Any),
        ("services", Any),
        ("env", TEXTS),
        ("environment", Any),
        ("permissions", Any),
        ("concurrency", Any),
        ("outputs", TEXTS),
        ("defaults", DEFAULTS),
        ("steps", List(&Mapping(&[], Some(&Any)))),
        ("snapshot", Any),
    ],
    None,
);
const CALLING_JOB: Shape = Mapping(
    &[
        ("name", Text),
        ("uses", Filled),
        ("with", TEXTS),
        ("secrets", Any),
        ("needs", FILLED),
        ("if", Text),
        ("permissions", Any),
        ("concurrency", Any),
        ("strategy", STRATEGY),
    ],
    None,
);

const SCRIPT_STEP: Shape = Mapping(
    &[
        ("name", Text),
        ("id", Filled),
        ("if", Text),
        ("timeout-minutes", Number),
        ("run", Text),
        ("continue-on-error", Truth),
        ("background", Truth),
        ("env", TEXTS),
        ("working-directory", Text),
        ("shell", Filled),
    ],
    None,
);
const ACTION_STEP: Shape = Mapping(
    &[
        ("name", Text),
        ("id", Filled),
        ("if", Text),
        ("continue-on-error", Truth),
        ("timeout-minutes", Number),
        ("background", Truth),
        ("uses", Filled),
        ("with", TEXTS),
        ("env", TEXTS),
    ],
    None,
);

/// Keys of steps that are neither scripts nor actions. They and `background` are newer than the schema.
const OTHER_STEPS: [&str; 4] = ["parallel", "wait", "wait-all", "cancel"];

/// Something that does not fit: a text near its place, and what is wrong.
pub(super) type Misfit = (String, String);

/// What does not fit of a file, its jobs aside.
pub(super) fn of_file(root: &Value) -> Option<Misfit> {
    misfit(root, &ROOT, "the file")
}

/// What does not fit of a job.
pub(super) fn of_job(id: &str, body: &Value) -> Option<Misfit> {
    if !is_id(id) {
        let rule = "letters, digits, `-` and `_`, the first one a letter or `_`";
        return Some((id.to_owned(), format!("`{id}` is no id for a job: {rule}")));
    }
    let shape = if body.get("uses").is_null() { &JOB } else { &CALLING_JOB };
    misfit(body, shape, &format!("the job `{id}`"))
        .or_else(|| body.get("uses").as_text().and_then(of_call))
        .or_else(|| body.get("steps").as_items().and_then(|steps| steps.iter().find_map(of_step)))
}

/// What a job calls is a workflow file: of this repository, or of another one at a revision.
fn of_call(uses: &str) -> Option<Misfit> {
    let (path, revision) =
        uses.split_once('@').map_or((uses, None), |(path, revision)| (path, Some(revision)));
    let is_local = path.starts_with("./") || path.starts_with("$/");
    let is_file = path.contains("/.github/workflows/");
    let fits =
        if is_local { revision.is_none() } else { is_file && revision.is_some_and(|at| !at.is_empty()) };
    (!fits).then(|| {
        (
            uses.to_owned(),
            format!("`{uses}` is no workflow file of this repository or of another one at a revision"),
        )
    })
}

fn of_step(step: &Value) -> Option<Misfit> {
    let has = |key: &str| step.as_object().is_some_and(|step| step.contains(key));
    let near =
        || step.as_object().and_then(|step| step.iter().next()).map_or("steps", |(key, _)| key).to_owned();
    match (has("run"), has("uses")) {
        (true, true) => Some(("run:".to_owned(), "a step has both `run` and `uses`".to_owned())),
        (true, false) => misfit(step, &SCRIPT_STEP, "a step with `run`"),
        (false, true) => misfit(step, &ACTION_STEP, "a step with `uses`"),
        (false, false) if OTHER_STEPS.iter().any(|key| has(key)) => None,
        (false, false) => Some((near(), "a step has neither `run` nor `uses`".to_owned())),
    }
}

/// `IdBuilder.cs`.
fn is_id(id: &str) -> bool {
    let begins = id.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    begins && plain && !id.starts_with("__") && id.len() < 100
}

/// What does not fit; `name` is what the value is called. An expression may give anything.
fn misfit(value: &Value, shape: &Shape, name: &str) -> Option<Misfit> {
    if value.as_text().is_some() && holds_expression(value) {
        return None;
    }
    let is_not = |what: &str| Some((near(name), format!("{name} is {what}")));
    match (shape, value) {
        (Any, _) | (Nothing, Value::Null) | (Truth, Value::Bool(_)) | (Number, Value::Number(_)) => None,
        (Filled, Value::Null) => is_not("empty"),
        (Filled, Value::String(text)) if text.is_empty() => is_not("empty"),
        (Text | Filled, Value::Array(_) | Value::Object(_)) => is_not("no text"),
        (Text | Filled, _) => None,
        (Truth, _) => is_not("neither `true` nor `false`"),
        (Number, _) => is_not("no number"),
        (Nothing, _) => is_not("not empty"),
        (List(shape), Value::Array(array)) => array.items.iter().find_map(|item| misfit(item, shape, name)),
        (List(_), _) => is_not("no list"),
        (Needing(key, shape), Value::Object(object)) if object.contains(key) => misfit(value, shape, name),
        (Needing(key, _), _) => is_not(&format!("without `{key}`")),
        (Mapping(keys, others), Value::Object(object)) => object.iter().find_map(|(key, value)| {
            if key.contains("${{") {
                return None;
            }
            let quoted = format!("`{key}`");
            match (keys.iter().find(|(known, _)| *known == key), others) {
                (Some((_, shape)), _) => misfit(value, shape, &quoted),
                (None, Some(shape)) => misfit(value, shape, &quoted),
                (None, None) => Some((format!("{key}:"), format!("{name} has no key {quoted}"))),
            }
        }),
        (Mapping(..), _) => is_not("no mapping"),
        (OneOf(shapes), _) => {
            let all: Option<Vec<Misfit>> = shapes.iter().map(|shape| misfit(value, shape, name)).collect();
            // Of the shape that is of the same kind, if there is one: it says most.
            let of_kind = |shape: &&Shape| match shape {
                Mapping(..) => value.as_object().is_some(),
                List(_) => value.as_items().is_some(),
                Filled => value.as_text().is_some() || value.is_null(),
                _ => false,
            };
            all.and_then(|all| {
                let said = shapes.iter().find(of_kind).and_then(|shape| misfit(value, shape, name));
                said.or_else(|| all.into_iter().next_back())
            })
        }
    }
}

/// The key that a name quotes.
fn near(name: &str) -> String {
    name.split('`').nth(1).map_or_else(String::new, |key| format!("{key}:"))
}
