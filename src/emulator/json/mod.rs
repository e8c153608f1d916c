//! Rendering in the shapes of GitHub's OpenAPI description (version 2022-11-28): every required field is there,
//! every address is absolute.

mod account;
mod advisory;
mod commit;
mod links;
mod protection;
mod pull;
mod rate_limit;
mod release;
mod repository;
mod rulesets;
mod run;
mod tag;

pub(crate) use account::user;
pub(crate) use advisory::advisory;
pub(crate) use commit::{branch_short, commit, file, git_ref};
pub(crate) use links::{Links, encode, node_id};
pub(crate) use protection::{branch, protection, rules};
pub(crate) use pull::{Assessed, comment, full_pull, label, pull, review};
pub(crate) use rate_limit::rate_limit;
pub(crate) use release::{asset, release, shows};
pub(crate) use repository::{full_repository, repository, simple_repository};
pub(crate) use rulesets::{of_names, rulesets};
pub(crate) use run::{
    check_run, check_suite, combined_status, job, status, suite_id, workflow, workflow_id, workflow_run,
};
pub(crate) use tag::git_tag;
