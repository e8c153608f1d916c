//! `lockgate confirm`: records that something only people can do or decide is done.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::answer::Answer;
use super::completing;
use super::drive::{decided, judged};
use super::place::PlaceOption;
use super::problem::Problem;
use super::written;
use crate::control::{DecisionRequest, Home};
use crate::ids::{GhsaId, Login};

/// Confirms what a step states, and shows its text.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate confirm reproduced --advisory GHSA-4wx7-c2fg-q8rm --as mara\n  \
    lockgate confirm reproduced platforms --as mara\n  lockgate confirm release-mail --sent --as mara\n  lockgate confirm release-mail --send-again --as mara\n\n\
    A mail whose fate is not known is sent again only after --send-again, once. A mail that the server does not take \
    can be sent by hand: confirm it then, and Lockgate does not send it."
)]
pub(super) struct ConfirmCommand {
    /// The confirmation's name in the workflow, or the step that asks; several are confirmed together, or none of them.
    #[arg(required = true, add = ArgValueCandidates::new(completing::held_steps))]
    what: Vec<String>,
    /// The advisory that it is about, if the question is asked for each.
    #[arg(long, value_name = "GHSA")]
    advisory: Option<GhsaId>,
    /// Of a mail: it is out, by whatever way, and is not sent again. This is also meant without it.
    #[arg(long, conflicts_with_all = ["send_again", "advisory"])]
    sent: bool,
    /// Of a mail that may have been sent: it has not arrived, and is sent once more.
    #[arg(long, conflicts_with = "advisory")]
    send_again: bool,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Login,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

impl ConfirmCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let requests: Vec<DecisionRequest> = self.what.iter().map(|what| self.request(what)).collect();
        let opened = home.open()?;
        requests.iter().try_for_each(|request| judged(&opened, request))?;
        drop(opened);
        let verb = if self.send_again { "has it sent again:" } else { "confirmed" };
        decided(&home, &requests, verb).await
    }

    fn request(&self, what: &str) -> DecisionRequest {
        let (what, who) = (what.to_owned(), self.name.clone());
        if self.send_again {
            return DecisionRequest::SendAgain { what, who };
        }
        DecisionRequest::Confirm { what, advisory: self.advisory.clone(), who }
    }
}
