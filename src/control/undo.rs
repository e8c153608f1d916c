//! `abort --undo`: what a release that was called off left where nobody has seen it is taken back, step by step.

use std::sync::Arc;

use super::decisions::Refusal;
use super::opened::Opened;
use crate::ids::StepName;
use crate::kinds::Undo;
use crate::report::Account;
use crate::run::{Event, JournalError};
use crate::steps::{Sight, StepContext, StepError, StepProgress, take_back};
use crate::world::World;

/// What became of one step.
#[derive(Debug)]
pub struct TakenBack {
    /// The step.
    pub step: StepName,
    /// What was done, or why nothing could be.
    pub outcome: Result<String, StepError>,
}

/// Why nothing is taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The release was not called off.
    #[error("the release was not called off, so nothing is taken back")]
    UnderWay,
    /// It is over.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Takes back what is on the private side and ours alone, the latest first. What fails is left, and the rest goes on; each is
/// in the journal as soon as it is done. The lock must be held.
///
/// # Errors
/// When the release was not called off, or the journal cannot be written.
pub async fn undo(opened: &mut Opened, world: &Arc<World>) -> Result<Vec<TakenBack>, UndoError> {
    if opened.state.aborted.is_none() {
        return Err(if opened.state.finished {
            UndoError::Refused(Box::new(Refusal::Finished))
        } else {
            UndoError::UnderWay
        });
    }
    let mut done = Vec::new();
    for effect in Account::of(&opened.plan, &opened.state, &opened.events).effects {
        let Some(context) = context(opened, world, &effect.step) else { continue };
        if !matches!(effect.undo, Undo::Possible(_)) {
            continue;
        }
        match take_back(&context).await {
            Ok(None) => {}
            Ok(Some(what)) => {
                let event = Event::TakenBack { step: effect.step.clone(), what: what.clone() };
                opened.record_at(world.clock.now(), event)?;
                done.push(TakenBack { step: effect.step, outcome: Ok(what) });
            }
            Err(error) => done.push(TakenBack { step: effect.step, outcome: Err(error) }),
        }
    }
    Ok(done)
}

/// What a step may read. A step that an amendment dropped has none: its targets are not in the plan any more.
fn context(opened: &Opened, world: &Arc<World>, step: &StepName) -> Option<StepContext> {
    Some(StepContext {
        plan: Arc::new(opened.plan.clone()),
        step: opened.plan.step(step)?.clone(),
        facts: Arc::clone(&opened.state.facts),
        world: Arc::clone(world),
        folder: opened.home().folder.clone(),
        begun: opened.state.begun(step),
        progress: StepProgress::default(),
        sight: Sight::default(),
    })
}
