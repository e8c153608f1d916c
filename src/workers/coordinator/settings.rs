//! What a coordinator was told at its start.

use std::time::Duration;

use crate::workers::key::SigningKey;
use crate::workers::server::ServerAddress;
use crate::workers::trust::Trusted;

/// What a coordinator was told at its start.
pub struct CrewSettings {
    /// Where its workers are.
    pub server: ServerAddress,
    /// Who it is.
    pub key: SigningKey,
    /// The workers whose results count, and that get what is under embargo.
    pub trusted: Trusted,
    /// A worker that gives no sign of life for so long has lost its job.
    pub ack_wait: Duration,
    /// An entry that nobody is left for is given up after this.
    pub patience: Duration,
    /// Which commits travel.
    pub sending: Sending,
}

/// Which commits travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sending {
    /// Those of the change. Workers have the public ones they are made on, or get them where they are public.
    #[default]
    Change,
    /// All: nobody but the coordinator has them, as those of a world that was made up for a rehearsal.
    All,
}

impl CrewSettings {
    /// The same as workers are told.
    pub(super) fn ack_wait_ms(&self) -> u64 {
        u64::try_from(self.ack_wait.as_millis()).unwrap_or(u64::MAX)
    }
}
