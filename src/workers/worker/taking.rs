//! Taking a job: from which queue, and whether it is what it says.

use std::rc::Rc;
use std::time::Duration;

use async_nats::jetstream::AckKind;
use tokio::io::AsyncReadExt as _;

use super::runs::{Chance, OpenRun};
use super::work::Worker;
use crate::workers::envelope::heard;
use crate::workers::kit::unpacked;
use crate::workers::message::EntryJob;
use crate::workers::sealed::Opener;
use crate::workers::server::{Receipt, Taken};
use crate::workers::subject::KITS;

/// How long a kit may take to arrive.
const KIT_PATIENCE: Duration = Duration::from_secs(120);

/// A job that was taken.
pub(super) struct TakenJob {
    pub(super) open: Rc<OpenRun>,
    pub(super) job: EntryJob,
    pub(super) delivery: i64,
    pub(super) receipt: Receipt,
}

impl Worker<'_> {
    /// A job, if there is one in the queues that this worker may take from.
    pub(super) async fn take(&self) -> Option<TakenJob> {
        if !self.server.is_there() {
            return None;
        }
        let chances = self.runs.borrow().chances(&self.settings.key.public());
        for chance in chances {
            let Some(open) = self.opened(&chance).await else { continue };
            for queue in &chance.queues {
                let taken = self.server.next(&chance.run.jobs(), queue.as_str(), Duration::ZERO).await;
                if let Some(job) = self.accepted(&chance, &open, taken).await {
                    return Some(job);
                }
            }
        }
        None
    }

    /// The job, if it is the run's own.
    async fn accepted(&self, chance: &Chance, open: &Rc<OpenRun>, taken: Option<Taken>) -> Option<TakenJob> {
        let Taken { bytes, delivery, receipt } = taken?;
        match self.read_job(chance, open, &bytes) {
            Ok(job) => Some(TakenJob { open: Rc::clone(open), job, delivery, receipt }),
            Err(why) => {
                (self.say)(&format!("run {}: a job is refused: {why}", chance.run));
                receipt.give(AckKind::Term).await;
                None
            }
        }
    }

    fn read_job(&self, chance: &Chance, open: &OpenRun, bytes: &[u8]) -> Result<EntryJob, String> {
        let bytes = open.opener.open(bytes).ok_or("it was not sealed for this run")?;
        let (key, job) =
            heard::<EntryJob>(&bytes, self.settings.trusted).map_err(|error| error.to_string())?;
        if key != chance.coordinator || job.run != chance.run {
            return Err("it is of another run".to_owned());
        }
        if job.commit != open.kit.head.commit || job.base != open.kit.head.base {
            return Err("it is of other commits than the run".to_owned());
        }
        Ok(job)
    }

    /// The run with what its jobs need, once that has arrived.
    async fn opened(&self, chance: &Chance) -> Option<Rc<OpenRun>> {
        if let Some(open) = &chance.open {
            return Some(Rc::clone(open));
        }
        let recipient = self.opener.recipient();
        let name = chance.run.kit(&self.settings.key.public(), recipient.as_str());
        let sealed = tokio::time::timeout(KIT_PATIENCE, self.fetched(&name)).await.ok()??;
        let refused = |why: &str| {
            self.say_once(format!("run {}: what it sends is refused: {why}", chance.run));
            None
        };
        let Some(bytes) = self.opener.open(&sealed) else {
            return refused("it was not sealed to this worker");
        };
        let kit = match unpacked(&bytes, self.settings.trusted) {
            Ok(kit) => kit,
            Err(error) => return refused(&error.to_string()),
        };
        let ours = kit.head.run == chance.run
            && kit.head.worker == self.settings.key.public()
            && kit.coordinator == chance.coordinator;
        let Some(opener) = Opener::of(&kit.head.secret).filter(|_| ours) else {
            return refused("it was made for another worker or run");
        };
        let open = Rc::new(OpenRun::new(kit, opener, chance.ack_wait));
        self.runs.borrow_mut().opened(&chance.run, Rc::clone(&open));
        Some(open)
    }

    async fn fetched(&self, name: &str) -> Option<Vec<u8>> {
        let store = self.server.jetstream.get_object_store(KITS).await.ok()?;
        let mut object = store.get(name).await.ok()?;
        let mut bytes = Vec::new();
        object.read_to_end(&mut bytes).await.ok()?;
        Some(bytes)
    }
}
