//! How long a process that drives a release stays: to its first question, through every wait, or until the release is finished.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::problem::Problem;
use super::{drive, later, status, terminal};
use crate::control::{self, Home, Opened, Waiting};
use crate::next_action::NextAction;
use crate::run::StopReason;
use crate::world::World;

/// Within this time of each other, decisions are taken for one.
const TOGETHER: Duration = Duration::from_secs(1);

/// How long the process stays.
#[derive(Debug, Args)]
pub(super) struct Stay {
    /// Stay through every wait that the clock or a service ends, such as the one for the hour, until people are needed.
    #[arg(long)]
    wait: bool,
    /// Stay until the release is finished, where people are asked, too: what they answer in another terminal, or hand in from
    /// elsewhere, is taken in within a second. `lockgate resume` there makes it look again at what failed.
    #[arg(long, conflicts_with = "wait")]
    stay: bool,
}

impl Stay {
    /// Drives the run as far as it goes, and as long as it stays, and says how it ended. The lock must be held. It is listened for
    /// Ctrl-C all the time, also between two answers.
    pub(super) async fn drive(
        &self,
        home: &Home,
        opened: Opened,
        world: &Arc<World>,
    ) -> Result<Answer, Problem> {
        let ended = drive::or_stopped(self.ended(home, opened, world), world.crew.as_deref()).await?;
        drive::conclude(home, ended)
    }

    async fn ended(&self, home: &Home, opened: Opened, world: &Arc<World>) -> Result<StopReason, Problem> {
        let waiting = if self.wait || self.stay { Waiting::UntilItMoves } else { Waiting::Short };
        let mut ended = drive::drive(opened, world, waiting).await?;
        let mut told = None;
        while self.stay && ended == StopReason::Held {
            let held = home.open()?;
            // Decisions that are taken together come one after the other, and what holds the run up is told after the last of them.
            let more = tokio::time::timeout(TOGETHER, control::written_to(home)).await.is_ok();
            // One that is refused changes nothing: what holds the run up was told before.
            if !more && told.replace(held.events.len()) != Some(held.events.len()) {
                tell(&held);
            }
            drop(held);
            control::written_to(home).await;
            ended = drive::drive(home.open()?, world, waiting).await?;
        }
        Ok(ended)
    }
}

/// What holds the run up, told by a process that stays.
fn tell(held: &Opened) {
    let commands = Commands::of(held);
    let status = status::of(held).driven_by("this process".to_owned());
    // A question is no remark: it is told to whoever wants to hear nothing else.
    let tell = if terminal::is_quiet() { terminal::complain } else { terminal::note };
    tell(status::holds(&status, &commands, held.now()));
    later::asked_later(held).into_iter().for_each(tell);
    terminal::note(
        "this process stays, and takes in within a second what is answered in another terminal; Ctrl-C ends it, and loses nothing",
    );
}

/// Leaves it to the process that drives the run to look again at what people have put right outside; `None` where it has ended
/// meanwhile.
pub(super) fn asked_to_look_again(home: &Home, opened: &Opened) -> Result<Option<Answer>, Problem> {
    let looks = control::look_again(home, |owner| {
        terminal::note(format!(
            "waiting until no step of {owner} is under way; Ctrl-C takes the request back"
        ));
    })?;
    let Some(owner) = looks else { return Ok(None) };
    let told = format!("{owner} drives the release, looks again at what failed or was asked, and continues");
    let answer = Answer::done(told).prose().next([Commands::of(opened).word(&NextAction::ShowStatus)]);
    answer.with(&json!({ "taken_by": owner })).map(Some)
}
