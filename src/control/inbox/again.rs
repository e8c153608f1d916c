//! The wish that the process that drives a run looks again: somebody has put right outside what failed or was asked about.

use std::time::{Duration, Instant};

use super::asking::{DecideError, PATIENCE, PAUSE};
use super::files::{LetterFiles, Stage};
use super::folder::InboxFolder;
use crate::control::disk::DiskError;
use crate::control::home::Home;
use crate::control::operator::operator;
use crate::run::{Inbox as _, LockError};

/// How often a process that stays at the questions of a run looks whether somebody wrote to it.
const LOOK: Duration = Duration::from_millis(200);

/// Asks the process that drives the run to look again, which it does as soon as none of its steps is under way. Gives who it is
/// once the journal has it; nobody where that process has ended meanwhile, and the run can be resumed here. `waits` hears who is
/// waited for, once, if that takes long.
///
/// # Errors
/// When the wish cannot be left, or the lock not be looked at.
pub fn look_again(home: &Home, mut waits: impl FnMut(&str)) -> Result<Option<String>, DecideError> {
    let Some(owner) = home.driver()? else { return Ok(None) };
    let wish = Wish::leave(home)?;
    let (since, mut is_told) = (Instant::now(), false);
    while wish.files.has(Stage::Wish) {
        match home.driver() {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(None),
            Err(error) => return Err(LockError::into(error)),
        }
        if !is_told && since.elapsed() > PATIENCE {
            waits(&owner);
            is_told = true;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Some(owner))
}

/// A wish that is left. It is gone when this is dropped, or when it is heard.
struct Wish {
    files: LetterFiles,
    /// Locked as long as somebody waits.
    _file: std::fs::File,
}

impl Wish {
    fn leave(home: &Home) -> Result<Wish, DiskError> {
        let inbox = home.folder.inbox();
        let files = LetterFiles::of_now(&inbox);
        let file = files.post(Stage::Wish, &operator()).map_err(DiskError::to("leave a wish in", &inbox))?;
        Ok(Wish { files, _file: file })
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.files.remove();
    }
}

/// Until somebody writes to the process that holds the lock of this run: a decision, or that it is to look again.
pub async fn written_to(home: &Home) {
    let mut inbox = InboxFolder::at(&home.folder);
    while !inbox.has_mail() {
        tokio::time::sleep(LOOK).await;
    }
}
