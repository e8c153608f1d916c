//! The keys of a job, its steps aside.

use super::blocks::{
    CONTAINER, ENVIRONMENT, FILLED, JOB_CONCURRENCY, JOB_DEFAULTS, PERMISSIONS, SERVICES, SNAPSHOT, TEXTS,
};
use super::shape::Shape::{
    self, Any, At, Elsewhere, Filled, If, List, Mapping, Number, OneOf, Text, Truth, Word,
};
use crate::matrix::reading::allowed::Place;

const COMBINATIONS: Shape = List(&Mapping(&[], Some(&Any)));
const MATRIX: Shape = Mapping(&[("include", COMBINATIONS), ("exclude", COMBINATIONS)], Some(&List(&Any)));
const STRATEGY: Shape = At(
    Place::Strategy,
    &Mapping(&[("fail-fast", Truth), ("max-parallel", Number), ("matrix", MATRIX)], None),
);
const RUNNER: Shape =
    OneOf(&[Filled, List(&Filled), Mapping(&[("group", Filled), ("labels", FILLED)], None)]);
const CONDITION: Shape = At(Place::JobIf, &If);

pub(super) const JOB: Shape = Mapping(
    &[
        ("needs", FILLED),
        ("if", CONDITION),
        ("strategy", STRATEGY),
        ("name", At(Place::Job, &Text)),
        ("runs-on", At(Place::Job, &RUNNER)),
        ("timeout-minutes", At(Place::Job, &Number)),
        ("cancel-timeout-minutes", At(Place::Job, &Number)),
        ("continue-on-error", At(Place::Job, &Truth)),
        ("container", CONTAINER),
        ("services", SERVICES),
        ("env", At(Place::JobSecrets, &TEXTS)),
        ("environment", ENVIRONMENT),
        ("permissions", PERMISSIONS),
        ("cache-mode", Filled),
        ("concurrency", JOB_CONCURRENCY),
        ("outputs", Mapping(&[], Some(&At(Place::Runner, &Text)))),
        ("defaults", JOB_DEFAULTS),
        // Each is looked at by itself.
        ("steps", List(&Mapping(&[], Some(&Elsewhere)))),
        ("snapshot", SNAPSHOT),
    ],
    None,
);

pub(super) const CALLING_JOB: Shape = Mapping(
    &[
        ("name", At(Place::Job, &Text)),
        ("uses", Filled),
        ("with", Mapping(&[], Some(&At(Place::Job, &Text)))),
        ("secrets", OneOf(&[Mapping(&[], Some(&At(Place::JobSecrets, &Text))), Word(&["inherit"])])),
        ("needs", FILLED),
        ("if", CONDITION),
        ("permissions", PERMISSIONS),
        ("cache-mode", Filled),
        ("concurrency", JOB_CONCURRENCY),
        ("strategy", STRATEGY),
    ],
    None,
);
