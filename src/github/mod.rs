//! GitHub's REST interface, as far as a release needs it.
//!
//! octocrab carries the requests; retry, pacing and the meaning of refusals are ours, because GitHub has no
//! idempotency keys and octocrab's own retry would replay a creation. Nothing here knows whether the other
//! side is GitHub or the emulator. Uses only `ids`, `clock` and `egress`.

mod actions;
mod advisories;
mod advisory;
mod call;
mod checks;
mod classify;
mod client;
mod collaborators;
mod contents;
mod conversation;
mod error;
mod merging;
mod pacing;
mod protection;
mod pulls;
mod refs;
mod releases;
mod repos;
mod retry;
mod service;
mod update_branch;
mod users;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use actions::{Conclusion, Dispatched, Job, Progress, RunQuery, WorkflowRun};
pub use advisories::{CveRequest, ForkRequest, Publication, StateChange};
pub use advisory::{
    Advisory, AdvisoryEdit, AdvisoryState, Credit, CreditKind, Rating, Severity, Vulnerability,
};
pub use checks::{Check, CheckOutcome, Checks, Verdict};
pub use client::{Client, ConnectError, Endpoint};
pub use collaborators::{Invitation, Permission};
pub use contents::FileAt;
pub use conversation::Comment;
pub use error::{Certainty, Class, Error, Request};
pub use merging::{Merge, MergeMethod, MergeRequest};
pub use pacing::Pacing;
pub use protection::Protection;
pub use pulls::{Mergeable, NewPull, Pull, PullCreation, PullEdit, PullEnd, PullQuery, PullState};
pub use refs::{Branch, Commit, Ref, RefCreation};
pub use releases::{Asset, MakeLatest, NewRelease, Release, ReleaseCreation, ReleaseEdit, Stage};
pub use repos::{Comparison, Deletion, Repository, Visibility};
pub use retry::Patience;
pub use users::{Account, Allowance};
