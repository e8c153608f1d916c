//! A run, from the first question to the last bit that is taken away again.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use async_nats::jetstream::AckKind;
use futures::StreamExt as _;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::crew::Crew;
use super::jobs::Jobs;
use super::placing::{Placing, takes_files_of_others};
use super::settings::{CrewSettings, Errand};
use super::supply::{make_streams, take_away};
use crate::matrix::{Capabilities, CiPlan, JobFacts};
use crate::wording::counted;
use crate::workers::envelope::signed;
use crate::workers::error::WorkersError;
use crate::workers::key::PublicKey;
use crate::workers::message::{Offer, OfferState};
use crate::workers::sealed::Opener;
use crate::workers::server::Server;
use crate::workers::subject::{CARDS, OFFERS, QueueName, READER, RunId};

/// How long it is waited for the first worker, and for the next one.
const FIRST: Duration = Duration::from_secs(3);
const NEXT: Duration = Duration::from_millis(600);
/// How long late results are listened to at the end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A run that is spread over workers.
pub struct Coordinator<'a> {
    pub(super) settings: CrewSettings<'a>,
    pub(super) errand: Errand<'a>,
    pub(super) say: &'a dyn Fn(&str),
    pub(super) server: Server,
    pub(super) run: RunId,
    /// Opens and seals all that is said in the run.
    pub(super) opener: Opener,
    pub(super) cards: tokio::sync::Mutex<Subscriber>,
    pub(super) crew: RefCell<Crew>,
    pub(super) placing: RefCell<Option<Placing>>,
    pub(super) facts: RefCell<JobFacts>,
    pub(super) jobs: RefCell<Jobs>,
    pub(super) queues: RefCell<BTreeSet<QueueName>>,
    /// The bundle, once it is made, and the objects that workers were given.
    pub(super) bundle: tokio::sync::OnceCell<Vec<u8>>,
    pub(super) kits: RefCell<BTreeSet<String>>,
    pub(super) state: Cell<OfferState>,
}

impl<'a> Coordinator<'a> {
    /// Connects, and asks who is there.
    ///
    /// # Errors
    /// The server cannot be used, or no worker that is trusted answers.
    pub async fn join(
        settings: CrewSettings<'a>,
        errand: Errand<'a>,
        say: &'a dyn Fn(&str),
    ) -> Result<Coordinator<'a>, WorkersError> {
        let server = Server::connect(settings.server, settings.key, "coordinator of lockgate").await?;
        let cards = server.listen(CARDS).await?;
        let opener = Opener::new();
        let coordinator = Coordinator {
            run: RunId::new(opener.secret().expose_secret()),
            cards: tokio::sync::Mutex::new(cards),
            settings,
            errand,
            say,
            server,
            opener,
            crew: RefCell::default(),
            placing: RefCell::default(),
            facts: RefCell::default(),
            jobs: RefCell::default(),
            queues: RefCell::default(),
            bundle: tokio::sync::OnceCell::new(),
            kits: RefCell::default(),
            state: Cell::new(OfferState::Asking),
        };
        coordinator.gather().await?;
        Ok(coordinator)
    }

    /// Asks until nobody new answers.
    async fn gather(&self) -> Result<(), WorkersError> {
        let began = Instant::now();
        let mut cards = self.cards.lock().await;
        self.offer().await;
        loop {
            let patience =
                if self.crew.borrow().is_empty() { FIRST.saturating_sub(began.elapsed()) } else { NEXT };
            match tokio::time::timeout(patience, cards.next()).await {
                Ok(Some(card)) => drop(self.arrival(&card.payload)),
                Ok(None) => break,
                Err(_) if patience == NEXT || began.elapsed() >= FIRST => break,
                Err(_) => {}
            }
        }
        if self.crew.borrow().is_empty() {
            let strangers = self.crew.borrow().strangers();
            return Err(WorkersError::Nobody {
                address: self.settings.server.as_str().to_owned(),
                strangers,
            });
        }
        Ok(())
    }

    /// Who is there, and which entries nobody is there for.
    #[must_use]
    pub fn introduction(&self) -> Vec<String> {
        let mut lines = vec![format!("workers: {}", self.crew.borrow().in_words())];
        let plan = self.plan(&JobFacts::default());
        if let Some(placing) = &*self.placing.borrow() {
            for (kind, count) in placing.unattended() {
                lines.push(format!("no worker for {kind}: {} not attempted", counted(count, "entry")));
            }
        }
        let takers = plan.entries().filter(|entry| entry.may_start() && takes_files_of_others(entry)).count();
        if takers > 0 {
            let entries = counted(takers, "entry");
            lines.push(format!(
                "{entries} not attempted: files of other jobs are not carried between machines"
            ));
        }
        lines
    }

    /// The matrix as the crew sees it.
    #[must_use]
    pub fn plan(&self, facts: &JobFacts) -> CiPlan {
        self.facts.replace(facts.clone());
        self.place_again();
        let empty = CiPlan { event: self.errand.event.clone(), workflows: Vec::new() };
        self.placing.borrow().as_ref().map_or(empty, |placing| placing.plan.clone())
    }

    /// Plans for every kind of machine that is there. Without anybody the last plan stands.
    pub(super) fn place_again(&self) {
        let mut machines: BTreeMap<String, (Capabilities, BTreeSet<PublicKey>)> = BTreeMap::new();
        for (key, member) in self.crew.borrow().iter() {
            let capabilities = &member.card.capabilities;
            let same = serde_json::to_string(capabilities).unwrap_or_else(|_| key.to_string());
            let alike = machines.entry(same).or_insert_with(|| (capabilities.clone(), BTreeSet::new()));
            alike.1.insert(key.clone());
        }
        let facts = self.facts.borrow();
        let plans =
            machines.into_values().map(|(machine, owners)| ((self.errand.plan)(&machine, &facts), owners));
        if let Some(placing) = Placing::of(plans.collect()) {
            self.placing.replace(Some(placing));
        }
    }

    /// Makes what the run has at the server, and gives the workers what they need.
    ///
    /// # Errors
    /// The server refuses it, or the commits cannot be put into a bundle.
    pub async fn start(&self) -> Result<(), WorkersError> {
        self.state.set(OfferState::Open);
        make_streams(&self.server, &self.run).await?;
        let there: Vec<PublicKey> = self.crew.borrow().iter().map(|(key, _)| key.clone()).collect();
        for worker in there {
            self.supply(&worker).await?;
        }
        self.offer().await;
        Ok(())
    }

    /// Says that there is a run, and who may take from which queue.
    pub(super) async fn offer(&self) {
        let offer = Offer {
            run: self.run.clone(),
            state: self.state.get(),
            made: Timestamp::now(),
            ack_wait_ms: u64::try_from(self.settings.ack_wait.as_millis()).unwrap_or(u64::MAX),
            queues: self.queues.borrow().iter().map(|queue| (queue.clone(), self.members(queue))).collect(),
        };
        match signed(self.settings.key, &offer) {
            Ok(bytes) => self.server.say(OFFERS, bytes).await,
            Err(error) => (self.say)(&error.to_string()),
        }
    }

    /// Those who can run everything that is in a queue.
    pub(super) fn members(&self, queue: &QueueName) -> Vec<PublicKey> {
        let (jobs, placing) = (self.jobs.borrow(), self.placing.borrow());
        let Some(placing) = &*placing else { return Vec::new() };
        let mut entries =
            jobs.pending().filter(|(_, pending)| pending.queue == *queue).map(|(_, pending)| pending);
        let Some(first) = entries.next() else { return Vec::new() };
        let all = entries.fold(placing.able(&first.entry), |members, pending| {
            members.intersection(&placing.able(&pending.entry)).cloned().collect()
        });
        let crew = self.crew.borrow();
        all.into_iter().filter(|key| crew.get(key).is_some()).collect()
    }

    /// Ends the run: what workers still do for it they drop, and everything that it has at the server is taken away.
    pub async fn end(&self) {
        let was_open = self.state.replace(OfferState::Ended) == OfferState::Open;
        self.offer().await;
        self.server.flush().await;
        if !was_open {
            return;
        }
        // After the end no result counts: nobody waits for one.
        self.jobs.borrow_mut().give_up_all();
        let began = Instant::now();
        while began.elapsed() < LAST_WORDS && self.server.is_there() {
            let left = LAST_WORDS.saturating_sub(began.elapsed()).max(Duration::from_millis(1));
            let Some(taken) = self.server.next(&self.run.answers(), READER, left).await else { break };
            self.heed(&taken.bytes);
            taken.receipt.give(AckKind::Ack).await;
        }
        let kits: Vec<String> = self.kits.borrow().iter().cloned().collect();
        for left in take_away(&self.server, &self.run, &kits).await {
            (self.say)(&format!("left at the server, which forgets it within a day: {left}"));
        }
        self.server.flush().await;
    }
}
