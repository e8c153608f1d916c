//! The nouns of the emulated GitHub: plain state and its transitions, without git, HTTP or disk.

mod account;
mod advisory;
mod effect;
mod pull;
mod release;
mod repository;
mod run;
mod status;

pub(crate) use account::{Account, AccountKind};
pub(crate) use advisory::{Advisory, AdvisoryChange, CveRequest, ForkProgress};
pub(crate) use effect::{Effect, Scheduled};
pub(crate) use pull::{Assessment, Comment, MergeIntent, Pull, PullState, Review, Verdict};
pub(crate) use release::{Asset, MakeLatest, Package, Publication, Release, newest_label};
pub(crate) use repository::{Kind, Repository};
pub(crate) use run::{Event, Job, JobState, Run, Work};
pub(crate) use status::{CommitStatus, Gate, combined};
