//! The engine: one loop that looks, writes down the intent, acts, and writes down the outcome.
//!
//! What comes next is decided by [`State`] and `decision.rs`, which are pure; every fact goes through the journal before
//! anything is built on it. Steps run side by side, their facts are put in line here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::decision::{self, Next, StepResult};
use super::event::Event;
use super::frontier::Frontier;
use super::in_flight::InFlight;
use super::inbox::{Inbox, until_mail};
use super::journal::Journal;
use super::journal_error::JournalError;
use super::notice::{Notice, Reporter};
use super::state::State;
use crate::folder::Folder;
use crate::ids::StepName;
use crate::kinds::Visibility;
use crate::plan::{Plan, Step};
use crate::steps::{self, Sight, StepContext, StepProgress};
use crate::world::World;

/// The longest wait that a run sits through by itself; for what takes longer it ends and is resumed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Why the engine cannot continue at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The journal cannot be written: nothing is done.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Why the engine stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Every step is done.
    Finished,
    /// Nothing more can be done for now: people are asked, something failed, or a wait is long. [`State`] tells.
    Held,
    /// The release was called off.
    Aborted,
}

/// Drives one run.
pub struct Engine<'a> {
    plan: Arc<Plan>,
    world: Arc<World>,
    folder: Folder,
    journal: &'a mut Journal,
    state: State,
    frontier: Frontier,
    reporter: &'a mut dyn Reporter,
    longest_wait: SignedDuration,
    inbox: Option<Box<dyn Inbox>>,
    progress: StepProgress,
    told: UnboundedReceiver<(StepName, String)>,
    /// What the looks under way see, for the acts that may follow.
    sights: BTreeMap<StepName, Sight>,
}

impl<'a> Engine<'a> {
    /// An engine for the run of this plan, whose journal adds up to this state.
    #[must_use]
    pub fn new(
        (plan, state): (Arc<Plan>, State),
        world: Arc<World>,
        folder: Folder,
        journal: &'a mut Journal,
        reporter: &'a mut dyn Reporter,
    ) -> Engine<'a> {
        let frontier = Frontier::of(&plan, &state);
        let (teller, told) = unbounded_channel();
        Engine {
            plan,
            world,
            folder,
            journal,
            state,
            frontier,
            reporter,
            longest_wait: LONGEST_WAIT,
            inbox: None,
            progress: StepProgress::to(teller),
            told,
            sights: BTreeMap::new(),
        }
    }

    /// Where the run is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The same engine, sitting through every wait, however long it is.
    #[must_use]
    pub fn staying(mut self) -> Engine<'a> {
        self.longest_wait = SignedDuration::MAX;
        self
    }

    /// The same engine, taking in what people decide while it drives.
    #[must_use]
    pub fn reading(mut self, inbox: Box<dyn Inbox>) -> Engine<'a> {
        self.inbox = Some(inbox);
        self
    }

    /// Takes steps until everything is done or nothing can be done without people.
    ///
    /// # Errors
    /// When the journal cannot be written; what was under way is left to finish, and is looked at on resuming.
    pub async fn drive(&mut self) -> Result<StopReason, EngineError> {
        let mut in_flight = InFlight::default();
        loop {
            self.read_inbox(&mut in_flight)?;
            // What acts outside is awaited: broken off, nobody would know whether it is there.
            if self.state.aborted.is_some() && !in_flight.steps().any(|step| self.acts_outside(step)) {
                return Ok(StopReason::Aborted);
            }
            self.start_looks(&mut in_flight);
            if !in_flight.is_empty() {
                self.take_result(&mut in_flight).await?;
            } else if self.frontier.is_complete() {
                return self.finish();
            } else {
                let Some(time) = self.next_look_worth_waiting_for() else { return Ok(StopReason::Held) };
                self.reporter.notice(&Notice::Sleeping(time));
                self.sleep_until(time).await;
            }
        }
    }

    fn acts_outside(&self, step: &Step) -> bool {
        self.state.acts(&step.name) && step.kind.visibility() != Visibility::Local
    }

    /// Takes in what people decided meanwhile.
    fn read_inbox(&mut self, in_flight: &mut InFlight) -> Result<(), EngineError> {
        let Some(mut inbox) = self.inbox.take() else { return Ok(()) };
        while let Some(letter) = inbox.next(&self.plan, &self.state) {
            let about = letter.event.decided_step().cloned();
            self.record(letter.event)?;
            inbox.recorded(&letter.name);
            about.iter().for_each(|step| {
                in_flight.outdate(step);
                // Where an answer was taken back, what comes next looked too early.
                self.plan.waiting_for(step).for_each(|later| in_flight.outdate(&later.name));
            });
        }
        if in_flight.is_empty()
            && let Some(wish) = inbox.wish()
        {
            self.record(wish.event)?;
            inbox.recorded(&wish.name);
        }
        self.inbox = Some(inbox);
        Ok(())
    }

    /// Nobody is at work: until this time, or until somebody decides something.
    async fn sleep_until(&mut self, time: Timestamp) {
        let clock = self.world.clock.clone();
        if clock.is_simulated() {
            return clock.sleep_until(time).await;
        }
        tokio::select! {
            () = clock.sleep_until(time) => {}
            () = mail_in(&mut self.inbox) => {}
        }
    }

    fn finish(&mut self) -> Result<StopReason, EngineError> {
        if !self.state.finished {
            self.record(Event::Finished)?;
        }
        Ok(StopReason::Finished)
    }

    /// Writes a fact; only then is it built on, and told.
    fn record(&mut self, event: Event) -> Result<(), EngineError> {
        let stamped = self.journal.append(self.world.clock.now(), event)?;
        self.state.apply(&stamped);
        self.frontier.take(&self.plan, &self.state, &stamped.record);
        self.reporter.notice(&Notice::Recorded(stamped));
        Ok(())
    }

    /// When to look again, unless that is so far off that the operator had better come back: nobody sits in front
    /// of a terminal for a week. A simulated clock jumps over any wait.
    fn next_look_worth_waiting_for(&self) -> Option<Timestamp> {
        let now = self.world.clock.now();
        let (time, end) = (self.frontier.next_look()?, self.state.next_end(now)?);
        let near = self.world.clock.is_simulated() || end.duration_since(now) <= self.longest_wait;
        near.then_some(time)
    }

    /// Starts to look at every step that may be taken, within the workflow's bound.
    fn start_looks(&mut self, in_flight: &mut InFlight) {
        if self.state.aborted.is_some() {
            return;
        }
        let bound = self.plan.inputs.workflow.policy.parallel.max(1);
        let plan = Arc::clone(&self.plan);
        let ready = self.frontier.ready(&plan, &self.state, self.world.clock.now());
        let free = bound.saturating_sub(in_flight.len());
        let next: Vec<&Step> = ready.filter(|step| !in_flight.has(&step.name)).take(free).collect();
        for step in next {
            self.reporter.notice(&Notice::Observing(step.name.clone()));
            let sight = Sight::default();
            self.sights.insert(step.name.clone(), sight.clone());
            let context = self.context(step, sight);
            in_flight.start(step, async move { StepResult::Looked(steps::observe(&context).await) });
        }
    }

    /// Waits for one result, for the time at which something else is to be looked at, or for somebody to decide something.
    async fn take_result(&mut self, in_flight: &mut InFlight) -> Result<(), EngineError> {
        // A simulated clock may only jump when nobody is at work, or it would outrun them.
        let due = self.frontier.next_look().filter(|_| !self.world.clock.is_simulated());
        let clock = self.world.clock.clone();
        let alarm = async move {
            match due {
                Some(time) if time > clock.now() => clock.sleep_until(time).await,
                _ => std::future::pending().await,
            }
        };
        let finished = tokio::select! {
            finished = in_flight.next() => finished,
            () = alarm => None,
            () = mail_in(&mut self.inbox) => None,
            Some((step, text)) = self.told.recv() => {
                self.reporter.notice(&Notice::Progress { step, text });
                None
            }
        };
        match finished {
            Some((step, result)) => self.take(in_flight, &step, result),
            None => Ok(()),
        }
    }

    fn take(&mut self, in_flight: &mut InFlight, step: &Step, result: StepResult) -> Result<(), EngineError> {
        // It looked for an answer that people have given since.
        if in_flight.was_outdated(&step.name) && matches!(result, StepResult::Looked(_)) {
            return Ok(());
        }
        if let StepResult::Looked(Err(error)) | StepResult::Acted(Err(error)) = &result {
            tracing::debug!(step = %step.name, %error, "step failed");
        }
        let sight = self.sights.remove(&step.name).unwrap_or_default();
        match decision::next(&self.state, &self.plan, step, result, self.world.clock.now()) {
            Next::Act if self.state.aborted.is_some() => Ok(()),
            Next::Act => self.act(in_flight, step, sight),
            Next::Record(events) => events.into_iter().try_for_each(|event| self.record(event)),
            Next::Postpone(wait) => {
                self.state.postpone(step.name.clone(), wait);
                self.frontier.touched(&self.plan, &self.state, &step.name);
                Ok(())
            }
        }
    }

    /// The intent is on disk before the step acts.
    fn act(&mut self, in_flight: &mut InFlight, step: &Step, sight: Sight) -> Result<(), EngineError> {
        self.record(Event::Intent { step: step.name.clone() })?;
        self.reporter.notice(&Notice::Acting(step.name.clone()));
        let context = self.context(step, sight);
        in_flight.start(step, async move { StepResult::Acted(steps::apply(&context).await) });
        Ok(())
    }

    fn context(&self, step: &Step, sight: Sight) -> StepContext {
        StepContext {
            plan: Arc::clone(&self.plan),
            step: step.clone(),
            facts: Arc::clone(&self.state.facts),
            world: Arc::clone(&self.world),
            folder: self.folder.clone(),
            begun: self.state.begun(&step.name),
            progress: self.progress.clone(),
            sight,
        }
    }
}

/// Until something lies in the inbox; for ever where there is none.
async fn mail_in(inbox: &mut Option<Box<dyn Inbox>>) {
    match inbox {
        Some(inbox) => until_mail(&mut **inbox).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::run::inbox::Letter;

    /// Has mail after this many looks.
    struct Later(u32);

    impl Inbox for Later {
        fn has_mail(&mut self) -> bool {
            self.0 = self.0.saturating_sub(1);
            self.0 == 0
        }

        fn next(&mut self, _plan: &Plan, _state: &State) -> Option<Letter> {
            None
        }

        fn wish(&mut self) -> Option<Letter> {
            None
        }

        fn recorded(&mut self, _letter: &str) {}
    }

    #[tokio::test]
    async fn mail_is_noticed_within_a_second_and_no_inbox_never_ends_a_wait() {
        let within = async |inbox: &mut Option<Box<dyn Inbox>>| {
            tokio::time::timeout(Duration::from_secs(1), mail_in(inbox)).await
        };
        assert!(within(&mut Some(Box::new(Later(2)))).await.is_ok());
        assert!(within(&mut None).await.is_err());
    }
}
