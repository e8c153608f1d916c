//! The REST routes, one file per group of GitHub's documentation; each only reads the request, asks the world
//! and renders.

mod actions;
mod advisories;
mod advisory_fields;
mod assessment;
mod call;
mod checks;
mod compare;
mod contents;
mod control;
mod dispatch;
mod forks;
mod issues;
mod merging;
mod pulls;
mod references;
mod releases;
mod reply;
mod repositories;
mod reviews;
mod tables;
mod users;

pub(crate) use call::{ApiRequest, Method};
pub(crate) use dispatch::answer;
pub(crate) use reply::{ApiError, Reply};
