//! The keys of a file, its jobs aside.

use super::blocks::{CONCURRENCY, DEFAULTS, PERMISSIONS, TEXTS};
use super::events::ON;
use super::shape::Shape::{self, At, Elsewhere, Filled, Mapping, Text};
use crate::matrix::reading::allowed::Place;

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
