//! The wish that the process that drives a run looks again: somebody has put right outside what failed or was asked about.

use super::asking::{DecideError, Patience};
use super::files::{AwaitedLetter, Stage};
use super::folder::InboxFolder;
use crate::control::home::Home;
use crate::control::operator::operator;
use crate::run::until_mail;

/// Asks the process that drives the run to look again, which it does as soon as none of its steps is under way. Gives who it is
/// once the journal has it; nobody where that process has ended meanwhile, and the run can be resumed here. `waits` hears who is
/// waited for, once, if that takes long.
///
/// # Errors
/// When the wish cannot be left, or the lock not be looked at.
pub fn look_again(home: &Home, mut waits: impl FnMut(&str)) -> Result<Option<String>, DecideError> {
    let Some(owner) = home.driver()? else { return Ok(None) };
    let wish = AwaitedLetter::leave(&home.folder.inbox(), Stage::Wish, &operator())?;
    let mut patience = Patience::new();
    while wish.files.has(Stage::Wish) {
        if home.driver()?.is_none() {
            return Ok(None);
        }
        patience.wait(&owner, &mut waits);
    }
    Ok(Some(owner))
}

/// Until somebody writes to the process that holds the lock of this run: a decision, or that it is to look again.
pub async fn written_to(home: &Home) {
    until_mail(&mut InboxFolder::at(&home.folder)).await;
}
