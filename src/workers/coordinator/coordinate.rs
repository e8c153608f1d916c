//! A run, from the first question to the last bit that is taken away again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use async_nats::jetstream::AckKind;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::crew::Crew;
use super::jobs::Jobs;
use super::placing::{CARRIED_NOT, Placing, hindrance};
use super::roll_call::RollCall;
use super::settings::CrewSettings;
use super::supply::{make_streams, take_away};
use crate::matrix::{Capabilities, CiEntry, CiPlan, JobFacts};
use crate::runner::{CrewWork, Errand, MatrixRun};
use crate::wording::counted;
use crate::workers::envelope::signed;
use crate::workers::error::WorkersError;
use crate::workers::key::PublicKey;
use crate::workers::message::{Offer, OfferState};
use crate::workers::sealed::Opener;
use crate::workers::server::Server;
use crate::workers::subject::{OFFERS, QueueName, READER, RunId};

/// How long late results are listened to at the end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A run that is spread over workers.
pub struct Coordinator<'a> {
    pub(super) settings: &'a CrewSettings,
    pub(super) errand: Errand<'a>,
    /// Where logs are kept: nothing is there of another run.
    pub(super) logs: PathBuf,
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
        settings: &'a CrewSettings,
        errand: Errand<'a>,
        say: &'a dyn Fn(&str),
    ) -> Result<Coordinator<'a>, WorkersError> {
        let opener = Opener::new();
        let run = RunId::new(opener.secret().expose_secret());
        let RollCall { server, cards, crew } = RollCall::of(settings, &run, say).await?;
        Ok(Coordinator {
            logs: errand.logs.join(run.to_string()),
            run,
            cards: tokio::sync::Mutex::new(cards),
            settings,
            errand,
            say,
            server,
            opener,
            crew: RefCell::new(crew),
            placing: RefCell::default(),
            facts: RefCell::default(),
            jobs: RefCell::default(),
            queues: RefCell::default(),
            bundle: tokio::sync::OnceCell::new(),
            kits: RefCell::default(),
            state: Cell::new(OfferState::Asking),
        })
    }

    /// Who is there, and which entries nobody is there for.
    #[must_use]
    pub fn introduction(&self) -> Vec<String> {
        let mut lines = vec![format!("workers: {}", self.crew.borrow().in_words().join(", "))];
        let plan = self.plan(&JobFacts::default());
        if let Some(placing) = &*self.placing.borrow() {
            for (why, count) in placing.unattended() {
                lines.push(format!("{why}: {} not attempted", counted(count, "entry")));
            }
        }
        let takers = |entry: &&CiEntry| entry.may_start() && hindrance(entry) == Some(CARRIED_NOT);
        let takers = plan.entries().filter(takers).count();
        if takers > 0 {
            lines.push(format!("{} not attempted: {CARRIED_NOT}", counted(takers, "entry")));
        }
        lines
    }

    /// Gives entries away until `work` is done. Whatever happens, everything that this needs at the server is taken away again.
    /// Nothing is the result if `stop` comes first.
    ///
    /// # Errors
    /// The server refuses what the run needs, or the commits cannot be put into a bundle.
    pub async fn run(
        &self,
        work: &dyn CrewWork,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<MatrixRun>, WorkersError> {
        let plan = |facts: &JobFacts| self.plan(facts);
        let ran = async {
            self.start().await?;
            tokio::select! {
                ran = work.with(self, &plan) => Ok(Some(ran)),
                () = self.serve() => Ok(None),
            }
        };
        let ran = tokio::select! {
            ran = ran => ran,
            () = stop => Ok(None),
        };
        self.end().await;
        ran
    }

    /// The matrix as the crew sees it.
    fn plan(&self, facts: &JobFacts) -> CiPlan {
        self.facts.replace(facts.clone());
        self.place_again();
        let empty = CiPlan { event: self.errand.event.clone(), workflows: Vec::new() };
        self.placing.borrow().as_ref().map_or(empty, |placing| placing.plan.clone())
    }

    /// Plans for every kind of machine that is there. Without anybody the last plan stands.
    pub(super) fn place_again(&self) {
        let facts = self.facts.borrow();
        let plan = |machine: &Capabilities| (self.errand.plan)(machine, &facts);
        let placing = Placing::of_crew(&self.crew.borrow(), self.errand.executor, &plan);
        if let Some(placing) = placing {
            self.placing.replace(Some(placing));
        }
    }

    /// Makes what the run has at the server, and gives the workers what they need.
    async fn start(&self) -> Result<(), WorkersError> {
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
            ack_wait_ms: self.settings.ack_wait_ms(),
            queues: self.queues.borrow().iter().map(|queue| (queue.clone(), self.members(queue))).collect(),
        };
        match signed(&self.settings.key, &offer) {
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
    async fn end(&self) {
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
