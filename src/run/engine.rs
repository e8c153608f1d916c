//! The engine: one loop that looks, writes down the intent, acts, and writes down the outcome.
//!
//! Every decision about what comes next is taken by [`State`], which is pure; every fact goes through the
//! journal before anything is built on it. Steps run side by side, their facts are put in line here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{Id, JoinSet};

use super::event::{Event, How};
use super::journal::{Journal, JournalError};
use super::notice::{Notice, Reporter};
use super::retry;
use super::state::State;
use crate::folder::Folder;
use crate::ids::StepName;
use crate::kinds::Visibility;
use crate::plan::{Plan, Step};
use crate::steps::{self, Applied, Begun, MovedHead, Observed, Output, StepContext, StepError, Wait};
use crate::world::World;

/// The longest wait that a run sits through by itself; for what takes longer it ends and is resumed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Why the engine cannot go on at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The journal cannot be written: nothing is done.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// How the engine's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
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
    reporter: &'a mut dyn Reporter,
}

/// What a task brings back: the answer to looking, or to acting.
enum Answer {
    Looked(Result<Observed, StepError>),
    Acted(Result<Applied, StepError>),
}

/// The tasks under way, and the step of each.
struct Crew {
    tasks: JoinSet<Answer>,
    steps: BTreeMap<Id, Step>,
}

impl<'a> Engine<'a> {
    /// An engine for the run in this journal.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn new(
        plan: Arc<Plan>,
        world: Arc<World>,
        folder: Folder,
        journal: &'a mut Journal,
        reporter: &'a mut dyn Reporter,
    ) -> Result<Engine<'a>, EngineError> {
        let state = State::fold(&journal.events()?);
        Ok(Engine { plan, world, folder, journal, state, reporter })
    }

    /// Writes a fact that did not come from a step: the start, an approval, a decision.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn record(&mut self, record: Event) -> Result<(), EngineError> {
        let stamped = self.journal.append(self.world.clock.now(), record)?;
        self.state.apply(&stamped);
        self.reporter.notice(&Notice::Recorded(stamped));
        Ok(())
    }

    /// Takes steps until everything is done or nothing can be done without people.
    ///
    /// # Errors
    /// When the journal cannot be written; what was under way is left to finish, and is looked at on resuming.
    pub async fn drive(&mut self) -> Result<Ended, EngineError> {
        let mut crew = Crew { tasks: JoinSet::new(), steps: BTreeMap::new() };
        loop {
            if self.state.aborted.is_some() {
                return Ok(Ended::Aborted);
            }
            self.send_out(&mut crew);
            if crew.steps.is_empty() {
                if self.plan.steps().all(|step| self.state.is_done(&step.name)) {
                    if !self.state.finished {
                        self.record(Event::Finished)?;
                    }
                    return Ok(Ended::Finished);
                }
                let Some(hour) = self.next_look_worth_waiting_for() else { return Ok(Ended::Held) };
                self.reporter.notice(&Notice::Sleeping(hour));
                self.world.clock.sleep_until(hour).await;
            } else {
                self.take_in(&mut crew).await?;
            }
        }
    }

    /// When to look again, unless that is so far off that the operator had better come back: nobody sits in front
    /// of a terminal for a week. A simulated clock jumps over any wait.
    fn next_look_worth_waiting_for(&self) -> Option<Timestamp> {
        let hour = self.state.next_look()?;
        let clock = &self.world.clock;
        let near = clock.is_simulated() || hour.duration_since(clock.now()) <= LONGEST_WAIT;
        near.then_some(hour)
    }

    /// Sends out looks for every step that may be taken, within the workflow's bound.
    fn send_out(&mut self, crew: &mut Crew) {
        let bound = self.plan.inputs.workflow.policy.parallel.max(1);
        let plan = Arc::clone(&self.plan);
        for step in self.state.ready(&plan, self.world.clock.now()) {
            if crew.steps.len() >= bound {
                break;
            }
            if crew.steps.values().any(|busy| busy.name == step.name) {
                continue;
            }
            self.reporter.notice(&Notice::Observing(step.name.clone()));
            let context = self.context(step);
            let task = crew.tasks.spawn(async move { Answer::Looked(steps::observe(&context).await) });
            crew.steps.insert(task.id(), step.clone());
        }
    }

    /// Waits for one task, or for the hour at which something else is to be looked at.
    async fn take_in(&mut self, crew: &mut Crew) -> Result<(), EngineError> {
        // A simulated clock may only jump when nobody is at work, or it would outrun them.
        let due = self.state.next_look().filter(|_| !self.world.clock.is_simulated());
        let clock = self.world.clock.clone();
        let alarm = async move {
            match due {
                Some(hour) if hour > clock.now() => clock.sleep_until(hour).await,
                _ => std::future::pending().await,
            }
        };
        let joined = tokio::select! {
            joined = crew.tasks.join_next_with_id() => joined,
            () = alarm => return Ok(()),
        };
        match joined {
            None => Ok(()),
            Some(Ok((id, answer))) => match crew.steps.remove(&id) {
                Some(step) => self.take_answer(crew, step, answer),
                None => Ok(()),
            },
            Some(Err(broken)) => match crew.steps.remove(&broken.id()) {
                Some(step) => self.fail(&step.name, StepError::from(broken)),
                None => Ok(()),
            },
        }
    }

    fn take_answer(&mut self, crew: &mut Crew, step: Step, answer: Answer) -> Result<(), EngineError> {
        let name = step.name.clone();
        match answer {
            Answer::Looked(Ok(Observed::Todo)) => self.act(crew, step),
            Answer::Looked(Ok(Observed::Done(output))) => self.done(name, How::Adopted, output),
            Answer::Looked(Ok(Observed::Wait(wait))) | Answer::Acted(Ok(Applied::Wait(wait))) => {
                self.wait(name, wait)
            }
            Answer::Acted(Ok(Applied::Rerun(wait))) => {
                self.record(Event::Rerun { step: name.clone() })?;
                self.wait(name, wait)
            }
            Answer::Looked(Ok(Observed::Ask(question))) | Answer::Acted(Ok(Applied::Ask(question))) => {
                self.record(Event::Asked { step: name, question })
            }
            Answer::Looked(Ok(Observed::Moved(moved))) => self.go_back(moved),
            Answer::Acted(Ok(Applied::Done(output))) => self.done(name, How::Acted, output),
            Answer::Looked(Err(error)) | Answer::Acted(Err(error)) => self.fail(&name, error),
        }
    }

    /// The intent is on disk before the step acts.
    fn act(&mut self, crew: &mut Crew, step: Step) -> Result<(), EngineError> {
        self.record(Event::Intent { step: step.name.clone() })?;
        self.reporter.notice(&Notice::Acting(step.name.clone()));
        let context = self.context(&step);
        let task = crew.tasks.spawn(async move { Answer::Acted(steps::apply(&context).await) });
        crew.steps.insert(task.id(), step);
        Ok(())
    }

    fn done(&mut self, step: StepName, how: How, output: Output) -> Result<(), EngineError> {
        // What was begun and is found done was done by us; what leaves nothing outside cannot be found there.
        let local = self.plan.step(&step).is_none_or(|it| it.kind.visibility() == Visibility::Local);
        let how = if local || self.state.begun(&step) == Begun::Yes { How::Acted } else { how };
        self.record(Event::Done { step, how, output })
    }

    /// That a step waits is a fact, and so is any change of what for; that it looked once more in vain is not.
    fn wait(&mut self, step: StepName, wait: Wait) -> Result<(), EngineError> {
        if self.state.waits_for(&step, &wait.what) {
            self.state.postpone(step, wait);
            return Ok(());
        }
        self.record(Event::Waiting { step, wait })
    }

    fn go_back(&mut self, moved: Vec<MovedHead>) -> Result<(), EngineError> {
        let steps = State::to_reopen(&self.plan, &moved);
        self.record(Event::Reopened { moved, steps })
    }

    fn fail(&mut self, step: &StepName, error: StepError) -> Result<(), EngineError> {
        tracing::debug!(%step, %error, "step failed");
        let failures = self.state.failures(step) + 1;
        self.record(Event::Failed {
            step: step.clone(),
            message: error.message,
            hint: error.hint,
            effect: error.effect,
            blame: error.blame,
            retry: retry::after(error.persistence, failures, self.world.clock.now()),
        })
    }

    fn context(&self, step: &Step) -> StepContext {
        StepContext {
            plan: Arc::clone(&self.plan),
            step: step.clone(),
            facts: Arc::new(self.state.facts.clone()),
            world: Arc::clone(&self.world),
            folder: self.folder.clone(),
            begun: self.state.begun(&step.name),
        }
    }
}
