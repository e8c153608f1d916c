//! Entries that were given away.

use std::collections::BTreeMap;
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::workers::key::PublicKey;
use crate::workers::subject::QueueName;
use crate::workers::wire::{SentEntry, SentEvidence};

/// What is said of an entry to whoever waits for it.
pub(super) enum Word {
    /// Something is under way.
    Doing(String),
    /// It has ended: on which worker, at which attempt of the queue, and with what.
    Ended(PublicKey, i64, Box<SentEvidence>),
    /// Nobody is left that could run it.
    Abandoned(String),
}

/// An entry that was given away and has not ended.
pub(super) struct Pending {
    pub(super) entry: SentEntry,
    pub(super) queue: QueueName,
    /// The job as it was put into its queue, to be put there again if the server has lost it.
    pub(super) sealed: Vec<u8>,
    to: UnboundedSender<Word>,
    /// Since when nobody is there for it.
    pub(super) alone_since: Option<Instant>,
}

/// All of them, by number.
#[derive(Default)]
pub(super) struct Jobs {
    last: u64,
    pending: BTreeMap<u64, Pending>,
    /// The names of those that have ended.
    settled: BTreeMap<u64, String>,
}

impl Jobs {
    /// The number of the next one.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// An entry that is given away.
    pub(super) fn add(
        &mut self,
        number: u64,
        entry: SentEntry,
        queue: QueueName,
        sealed: Vec<u8>,
    ) -> UnboundedReceiver<Word> {
        let (to, from) = unbounded_channel();
        self.pending.insert(number, Pending { entry, queue, sealed, to, alone_since: None });
        from
    }

    /// Says something of one that has not ended.
    pub(super) fn say(&self, number: u64, word: Word) {
        if let Some(pending) = self.pending.get(&number) {
            let _ = pending.to.send(word);
        }
    }

    /// Says the last of one. `false` if that was said already, or nobody waits for it.
    pub(super) fn settle(&mut self, number: u64, word: Word) -> bool {
        let Some(pending) = self.pending.remove(&number) else { return false };
        self.settled.insert(number, pending.entry.name);
        pending.to.send(word).is_ok()
    }

    /// Nobody waits for any of them any more.
    pub(super) fn give_up_all(&mut self) {
        for (number, pending) in std::mem::take(&mut self.pending) {
            self.settled.insert(number, pending.entry.name);
        }
    }

    /// What an entry is called, whether it has ended or not.
    pub(super) fn name(&self, number: u64) -> Option<&str> {
        let pending = self.pending.get(&number).map(|pending| pending.entry.name.as_str());
        pending.or_else(|| self.settled.get(&number).map(String::as_str))
    }

    pub(super) fn pending(&self) -> impl Iterator<Item = (u64, &Pending)> {
        self.pending.iter().map(|(number, pending)| (*number, pending))
    }

    pub(super) fn pending_mut(&mut self) -> impl Iterator<Item = (u64, &mut Pending)> {
        self.pending.iter_mut().map(|(number, pending)| (*number, pending))
    }
}
