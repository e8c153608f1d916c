//! What goes on while entries run: workers are heard, come and go, and the server may be away for a while.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_nats::jetstream::AckKind;
use futures::StreamExt as _;

use super::coordinate::Coordinator;
use super::crew::Arrival;
use super::hearing::Hearing;
use super::jobs::Word;
use super::roll_call::remark;
use super::supply::{kits, make_queue, make_streams};
use crate::workers::error::WorkersError;
use crate::workers::key::PublicKey;
use crate::workers::subject::{QueueName, READER};

/// How often it is said that there is a run, at least.
const BEAT: Duration = Duration::from_secs(2);
/// A worker that was not heard for so long is told to be silent, at the least: it may be busy.
const SILENT: Duration = Duration::from_secs(10);
/// How long one question for answers stays open.
const READING: Duration = Duration::from_secs(2);
/// How long to wait before a server that is away is asked again.
const PAUSE: Duration = Duration::from_millis(500);

impl Coordinator<'_> {
    /// Listens to the workers, and keeps the run alive. It never ends by itself.
    pub(super) async fn serve(&self) {
        futures::join!(self.read(), self.greet(), self.beat());
    }

    /// Reads what workers say. Every question is waited for: an answer that nobody takes would come late.
    async fn read(&self) {
        loop {
            let asked = Instant::now();
            match self.server.next(&self.run.answers(), READER, READING).await {
                Some(taken) => {
                    self.heed(&taken.bytes);
                    taken.receipt.give(AckKind::Ack).await;
                }
                // The server is away, or has lost the stream.
                None if asked.elapsed() < PAUSE => tokio::time::sleep(PAUSE).await,
                None => {}
            }
        }
    }

    pub(super) fn heed(&self, sealed: &[u8]) {
        let crew = self.crew.borrow();
        let hearing = Hearing {
            run: &self.run,
            opener: &self.opener,
            trusted: &self.settings.trusted,
            crew: &crew,
            logs: &self.logs,
        };
        if let Some(remark) = hearing.hear(sealed, &mut self.jobs.borrow_mut()) {
            (self.say)(&remark);
        }
    }

    /// Takes workers in that come later.
    async fn greet(&self) {
        let mut cards = self.cards.lock().await;
        while let Some(card) = cards.next().await {
            if let Some(worker) = self.arrival(&card.payload) {
                self.place_again();
                if let Err(error) = self.supply(&worker).await {
                    (self.say)(&format!("{}: {error}", self.settings.trusted.name(&worker)));
                }
                self.offer().await;
            }
        }
    }

    /// Takes a card down; the worker, if it is a new one.
    pub(super) fn arrival(&self, card: &[u8]) -> Option<PublicKey> {
        let arrival = self.crew.borrow_mut().hear(card, &self.settings.trusted);
        if let Some(remark) = remark(&arrival) {
            (self.say)(&remark);
        }
        let Arrival::New(key) = arrival else { return None };
        (self.say)(&format!("{} has come", self.settings.trusted.name(&key)));
        Some(key)
    }

    /// Says again and again that there is a run, and sees who is silent.
    async fn beat(&self) {
        let beat = (self.settings.ack_wait / 4).clamp(Duration::from_millis(100), BEAT);
        let mut was_there = true;
        loop {
            tokio::time::sleep(beat).await;
            let is_there = self.server.is_there();
            if was_there != is_there {
                (self.say)(if is_there {
                    "the server is back"
                } else {
                    "the server is gone; it is waited for"
                });
            }
            if is_there && !was_there {
                self.mend().await;
            }
            was_there = is_there;
            let silent_after = SILENT.max(self.settings.ack_wait * 2);
            let silent = self.crew.borrow_mut().forget_silent(silent_after, is_there);
            for gone in silent {
                (self.say)(&format!("{gone} is silent"));
            }
            if is_there {
                self.offer().await;
                self.give_up_alone();
            }
        }
    }

    /// Puts back what a server without its disk has lost. What it still has it takes once only.
    async fn mend(&self) {
        let mended = async {
            make_streams(&self.server, &self.run).await?;
            let queues: Vec<QueueName> = self.queues.borrow().iter().cloned().collect();
            for queue in &queues {
                make_queue(&self.server, &self.run, queue, self.settings.ack_wait).await?;
            }
            let store = kits(&self.server).await?;
            let there: Vec<(PublicKey, String)> = self
                .crew
                .borrow()
                .iter()
                .map(|(key, member)| (key.clone(), self.run.kit(key, member.recipient.as_str())))
                .collect();
            for (worker, kit) in there {
                if store.info(&kit).await.is_err() {
                    self.supply(&worker).await?;
                }
            }
            Ok::<(), WorkersError>(())
        };
        if let Err(error) = mended.await {
            (self.say)(&error.to_string());
            return;
        }
        let open: Vec<(u64, QueueName, Vec<u8>)> = self
            .jobs
            .borrow()
            .pending()
            .map(|(number, pending)| (number, pending.queue.clone(), pending.sealed.clone()))
            .collect();
        for (number, queue, sealed) in open {
            self.server.put(&self.run.job(&queue), &self.once(number), sealed).await;
        }
    }

    /// What a job is known by at the server.
    pub(super) fn once(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// Gives up entries that nobody has been there for, for too long.
    fn give_up_alone(&self) {
        let queues: BTreeSet<QueueName> =
            self.jobs.borrow().pending().map(|(_, pending)| pending.queue.clone()).collect();
        let attended: BTreeSet<QueueName> =
            queues.into_iter().filter(|queue| !self.members(queue).is_empty()).collect();
        let mut given_up = Vec::new();
        for (number, pending) in self.jobs.borrow_mut().pending_mut() {
            if attended.contains(&pending.queue) {
                pending.alone_since = None;
            } else if pending.alone_since.get_or_insert_with(Instant::now).elapsed() > self.settings.patience
            {
                given_up.push((number, pending.queue.clone()));
            }
        }
        for (number, queue) in given_up {
            let why = format!("no worker is left that takes from `{queue}`");
            self.jobs.borrow_mut().settle(number, Word::Abandoned(why));
        }
    }
}
