//! Commits whose message says that no workflow is to start for them.

use git2::{Oid, Repository as Git};

use crate::emulator::git::message_of;
use crate::emulator::model::RunEvent;
use crate::emulator::world::EmulatorError;
use crate::skip_mark::skip_mark;

/// Whether an event on a commit starts nothing: pushes and pull requests look at its message, others do not.
pub(super) fn is_skipped(git: &Git, commit: Oid, event: RunEvent) -> Result<bool, EmulatorError> {
    if !matches!(event, RunEvent::Push | RunEvent::PullRequest) {
        return Ok(false);
    }
    Ok(skip_mark(&message_of(&git.find_commit(commit)?)).is_some_and(|mark| mark.is_certain))
}
