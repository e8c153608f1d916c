//! GitHub's REST interface, as far as a release needs it.
//!
//! octocrab carries the requests; retry, pacing and the meaning of refusals are ours, because GitHub has no
//! idempotency keys and octocrab's own retry would replay a creation. Nothing here knows whether the other
//! side is GitHub or the emulator. Uses only `ids`, `clock`, `token` and `egress`.

mod account;
mod actions;
mod advisories;
mod advisory;
mod app;
mod branch_rules;
mod cache;
mod call;
mod checks;
mod classify;
mod client;
mod collaborators;
mod commits;
mod connection;
mod endpoint;
mod error;
mod graphql;
mod keys;
mod merging;
mod pacing;
mod protection;
pub(crate) mod pulls;
mod queue;
mod refs;
mod releases;
mod remembered;
mod repos;
mod repository;
mod retry;
mod reviews;
mod rulesets;
mod service;
mod teams;
mod update_branch;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use account::TokenAccount;
pub use actions::{Conclusion, Dispatched, KnownWorkflow, RunProgress, RunQuery, WorkflowRun};
pub use advisories::{CveRequest, Publication};
pub use advisory::{
    AdvisoryCredit, AdvisoryEdit, AdvisorySeverity, Rating, RepositoryAdvisory, RepositoryAdvisoryState,
    RepositoryVulnerability,
};
pub use app::AppInstallation;
pub use checks::{Check, Checks, ChecksVerdict};
pub use client::Client;
pub use collaborators::RepoPermission;
pub use commits::ListedCommit;
pub use endpoint::{ConnectError, Endpoint};
pub use error::{Class, GitHubError};
pub use merging::{MergeRequest, MergeResult};
pub use pacing::Pacing;
pub use pulls::{Mergeable, NewPullRequest, PullCreation, PullQuery, PullRequest, PullState};
pub use queue::{QueueRemoval, QueuedPull};
pub use releases::{GitHubRelease, LatestLabel, NewRelease, ReleaseAsset, ReleaseStage};
pub use repository::Repository;
pub use reviews::{PullReview, ReviewOpinion};
