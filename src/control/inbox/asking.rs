//! The side of whoever decides: on the spot where the run is free, by a letter where somebody drives it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::files::{LetterFiles, Post, Reply, Stage};
use crate::control::decisions::{DecisionRequest, Refusal, Ruling};
use crate::control::disk::DiskError;
use crate::control::home::Home;
use crate::control::opened::Opened;
use crate::run::{JournalError, LockError};

/// How often it is looked whether there is an answer.
pub(super) const PAUSE: Duration = Duration::from_millis(40);
/// After so long without an answer it is said who is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// A decision that is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What was decided.
    pub ruling: Ruling,
    /// Who drives the run and took it in, as they call themselves; nobody, where the run was free.
    pub taken_by: Option<String>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// It would have no effect, or not the one that was meant.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The letter cannot be left, or its answer not be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The process that drives the run does not understand it.
    #[error(
        "the release is being run by {owner}, with another version of lockgate, which does not know this decision"
    )]
    OtherVersion {
        /// As they call themselves.
        owner: String,
    },
}

impl From<Refusal> for DecideError {
    fn from(refusal: Refusal) -> DecideError {
        DecideError::Refused(Box::new(refusal))
    }
}

/// Takes a decision and records it. Where a process drives the run, it is that process which judges and records it; where that
/// process ends meanwhile, it is done here, unless it was recorded before. `waits` hears who is waited for, once, if that
/// takes long.
///
/// # Errors
/// When it is refused, there is no run, or the disk refuses.
pub fn decide(
    home: &Home,
    request: &DecisionRequest,
    waits: impl FnMut(&str),
) -> Result<Decided, DecideError> {
    // Where there is no run, that is said, and not that it cannot be locked.
    let before = home.open()?.events.len() as u64;
    match home.lock() {
        // It is read again once it is locked: somebody may have driven it until then.
        Ok(_lock) => decide_here(&mut home.open()?, request),
        Err(LockError::Held { owner }) => {
            let post = Post { before, request: request.clone() };
            SentLetter::send(&home.folder.inbox(), post)?.answer(home, owner, waits)
        }
        Err(error) => Err(error.into()),
    }
}

fn decide_here(opened: &mut Opened, request: &DecisionRequest) -> Result<Decided, DecideError> {
    let ruling = opened.decisions().decide(request)?;
    opened.record(ruling.event.clone())?;
    Ok(Decided { ruling, taken_by: None })
}

/// A letter whose answer is awaited. It is gone when this is dropped.
pub(super) struct SentLetter {
    files: LetterFiles,
    post: Post,
    /// Locked as long as the answer is awaited.
    _file: File,
}

impl SentLetter {
    pub(super) fn send(inbox: &Path, post: Post) -> Result<SentLetter, DiskError> {
        let files = LetterFiles::of_now(inbox);
        let file = files.post(Stage::Posted, &post).map_err(DiskError::to("leave a request in", inbox))?;
        Ok(SentLetter { files, post, _file: file })
    }

    fn answer(self, home: &Home, owner: String, mut waits: impl FnMut(&str)) -> Result<Decided, DecideError> {
        let (since, mut owner, mut is_told) = (Instant::now(), owner, false);
        loop {
            if let Some(reply) = self.reply() {
                return told(reply, owner);
            }
            match home.lock() {
                Ok(_lock) => return self.settle(&mut home.open()?, owner),
                Err(LockError::Held { owner: now }) => owner = now,
                Err(error) => return Err(error.into()),
            }
            if !is_told && since.elapsed() > PATIENCE {
                waits(&owner);
                is_told = true;
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn reply(&self) -> Option<Reply> {
        self.files.read(Stage::Reply).ok()
    }

    /// Nobody drives the run any more: what became of the letter is in its answer or in the journal, and else it is taken back.
    pub(super) fn settle(&self, opened: &mut Opened, owner: String) -> Result<Decided, DecideError> {
        if let Some(reply) = self.reply() {
            return told(reply, owner);
        }
        if let Some(ruling) = self.files.recorded(self.post.before, &opened.events) {
            return Ok(Decided { ruling, taken_by: None });
        }
        self.files.remove();
        decide_here(opened, &self.post.request)
    }
}

fn told(reply: Reply, owner: String) -> Result<Decided, DecideError> {
    match reply {
        Reply::Accepted(ruling) => Ok(Decided { ruling, taken_by: Some(owner) }),
        Reply::Refused(refusal) => Err(refusal.into()),
        Reply::Unknown => Err(DecideError::OtherVersion { owner }),
    }
}

impl Drop for SentLetter {
    fn drop(&mut self) {
        self.files.remove();
    }
}
