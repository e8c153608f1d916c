//! `abort --undo`: what a release that was called off left where nobody has seen it is taken back, step by step.

use std::path::PathBuf;
use std::sync::Arc;

use super::decisions::Refusal;
use super::opened::Opened;
use crate::ids::StepName;
use crate::report::{Account, LastingEffect};
use crate::run::{Event, JournalError};
use crate::steps::{Output, StepError, take_back};
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

/// Takes back what is on the private side and ours alone, the latest first: what this run left, and those in whose place it was
/// started. What fails is left, and the rest goes on; each is in the journal as soon as it is done. The lock must be held.
///
/// # Errors
/// When the release was not called off, or a journal cannot be read or written.
pub async fn undo(opened: &mut Opened, world: &Arc<World>) -> Result<Vec<TakenBack>, UndoError> {
    if opened.state.aborted.is_none() {
        return Err(if opened.state.finished {
            UndoError::Refused(Box::new(Refusal::Finished))
        } else {
            UndoError::UnderWay
        });
    }
    let mut done = Vec::new();
    for LastingEffect { step, kind, output, .. } in left(opened)? {
        match take_back(world, &any_store(opened), kind, &output).await {
            Ok(None) => {}
            Ok(Some(what)) => {
                let event = Event::TakenBack { step: step.clone(), what: what.clone(), output: Some(output) };
                opened.record_at(world.clock.now(), event)?;
                done.push(TakenBack { step, outcome: Ok(what) });
            }
            Err(error) => done.push(TakenBack { step, outcome: Err(error) }),
        }
    }
    Ok(done)
}

fn left(opened: &Opened) -> Result<Vec<LastingEffect>, JournalError> {
    let now = Account::of(&opened.plan, &opened.state, &opened.events);
    let before = opened.earlier_runs()?.into_iter().map(|run| run.account);
    let mut left: Vec<LastingEffect> =
        [now].into_iter().chain(before).flat_map(|account| account.effects).collect();
    // A pull request goes before its branch, whichever run made it: GitHub closes it with the branch.
    left.sort_by_key(|effect| matches!(effect.output, Output::Ref(_)));
    Ok(left)
}

/// A local repository of the run; one of a repository that an amendment dropped may be all there is, or there is none.
fn any_store(opened: &Opened) -> PathBuf {
    let folder = &opened.home().folder;
    let stores = opened.plan.inputs.catalog.repos.iter().map(|repo| folder.store(&repo.name));
    stores
        .clone()
        .find(|store| store.exists())
        .or_else(|| stores.clone().next())
        .unwrap_or_else(|| folder.root().to_owned())
}
