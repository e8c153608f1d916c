//! The one loop of a worker.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use async_nats::jetstream::AckKind;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;

use super::runs::{OpenRun, Runs};
use super::settings::WorkerSettings;
use crate::jobs::{Environment, Executor};
use crate::workers::envelope::{Unheard, heard, signed};
use crate::workers::error::WorkersError;
use crate::workers::message::{Answer, AnswerKind, Card, Offer};
use crate::workers::sealed::Opener;
use crate::workers::server::{Receipt, Server};
use crate::workers::subject::{OFFERS, RunId, card, kind_of_machine};

/// How often it is looked whether there is something to do.
const LOOK: Duration = Duration::from_millis(200);

/// Works until `stop`. `say` hears what people may want to know.
///
/// # Errors
/// The server cannot be reached at the start, or does not let us listen.
pub async fn work(
    settings: &WorkerSettings<'_>,
    say: &dyn Fn(&str),
    stop: impl Future<Output = ()>,
) -> Result<(), WorkersError> {
    let server = Server::connect(settings.server, settings.key, &settings.name).await?;
    let worker = Worker {
        settings,
        server,
        opener: Opener::new(),
        jobs: jobs_of(settings),
        say,
        runs: RefCell::default(),
        held: RefCell::default(),
        told: RefCell::default(),
        busy: Cell::new(Instant::now()),
    };
    worker.rounds(stop).await
}

fn jobs_of(settings: &WorkerSettings<'_>) -> Executor {
    let (cores, folder) = (Executor::machine_cores(), &settings.folder);
    Executor::new(cores, folder.join("logs"), &folder.join("jobs"), Environment::of_this_process())
}

/// A job of a run.
pub(super) type JobId = (RunId, u64);

pub(super) struct Worker<'a> {
    pub(super) settings: &'a WorkerSettings<'a>,
    pub(super) server: Server,
    /// Opens what is sealed to this worker. It is made anew at each start.
    pub(super) opener: Opener,
    /// What each job gets an executor beside of.
    pub(super) jobs: Executor,
    pub(super) say: &'a dyn Fn(&str),
    pub(super) runs: RefCell<Runs>,
    /// The jobs that it has, to be given back when it is stopped.
    pub(super) held: RefCell<BTreeMap<JobId, Held>>,
    /// What was told already: a stranger speaks often.
    pub(super) told: RefCell<BTreeSet<String>>,
    pub(super) busy: Cell<Instant>,
}

/// A job that it has.
pub(super) struct Held {
    pub(super) receipt: Receipt,
    pub(super) open: Rc<OpenRun>,
    pub(super) delivery: i64,
}

impl Worker<'_> {
    async fn rounds(&self, stop: impl Future<Output = ()>) -> Result<(), WorkersError> {
        let mut offers = self.server.listen(OFFERS).await?;
        self.show_card(false).await;
        self.server.flush().await;
        let kind = kind_of_machine(self.settings.machine.system, self.settings.machine.architecture);
        (self.say)(&format!("{} takes entries for {kind}", self.settings.name));
        let (mut stop, mut look) = (pin!(stop), tokio::time::interval(LOOK));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(offer) = offers.next() => self.hear(&offer.payload).await,
                Some(()) = under_way.next(), if !under_way.is_empty() => self.busy.set(Instant::now()),
                _ = look.tick() => {}
            }
            let lost = self.runs.borrow_mut().forget_lost(self.server.is_there());
            for lost in lost {
                (self.say)(&format!("run {lost}: its coordinator is not heard any more"));
            }
            while under_way.len() < self.settings.slots {
                let Some(taken) = self.take().await else { break };
                under_way.push(self.run(taken));
            }
            if under_way.is_empty() && self.settings.idle.is_some_and(|idle| self.busy.get().elapsed() > idle)
            {
                break;
            }
        }
        // What runs ends with this.
        drop(under_way);
        self.give_back().await;
        Ok(())
    }

    pub(super) fn say_once(&self, what: String) {
        if self.told.borrow_mut().insert(what.clone()) {
            (self.say)(&what);
        }
    }

    async fn show_card(&self, leaving: bool) {
        let card_of = Card {
            name: self.settings.name.clone(),
            capabilities: self.settings.machine.clone(),
            act: self.settings.act.clone(),
            cores: Executor::machine_cores(),
            recipient: self.opener.recipient().as_str().to_owned(),
            made: Timestamp::now(),
            leaving,
        };
        if let Ok(bytes) = signed(self.settings.key, &card_of) {
            self.server.say(&card(&self.settings.key.public()), bytes).await;
        }
    }

    async fn hear(&self, bytes: &[u8]) {
        match heard::<Offer>(bytes, self.settings.trusted) {
            Ok((coordinator, offer)) => {
                self.show_card(false).await;
                self.runs.borrow_mut().hear(coordinator, offer);
            }
            Err(Unheard::Stranger(key)) => {
                self.say_once(format!(
                    "a coordinator with the key {key} is not trusted: its jobs are not run"
                ));
            }
            Err(error) => self.say_once(format!("an offer is not listened to: {error}")),
        }
    }

    /// Gives every job back that it has, for another worker, and says that it goes.
    async fn give_back(&self) {
        for (id, held) in self.held.take() {
            held.receipt.give(AckKind::Nak(None)).await;
            if let Some(bytes) = self.answer(&held.open, &id, held.delivery, AnswerKind::GivenBack) {
                self.server.say(&id.0.answer(&self.settings.key.public()), bytes).await;
            }
        }
        self.show_card(true).await;
        self.server.flush().await;
    }

    pub(super) fn answer(
        &self,
        open: &OpenRun,
        id: &JobId,
        delivery: i64,
        what: AnswerKind,
    ) -> Option<Vec<u8>> {
        let answer = Answer { run: id.0.clone(), number: id.1, delivery, what };
        let bytes = signed(self.settings.key, &answer).ok()?;
        open.opener.recipient().seal(&bytes).ok()
    }
}
