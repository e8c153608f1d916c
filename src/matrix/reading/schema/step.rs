//! The keys of a step.

use super::blocks::TEXTS;
use super::shape::Shape::{self, At, Filled, If, Mapping, Number, Text, Truth};
use crate::matrix::reading::allowed::Place;

const TEXT: Shape = At(Place::Step, &Text);
const MAPPING: Shape = At(Place::Step, &TEXTS);
const MINUTES: Shape = At(Place::Step, &Number);
const MAY_FAIL: Shape = At(Place::Step, &Truth);
const CONDITION: Shape = At(Place::StepIf, &If);

pub(super) const SCRIPT_STEP: Shape = Mapping(
    &[
        ("name", TEXT),
        ("id", Filled),
        ("if", CONDITION),
        ("timeout-minutes", MINUTES),
        ("run", TEXT),
        ("continue-on-error", MAY_FAIL),
        ("background", Truth),
        ("env", MAPPING),
        ("working-directory", TEXT),
        ("shell", Filled),
    ],
    None,
);

pub(super) const ACTION_STEP: Shape = Mapping(
    &[
        ("name", TEXT),
        ("id", Filled),
        ("if", CONDITION),
        ("continue-on-error", MAY_FAIL),
        ("timeout-minutes", MINUTES),
        ("background", Truth),
        ("uses", Filled),
        ("with", MAPPING),
        ("env", MAPPING),
    ],
    None,
);
