//! The side of whoever decides: on the spot where the run is free, by a letter where somebody drives it.

use std::path::Path;
use std::time::{Duration, Instant};

use super::files::{AwaitedLetter, Post, Reply, Stage};
use crate::control::decisions::{DecisionRequest, Refusal, Ruling};
use crate::control::disk::DiskError;
use crate::control::home::Home;
use crate::control::opened::Opened;
use crate::run::{JournalError, LockError};

/// How often it is looked whether there is an answer.
const PAUSE: Duration = Duration::from_millis(40);
/// So long a step that is looked at again is waited for, before an answer to it is refused.
const LOOK: Duration = Duration::from_secs(10);
/// After so long without an answer it is said who is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

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
    mut waits: impl FnMut(&str),
) -> Result<Decided, DecideError> {
    when_asked(home, || decide_at_once(home, request, &mut waits))
}

/// Does what needs a step that asks, once more where the process that drives the run looks at that step again at this moment.
///
/// # Errors
/// When it is refused for another reason, or still after some seconds.
pub fn when_asked<T>(
    home: &Home,
    mut attempt: impl FnMut() -> Result<T, DecideError>,
) -> Result<T, DecideError> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(DecideError::Refused(refusal))
                if refusal.is_passing() && begun.elapsed() < LOOK && home.driver()?.is_some() =>
            {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

fn decide_at_once(
    home: &Home,
    request: &DecisionRequest,
    waits: &mut impl FnMut(&str),
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

/// How long the process that drives the run has been waited for.
pub(super) struct Patience {
    since: Instant,
    is_told: bool,
}

impl Patience {
    pub(super) fn new() -> Patience {
        Patience { since: Instant::now(), is_told: false }
    }

    /// Waits a little. `waits` hears who is waited for, once, if it takes long.
    pub(super) fn wait(&mut self, owner: &str, waits: &mut impl FnMut(&str)) {
        if !self.is_told && self.since.elapsed() > PATIENCE {
            waits(owner);
            self.is_told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

/// A decision whose answer is awaited.
pub(super) struct SentLetter {
    letter: AwaitedLetter,
    post: Post,
}

impl SentLetter {
    pub(super) fn send(inbox: &Path, post: Post) -> Result<SentLetter, DiskError> {
        Ok(SentLetter { letter: AwaitedLetter::leave(inbox, Stage::Posted, &post)?, post })
    }

    fn answer(
        self,
        home: &Home,
        owner: String,
        waits: &mut impl FnMut(&str),
    ) -> Result<Decided, DecideError> {
        let (mut owner, mut patience) = (owner, Patience::new());
        loop {
            if let Some(reply) = self.reply() {
                return told(reply, owner);
            }
            match home.lock() {
                Ok(_lock) => return self.settle(&mut home.open()?, owner),
                Err(LockError::Held { owner: now }) => owner = now,
                Err(error) => return Err(error.into()),
            }
            patience.wait(&owner, waits);
        }
    }

    fn reply(&self) -> Option<Reply> {
        self.letter.files.read(Stage::Reply).ok()
    }

    /// Nobody drives the run any more: what became of the letter is in its answer or in the journal, and else it is taken back.
    pub(super) fn settle(&self, opened: &mut Opened, owner: String) -> Result<Decided, DecideError> {
        if let Some(reply) = self.reply() {
            return told(reply, owner);
        }
        if let Some(ruling) = self.letter.files.recorded(self.post.before, &opened.events) {
            return Ok(Decided { ruling, taken_by: None });
        }
        self.letter.files.remove();
        decide_here(opened, &self.post.request)
    }
}

fn told(reply: Reply, owner: String) -> Result<Decided, DecideError> {
    match reply {
        Reply::Accepted(ruling) => Ok(Decided { ruling: *ruling, taken_by: Some(owner) }),
        Reply::Refused(refusal) => Err(refusal.into()),
        Reply::Unknown => Err(DecideError::OtherVersion { owner }),
    }
}
