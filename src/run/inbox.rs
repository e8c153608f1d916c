//! What people decide while the run is under way, as the engine sees it.

use std::time::Duration;

use super::event::Event;
use super::state::State;
use crate::plan::Plan;

/// How often an inbox is looked into: people wait for the answer.
const PAUSE: Duration = Duration::from_millis(200);

/// A decision that has its effect where the run is. It is recorded, and then whoever took it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// By which the inbox knows it again.
    pub name: String,
    /// What is recorded.
    pub event: Event,
}

/// Where people leave what they decide while a run is under way.
pub trait Inbox: Send {
    /// Whether there may be something to read.
    fn has_mail(&mut self) -> bool;

    /// The next decision that is accepted where the run is. Whoever left one that is not is told by the inbox itself.
    fn next(&mut self, plan: &Plan, state: &State) -> Option<Letter>;

    /// Somebody put something right outside, and wants the run to look again as if it were resumed. Asked while nothing is under way
    /// alone: what acts is not begun a second time.
    fn wish(&mut self) -> Option<Letter>;

    /// The letter is on disk, and has its effect.
    fn recorded(&mut self, letter: &str);
}

/// Until something lies in the inbox.
pub async fn until_mail(inbox: &mut dyn Inbox) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if inbox.has_mail() {
            return;
        }
    }
}
