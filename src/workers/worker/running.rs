//! Running a job that was taken, and saying what comes of it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use async_nats::jetstream::AckKind;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::checkout::Checkout;
use super::job::{Telling, carry_out};
use super::runs::OpenRun;
use super::taking::TakenJob;
use super::work::{Held, JobId, Worker};
use crate::runner::EntryEvidence;
use crate::workers::message::{AnswerKind, EntryJob};
use crate::workers::server::Receipt;
use crate::workers::wire::SentEvidence;

/// How often a job is given to somebody. A job that ends its workers is not tried for ever.
const MOST_DELIVERIES: i64 = 5;

/// Says again and again that a job is being worked on, from a task of its own: whatever else this process does.
struct SignOfLife(JoinHandle<()>);

impl SignOfLife {
    fn of(receipt: Receipt, every: Duration) -> SignOfLife {
        SignOfLife(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                receipt.give(AckKind::Progress).await;
            }
        }))
    }
}

impl Drop for SignOfLife {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Worker<'_> {
    /// Runs a job to its end, or until its run is over.
    pub(super) async fn run(&self, taken: TakenJob) {
        let TakenJob { open, job, delivery, receipt } = taken;
        let id = (job.run.clone(), job.number);
        let held = Held { receipt: receipt.clone(), open: Rc::clone(&open), delivery };
        self.held.borrow_mut().insert(id.clone(), held);
        let name = job.entry.name.clone();
        let _alive = SignOfLife::of(receipt.clone(), open.ack_wait / 3);
        let said = Said { worker: self, open: &open, id: &id, delivery, count: Cell::new(0) };
        (self.say)(&format!("{name}: begun"));
        tokio::select! {
            outcome = self.carried_out(&open, &job, &said) => {
                receipt.give(AckKind::Ack).await;
                (self.say)(&format!("{name}: {outcome}"));
            }
            () = open.over() => (self.say)(&format!("{name}: its run is over; what came of it is not wanted any more")),
        }
        self.held.borrow_mut().remove(&id);
    }

    async fn carried_out(&self, open: &OpenRun, job: &EntryJob, said: &Said<'_, '_>) -> &'static str {
        said.tell(AnswerKind::Doing(String::new())).await;
        let settings = self.settings;
        let evidence = if let Some(why) = not_any_more(job, said.delivery) {
            EntryEvidence::unavailable(why)
        } else {
            let made = || async {
                let checkout = Checkout::of(&open.kit, &settings.folder, &settings.mirrors).await;
                checkout.map_err(|error| crate::wording::with_causes(&error))
            };
            match open.checkout.get_or_init(made).await {
                Ok(checkout) => carry_out(settings, &self.jobs, (checkout, &open.plans), job, said).await,
                Err(why) => {
                    EntryEvidence::unavailable(format!("this worker does not get the commits: {why}"))
                }
            }
        };
        let outcome = evidence.outcome.word();
        said.tell(AnswerKind::Ended(Box::new(SentEvidence::of(evidence)))).await;
        outcome
    }
}

/// Why a job is not run any more.
fn not_any_more(job: &EntryJob, delivery: i64) -> Option<String> {
    if delivery > MOST_DELIVERIES {
        let times = delivery - 1;
        return Some(format!("it was given to a worker {times} times, and none came to its end"));
    }
    let over = job.until < Timestamp::now();
    over.then(|| format!("its time was over at {} by the clock of this worker", job.until))
}

/// What is said of one job.
struct Said<'w, 's> {
    worker: &'w Worker<'s>,
    open: &'w OpenRun,
    id: &'w JobId,
    delivery: i64,
    count: Cell<u64>,
}

impl Telling for Said<'_, '_> {
    async fn tell(&self, what: AnswerKind) {
        self.count.set(self.count.get() + 1);
        let (run, number) = self.id;
        let key = self.worker.settings.key.public();
        // The server takes each of these once, however often it is sent.
        let once = format!("{run}-{number}-{}-{}-{}", self.delivery, key.short(), self.count.get());
        if let Some(bytes) = self.worker.answer(self.open, self.id, self.delivery, what) {
            self.worker.server.put(&run.answer(&key), &once, bytes).await;
        }
    }
}
