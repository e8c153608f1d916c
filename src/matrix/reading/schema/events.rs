//! What starts a file. GitHub refuses events that it does not know and two filters of which one takes away what the other
//! lets through; keys of an event that it does not know it passes over, as it does activities (`on-new` of actions/runner's
//! schema). The schema for editors is stricter and behind: it had no `milestoned` while GitHub took it
//! (actions/languageservices#51), and `push: { branch: main }` starts on every branch (confidential-containers/enclave-cc#176).

use super::blocks::FILLED;
use super::cron::is_cron;
use super::shape::Misfit;
use super::shape::Shape::{
    self, Any, At, Form, Key, List, Mapping, Needing, Nothing, OneOf, Text, Truth, Word,
};
use crate::matrix::expression::{Object, Value};
use crate::matrix::reading::allowed::Place;

const EVENT: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            ("branches", FILLED),
            ("branches-ignore", FILLED),
            ("tags", FILLED),
            ("tags-ignore", FILLED),
            ("paths", FILLED),
            ("paths-ignore", FILLED),
            ("workflows", FILLED),
            ("types", FILLED),
            ("names", FILLED),
            ("versions", FILLED),
        ],
        Some(&Any),
    ),
]);

const SCHEDULE: Shape =
    List(&Needing("cron", &Mapping(&[("cron", Form(is_cron, "time of five fields"))], Some(&Any))));

const FORM_INPUT: Shape = OneOf(&[
    Nothing,
    Mapping(&[("description", Text), ("type", Text), ("required", Truth), ("default", Text)], Some(&Any)),
]);
const DISPATCH: Shape =
    OneOf(&[Nothing, Mapping(&[("inputs", OneOf(&[Nothing, Mapping(&[], Some(&FORM_INPUT))]))], Some(&Any))]);

const CALL_INPUT: Shape = Needing(
    "type",
    &Mapping(
        &[
            ("type", Word(&["boolean", "number", "string"])),
            ("required", Truth),
            ("default", At(Place::File, &Text)),
        ],
        Some(&Text),
    ),
);
const CALL_OUTPUT: Shape =
    Needing("value", &Mapping(&[("description", Text), ("value", At(Place::CallOutput, &Text))], None));
const CALL_SECRET: Shape = OneOf(&[Nothing, Mapping(&[("description", Text), ("required", Truth)], None)]);
const CALL: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            ("inputs", Mapping(&[], Some(&CALL_INPUT))),
            ("outputs", Mapping(&[], Some(&CALL_OUTPUT))),
            ("secrets", Mapping(&[], Some(&CALL_SECRET))),
        ],
        None,
    ),
]);

const EVENTS: &[(&str, Shape)] = &[
    ("branch_protection_rule", EVENT),
    ("check_run", EVENT),
    ("check_suite", EVENT),
    ("create", EVENT),
    ("delete", EVENT),
    ("deployment", EVENT),
    ("deployment_status", EVENT),
    ("discussion", EVENT),
    ("discussion_comment", EVENT),
    ("dynamic", EVENT),
    ("fork", EVENT),
    ("gollum", EVENT),
    ("image_version", EVENT),
    ("interactive_component", EVENT),
    ("issue_comment", EVENT),
    ("issues", EVENT),
    ("label", EVENT),
    ("member", EVENT),
    ("merge_group", EVENT),
    ("milestone", EVENT),
    ("page_build", EVENT),
    ("project", EVENT),
    ("project_card", EVENT),
    ("project_column", EVENT),
    ("public", EVENT),
    ("pull_request", EVENT),
    ("pull_request_comment", EVENT),
    ("pull_request_review", EVENT),
    ("pull_request_review_comment", EVENT),
    ("pull_request_target", EVENT),
    ("push", EVENT),
    ("registry_package", EVENT),
    ("release", EVENT),
    ("repository_dispatch", EVENT),
    ("schedule", SCHEDULE),
    ("status", EVENT),
    ("watch", EVENT),
    ("workflow_call", CALL),
    ("workflow_dispatch", DISPATCH),
    ("workflow_run", EVENT),
];

pub(super) const ON: Shape = OneOf(&[Key(EVENTS), List(&Key(EVENTS)), Mapping(EVENTS, None)]);

/// Two filters of an event that exclude each other.
pub(super) fn of_filters(on: &Value) -> Option<Misfit> {
    on.as_object().into_iter().flat_map(Object::iter).find_map(|(event, filters)| {
        let filters = filters.as_object()?;
        let both = |kind: &&str| filters.contains(kind) && filters.contains(&format!("{kind}-ignore"));
        let kind = ["branches", "tags", "paths"].into_iter().find(both)?;
        let message = format!("`{event}` has both `{kind}` and `{kind}-ignore`, of which GitHub takes one");
        Some((vec![format!("{event}:"), format!("{kind}-ignore")], message))
    })
}

/// A choice of a form for people that has nothing to choose from, or something to choose from that is no choice
/// (`workflow-dispatch.ts` of actions/languageservices).
pub(super) fn of_choices(on: &Value) -> Option<Misfit> {
    let inputs = on.get("workflow_dispatch").get("inputs");
    inputs.as_object()?.iter().find_map(|(name, input)| {
        let is_choice = input.get("type").as_text() == Some("choice");
        let options = input.get("options");
        let message = match options.as_items() {
            None | Some([]) if is_choice => format!("`{name}` is a choice without `options`"),
            Some(_) if !is_choice => format!("`{name}` has `options` and is no choice"),
            _ => return None,
        };
        Some((vec!["inputs:".to_owned(), format!("{name}:")], message))
    })
}
