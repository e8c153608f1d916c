//! The nouns of the emulated GitHub: plain state and its transitions, without git, HTTP or disk.

mod account;
mod advisory;
mod effect;
mod pull;
mod release;
mod repository;
mod run;
mod status;

pub(crate) use account::{AccountKind, Credential, InstallationToken, StoredAccount, StoredInstallation};
pub(crate) use advisory::{AdvisoryChange, CveProgress, ForkProgress, StoredAdvisory};
pub(crate) use effect::{DueEffect, Scheduled};
pub(crate) use pull::{
    Comment, MergeAssessment, MergeIntent, Mergeability, PullBeginning, QueueEntry, QueueExit, Review,
    StoredPull, StoredPullState,
};
pub(crate) use release::{MakeLatest, ReleaseState, StoredAsset, StoredPackage, StoredRelease, newest_label};
pub(crate) use repository::{RepositoryKind, StoredRepository};
pub(crate) use run::{JobState, RunEvent, RunPurpose, ScriptedJob, StoredRun};
pub(crate) use status::{CommitStatus, RuleVerdict, combined};
