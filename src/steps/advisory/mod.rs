//! The advisory and its temporary private fork: accepted, described, checked, and in the end published.

// The kinds of step.
pub(super) mod accept_report;
pub(super) mod archive_fork;
pub(super) mod await_cve;
pub(super) mod close_private_pulls;
pub(super) mod create_fork;
pub(super) mod delete_fork;
pub(super) mod describe_advisory;
pub(super) mod invite;
pub(super) mod lint_advisory;
pub(super) mod publish_advisory;
pub(super) mod request_cve;
pub(super) mod verify_advisory;

// What they share.
pub(super) mod private_side;
