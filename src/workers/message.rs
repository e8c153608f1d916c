//! What workers and coordinators say to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::envelope::Statement;
use super::key::PublicKey;
use super::subject::{QueueName, RunId};
use super::wire::{SentEntry, SentEvidence, SentFact};
use crate::ids::{CommitId, Digest, TreeId};
use crate::jobs::IsolationWish;
use crate::matrix::{Capabilities, CiEvent};
use crate::runner::ExecutorChoice;

/// A worker shows who it is, whenever a coordinator speaks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Card {
    /// What it calls itself.
    pub(super) name: String,
    /// What its machine is and has.
    pub(super) capabilities: Capabilities,
    /// Which `act` it has; nothing where it has none, or says nothing of it.
    #[serde(default)]
    pub(super) act: Option<String>,
    /// How many cores it has.
    pub(super) cores: u32,
    /// Whom to seal to what it needs. It is another one after each start.
    pub(super) recipient: String,
    /// When it was written, by the worker's clock.
    pub(super) made: Timestamp,
    /// Whether it is going away.
    pub(super) leaving: bool,
}

impl Statement for Card {
    const KIND: &'static str = "card";
}

/// A coordinator says that there is a run, again and again while there is one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Offer {
    /// Which run.
    pub(super) run: RunId,
    /// How far it is.
    pub(super) state: OfferState,
    /// When this was written, by the coordinator's clock.
    pub(super) made: Timestamp,
    /// Without a sign of life for so long a worker has lost its job, in milliseconds.
    pub(super) ack_wait_ms: u64,
    /// The queues, and who may take from them.
    pub(super) queues: Vec<(QueueName, Vec<PublicKey>)>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OfferState {
    /// It is asked who is there.
    Asking,
    /// There are jobs, or will be.
    Open,
    /// It is over, or was called off.
    Ended,
}

impl Statement for Offer {
    const KIND: &'static str = "offer";
}

/// What a worker needs for all jobs of a run: sealed to that worker, with the bundle behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KitHead {
    pub(super) run: RunId,
    /// Whom it is for.
    pub(super) worker: PublicKey,
    /// The key of the run, with which everything else is sealed.
    pub(super) secret: String,
    /// The commit that is tested.
    pub(super) commit: CommitId,
    /// The public commit that the tested ones are made on, which the worker has or gets.
    pub(super) base: Option<CommitId>,
    /// Whether the bundle holds that one, too.
    pub(super) is_whole: bool,
    /// Where that is public, `owner/name`.
    pub(super) repository: Option<String>,
    /// The digest of the bundle.
    pub(super) bundle: Digest,
}

impl Statement for KitHead {
    const KIND: &'static str = "kit";
}

/// One entry for whoever takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EntryJob {
    pub(super) run: RunId,
    /// Its number in the run.
    pub(super) number: u64,
    /// Which entry.
    pub(super) entry: SentEntry,
    /// The event that starts it.
    pub(super) event: CiEvent,
    /// What is known of the jobs that it needs.
    pub(super) facts: Vec<SentFact>,
    /// What is tested.
    pub(super) commit: CommitId,
    pub(super) tree: TreeId,
    /// What it is compared with.
    pub(super) base: Option<CommitId>,
    /// What runs it.
    #[serde(default)]
    pub(super) executor: ExecutorChoice,
    pub(super) isolation: IsolationWish,
    pub(super) network: bool,
    pub(super) warm_up: bool,
    /// After this nobody runs it.
    pub(super) until: Timestamp,
}

impl Statement for EntryJob {
    const KIND: &'static str = "job";
}

/// What a worker says of a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) run: RunId,
    pub(super) number: u64,
    /// The how manieth attempt of the queue to have it run this is.
    pub(super) delivery: i64,
    pub(super) what: AnswerKind,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AnswerKind {
    /// It has begun, or does something beside the first attempt.
    Doing(String),
    /// A piece of a log.
    Log(LogPiece),
    /// It has ended.
    Ended(Box<SentEvidence>),
    /// It was given back before it ended.
    GivenBack,
}

/// A piece of a log, as it was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LogPiece {
    /// The name of its file.
    pub(super) file: String,
    /// Where the piece begins, in bytes.
    pub(super) offset: u64,
    /// The bytes, in base64.
    pub(super) bytes: String,
}

impl Statement for Answer {
    const KIND: &'static str = "answer";
}
