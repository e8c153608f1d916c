//! Worlds before their first request: laid out from a specification, or opened again.

mod advisories;
mod create;
mod moved;
mod people;
mod pulls;
mod reopen;
mod repositories;
mod sources;

pub(crate) use create::create;
pub(crate) use reopen::open;
