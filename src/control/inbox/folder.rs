//! The side of the process that drives the run.

use std::io;
use std::path::PathBuf;

use super::files::{LetterFiles, Post, Reply, Stage};
use crate::control::decisions::Decisions;
use crate::folder::Folder;
use crate::plan::Plan;
use crate::run::{Event, Inbox, Letter, StampedEvent, State};

/// The inbox as it lies in the run's folder. Only whoever holds the run's lock reads it.
pub(in crate::control) struct InboxFolder(PathBuf);

impl InboxFolder {
    /// Opens it, and clears up what a process that died left: what it recorded is answered, what it took and did not record is
    /// there to be taken again, and nobody's letters are thrown away.
    pub(in crate::control) fn open(folder: &Folder, events: &[StampedEvent]) -> InboxFolder {
        let inbox = InboxFolder::at(folder);
        for letter in LetterFiles::all(&inbox.0, Stage::Taken) {
            if let Err(error) = take_up(&letter, events) {
                tracing::debug!(letter = letter.name, %error, "a letter was left as it is");
            }
        }
        let answers = [Stage::Ruling, Stage::Reply].map(|stage| LetterFiles::all(&inbox.0, stage));
        let is_nobodys = |letter: &LetterFiles| !letter.has(Stage::Taken) && !letter.has(Stage::Posted);
        answers.iter().flatten().filter(|letter| is_nobodys(letter)).for_each(LetterFiles::remove);
        inbox
    }

    /// The inbox, to see whether there is something in it.
    pub(super) fn at(folder: &Folder) -> InboxFolder {
        InboxFolder(folder.inbox())
    }

    fn judge(&self, letter: &LetterFiles, plan: &Plan, state: &State) -> io::Result<Option<Letter>> {
        letter.turn(Stage::Posted, Stage::Taken)?;
        let Ok(post) = letter.read::<Post>(Stage::Taken) else {
            letter.write(Stage::Reply, &Reply::Unknown)?;
            return Ok(None);
        };
        match Decisions::new(plan, state).decide(&post.request) {
            Ok(ruling) => {
                let event = ruling.event.clone();
                letter.write(Stage::Ruling, &Reply::Accepted(Box::new(ruling)))?;
                Ok(Some(Letter { name: letter.name.clone(), event }))
            }
            Err(refusal) => letter.write(Stage::Reply, &Reply::Refused(refusal)).map(|()| None),
        }
    }
}

/// A letter that a process took which has died since.
fn take_up(letter: &LetterFiles, events: &[StampedEvent]) -> io::Result<()> {
    if !letter.is_awaited(Stage::Taken) {
        letter.remove();
        return Ok(());
    }
    if letter.has(Stage::Reply) {
        return Ok(());
    }
    let post: Post = letter.read(Stage::Taken)?;
    match letter.recorded(post.before, events) {
        Some(_) => letter.turn(Stage::Ruling, Stage::Reply),
        None => letter.turn(Stage::Taken, Stage::Posted),
    }
}

impl Inbox for InboxFolder {
    fn has_mail(&mut self) -> bool {
        [Stage::Posted, Stage::Wish].iter().any(|stage| !LetterFiles::all(&self.0, *stage).is_empty())
    }

    fn next(&mut self, plan: &Plan, state: &State) -> Option<Letter> {
        for letter in LetterFiles::all(&self.0, Stage::Posted) {
            if letter.is_nobodys(Stage::Posted) {
                letter.remove();
                continue;
            }
            match self.judge(&letter, plan, state) {
                Ok(Some(accepted)) => return Some(accepted),
                Ok(None) => {}
                // Taken back meanwhile, or the disk refuses: whoever waits decides once the run is free.
                Err(error) => tracing::debug!(letter = letter.name, %error, "a letter was not taken"),
            }
        }
        None
    }

    fn wish(&mut self) -> Option<Letter> {
        LetterFiles::all(&self.0, Stage::Wish).into_iter().find_map(|letter| {
            let operator = letter.read(Stage::Wish).ok().filter(|_| !letter.is_nobodys(Stage::Wish));
            let Some(operator) = operator else {
                letter.remove();
                return None;
            };
            Some(Letter { name: letter.name, event: Event::Resumed { operator, seat: None } })
        })
    }

    fn recorded(&mut self, letter: &str) {
        let letter = LetterFiles::new(&self.0, letter);
        // A wish is answered by being gone, with all that were there when the run began to look.
        if letter.has(Stage::Wish) {
            return LetterFiles::all(&self.0, Stage::Wish).iter().for_each(LetterFiles::remove);
        }
        if let Err(error) = letter.turn(Stage::Ruling, Stage::Reply) {
            // The journal has it: whoever waits finds it there.
            tracing::debug!(letter = letter.name, %error, "a letter was not answered");
        }
    }
}
