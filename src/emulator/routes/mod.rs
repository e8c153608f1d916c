//! The REST routes. `table.rs` declares all of them; the functions stand in one file per group of GitHub's
//! documentation, and only read the request, ask the world and render.

mod dispatch;
mod reply;
mod request;
mod route;
mod table;
mod teams;

mod actions;
mod advisories;
mod advisory_fields;
mod apps;
mod assessment;
mod branches;
mod checks;
mod collaborators;
mod commits;
mod contents;
mod control;
mod file_writes;
mod forks;
mod git_data;
mod graphql;
mod issues;
mod merging;
mod pulls;
mod references;
mod release_assets;
mod release_notes;
mod releases;
mod repositories;
mod reviews;
mod rulesets;
mod users;

pub(crate) use dispatch::answer;
pub(crate) use reply::{ApiError, ReplyBody, SentReply};
use reply::{Reply, RouteResult};
pub(crate) use request::ApiRequest;
#[cfg(test)]
pub(crate) use table::templates;
