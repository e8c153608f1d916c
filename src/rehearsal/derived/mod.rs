//! A world made of a catalog, a release file and mirrors: what GitHub would show a week before the disclosure. Its
//! branches and tags are the mirrors', its people those whom the files name.

mod making;
mod people;
mod private;
mod public;
mod releases;
mod rules;
mod world;

pub(super) use world::{repositories, world};
