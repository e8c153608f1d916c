//! The keys of a file, its jobs aside.

use super::blocks::{CONCURRENCY, DEFAULTS, FILLED, PERMISSIONS, TEXTS};
use super::shape::Shape::{
    self, Any, At, Elsewhere, Filled, List, Mapping, Needing, Nothing, OneOf, Text, Truth,
};
use crate::matrix::reading::allowed::Place;

const FORM: Shape = OneOf(&[Nothing, Mapping(&[("inputs", Mapping(&[], Some(&Any)))], None)]);

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

const CALL_INPUT: Shape = Needing(
    "type",
    &Mapping(&[("type", Filled), ("required", Truth), ("default", At(Place::File, &Text))], Some(&Text)),
);
const CALL_OUTPUT: Shape =
    Needing("value", &Mapping(&[("description", Text), ("value", At(Place::CallOutput, &Text))], None));
const CALL: Shape = OneOf(&[
    Nothing,
    Mapping(
        &[
            ("inputs", Mapping(&[], Some(&CALL_INPUT))),
            ("outputs", Mapping(&[], Some(&CALL_OUTPUT))),
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

pub(super) const ROOT: Shape = Mapping(
    &[
        ("on", ON),
        ("name", Text),
        ("description", Text),
        ("run-name", At(Place::File, &Text)),
        ("defaults", DEFAULTS),
        ("env", At(Place::FileEnv, &TEXTS)),
        ("permissions", PERMISSIONS),
        ("cache-mode", Filled),
        ("concurrency", CONCURRENCY),
        // Each is looked at by itself.
        ("jobs", Elsewhere),
    ],
    None,
);
