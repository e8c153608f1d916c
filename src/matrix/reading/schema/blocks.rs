//! Blocks that stand in files and in jobs, and those of a job that are large.

use super::shape::Shape::{self, At, Filled, If, List, Mapping, Needing, OneOf, Text, Truth, Word};
use crate::matrix::reading::allowed::Place;

pub(super) const TEXTS: Shape = Mapping(&[], Some(&Text));
pub(super) const FILLED: Shape = OneOf(&[Filled, List(&Filled)]);

pub(super) const DEFAULTS: Shape = Mapping(&[("run", RUN)], None);
pub(super) const JOB_DEFAULTS: Shape = Mapping(&[("run", At(Place::JobDefaults, &RUN))], None);
const RUN: Shape = Mapping(&[("shell", Filled), ("working-directory", Filled)], None);

const ANY_LEVEL: Shape = Word(&["read", "write", "none"]);
const READ_LEVEL: Shape = Word(&["read", "none"]);
const WRITE_LEVEL: Shape = Word(&["write", "none"]);

pub(super) const PERMISSIONS: Shape = At(
    Place::Nowhere,
    &OneOf(&[
        Mapping(
            &[
                ("actions", ANY_LEVEL),
                ("artifact-metadata", ANY_LEVEL),
                ("attestations", ANY_LEVEL),
                ("checks", ANY_LEVEL),
                ("code-quality", ANY_LEVEL),
                ("contents", ANY_LEVEL),
                ("copilot-requests", WRITE_LEVEL),
                ("deployments", ANY_LEVEL),
                ("discussions", ANY_LEVEL),
                ("drives", ANY_LEVEL),
                ("id-token", WRITE_LEVEL),
                ("issues", ANY_LEVEL),
                ("models", READ_LEVEL),
                ("packages", ANY_LEVEL),
                ("pages", ANY_LEVEL),
                ("pull-requests", ANY_LEVEL),
                ("repository-projects", ANY_LEVEL),
                ("security-events", ANY_LEVEL),
                ("statuses", ANY_LEVEL),
                ("vulnerability-alerts", READ_LEVEL),
            ],
            None,
        ),
        Word(&["read-all", "write-all"]),
    ]),
);

const GROUP: Shape = Needing(
    "group",
    &Mapping(&[("group", Filled), ("cancel-in-progress", Truth), ("queue", Word(&["single", "max"]))], None),
);
pub(super) const CONCURRENCY: Shape = At(Place::File, &OneOf(&[Text, GROUP]));
pub(super) const JOB_CONCURRENCY: Shape = At(Place::Job, &OneOf(&[Filled, GROUP]));

pub(super) const ENVIRONMENT: Shape = At(
    Place::Job,
    &OneOf(&[
        Text,
        Needing(
            "name",
            &Mapping(&[("name", Text), ("url", At(Place::RunnerOpen, &Text)), ("deployment", Truth)], None),
        ),
    ]),
);

const CONTAINER_ENV: Shape = At(Place::Runner, &TEXTS);
const CREDENTIALS: Shape =
    At(Place::Credentials, &Mapping(&[("username", Filled), ("password", Filled)], None));
const PORTS: Shape = List(&Filled);

pub(super) const CONTAINER: Shape = At(
    Place::Job,
    &OneOf(&[
        Text,
        Mapping(
            &[
                ("image", Text),
                ("options", Text),
                ("env", CONTAINER_ENV),
                ("ports", PORTS),
                ("volumes", PORTS),
                ("credentials", CREDENTIALS),
            ],
            None,
        ),
    ]),
);
// A job's own container may come to nothing, a service may not.
const SERVICE: Shape = Needing(
    "image",
    &Mapping(
        &[
            ("image", Filled),
            ("options", Text),
            ("entrypoint", Text),
            ("command", Text),
            ("env", CONTAINER_ENV),
            ("ports", PORTS),
            ("volumes", PORTS),
            ("credentials", CREDENTIALS),
        ],
        None,
    ),
);
pub(super) const SERVICES: Shape = At(Place::Job, &Mapping(&[], Some(&OneOf(&[Filled, SERVICE]))));

pub(super) const SNAPSHOT: Shape = At(
    Place::Job,
    &OneOf(&[
        Filled,
        Needing(
            "image-name",
            &Mapping(&[("image-name", Filled), ("if", At(Place::StepIf, &If)), ("version", Filled)], None),
        ),
    ]),
);
