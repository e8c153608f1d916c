//! The runs that a worker knows.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, watch};

use super::checkout::Checkout;
use super::plans::KnownPlans;
use crate::workers::key::PublicKey;
use crate::workers::kit::Kit;
use crate::workers::message::{Offer, OfferState};
use crate::workers::sealed::Opener;
use crate::workers::subject::{QueueName, RunId};

/// A coordinator that was not heard for so many ack waits is gone.
const LOST_AFTER: u32 = 4;
/// And never earlier than after this.
const AT_LEAST: Duration = Duration::from_secs(10);

/// A run that is open, with what is needed for its jobs.
pub(super) struct OpenRun {
    pub(super) kit: Kit,
    /// Opens and seals all that is said in the run.
    pub(super) opener: Opener,
    /// The commits; or why they cannot be had.
    pub(super) checkout: OnceCell<Result<Checkout, String>>,
    /// What was planned of the tested commit.
    pub(super) plans: KnownPlans,
    over: watch::Sender<bool>,
    pub(super) ack_wait: Duration,
}

impl OpenRun {
    pub(super) fn new(kit: Kit, opener: Opener, ack_wait: Duration) -> OpenRun {
        let (checkout, plans, over) = (OnceCell::new(), KnownPlans::default(), watch::Sender::new(false));
        OpenRun { kit, opener, checkout, plans, over, ack_wait }
    }

    /// Waits until the run is over.
    pub(super) async fn over(&self) {
        let mut over = self.over.subscribe();
        // The sender is here: it cannot be gone.
        let _ = over.wait_for(|over| *over).await;
    }
}

/// A run, since it was heard of.
struct KnownRun {
    coordinator: PublicKey,
    offer: Offer,
    heard: Instant,
    open: Option<Rc<OpenRun>>,
}

/// A worker that did not look for so long was itself away, as a laptop that slept.
const AWAY: Duration = Duration::from_secs(2);

/// The runs that are going on.
#[derive(Default)]
pub(super) struct Runs {
    known: BTreeMap<RunId, KnownRun>,
    looked: Option<Instant>,
}

/// A queue that may have something for us.
pub(super) struct Chance {
    pub(super) run: RunId,
    pub(super) coordinator: PublicKey,
    pub(super) queues: Vec<QueueName>,
    pub(super) ack_wait: Duration,
    pub(super) open: Option<Rc<OpenRun>>,
}

impl Runs {
    /// Takes an offer down. A run belongs to whoever spoke of it first.
    pub(super) fn hear(&mut self, coordinator: PublicKey, offer: Offer) {
        if self.known.get(&offer.run).is_some_and(|known| known.coordinator != coordinator) {
            return;
        }
        match offer.state {
            OfferState::Asking => {}
            OfferState::Ended => self.end(&offer.run),
            OfferState::Open => {
                let open = self.known.remove(&offer.run).and_then(|known| known.open);
                let known = KnownRun { coordinator, heard: Instant::now(), open, offer: offer.clone() };
                self.known.insert(offer.run, known);
            }
        }
    }

    /// Keeps what was needed to open a run.
    pub(super) fn opened(&mut self, run: &RunId, open: Rc<OpenRun>) {
        if let Some(known) = self.known.get_mut(run) {
            known.open = Some(open);
        }
    }

    fn end(&mut self, run: &RunId) {
        if let Some(open) = self.known.remove(run).and_then(|known| known.open) {
            open.over.send_replace(true);
        }
    }

    /// Ends the runs whose coordinators were not heard for long. While nobody can be heard, or this worker was
    /// away itself, the time stands still.
    pub(super) fn forget_lost(&mut self, can_hear: bool) -> Vec<RunId> {
        let was_away = self.looked.replace(Instant::now()).is_some_and(|looked| looked.elapsed() > AWAY);
        if !can_hear || was_away {
            self.known.values_mut().for_each(|known| known.heard = Instant::now());
            return Vec::new();
        }
        let wait =
            |known: &KnownRun| (Duration::from_millis(known.offer.ack_wait_ms) * LOST_AFTER).max(AT_LEAST);
        let lost: Vec<RunId> = self
            .known
            .iter()
            .filter(|(_, known)| known.heard.elapsed() > wait(known))
            .map(|(run, _)| run.clone())
            .collect();
        lost.iter().for_each(|run| self.end(run));
        lost
    }

    /// The queues from which this worker may take, by run.
    pub(super) fn chances(&self, worker: &PublicKey) -> Vec<Chance> {
        let chance = |(run, known): (&RunId, &KnownRun)| {
            let ours = known.offer.queues.iter().filter(|(_, members)| members.contains(worker));
            let queues: Vec<QueueName> = ours.map(|(name, _)| name.clone()).collect();
            (!queues.is_empty()).then(|| Chance {
                run: run.clone(),
                coordinator: known.coordinator.clone(),
                queues,
                ack_wait: Duration::from_millis(known.offer.ack_wait_ms),
                open: known.open.clone(),
            })
        };
        self.known.iter().filter_map(chance).collect()
    }
}
