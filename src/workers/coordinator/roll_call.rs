//! Asking who is there.

use std::time::{Duration, Instant};

use async_nats::Subscriber;
use futures::StreamExt as _;
use jiff::Timestamp;

use super::crew::{Arrival, Crew};
use super::settings::CrewSettings;
use crate::workers::envelope::signed;
use crate::workers::error::WorkersError;
use crate::workers::message::{Offer, OfferState};
use crate::workers::server::Server;
use crate::workers::subject::{CARDS, OFFERS, RunId};

/// How long it is waited for the first worker, and for the next one.
const FIRST: Duration = Duration::from_secs(3);
const NEXT: Duration = Duration::from_millis(600);

/// A connection, and who is there.
pub(super) struct RollCall {
    pub(super) server: Server,
    pub(super) cards: Subscriber,
    pub(super) crew: Crew,
}

impl RollCall {
    /// Connects, and asks until nobody new answers.
    pub(super) async fn of(
        settings: &CrewSettings,
        run: &RunId,
        say: &dyn Fn(&str),
    ) -> Result<RollCall, WorkersError> {
        let server = Server::connect(&settings.server, &settings.key, "coordinator of lockgate").await?;
        let cards = server.listen(CARDS).await?;
        let mut call = RollCall { server, cards, crew: Crew::default() };
        call.server.say(OFFERS, signed(&settings.key, &question(run, settings))?).await;
        call.gather(settings, say).await;
        if call.crew.is_empty() {
            let (address, strangers) = (settings.server.as_str().to_owned(), call.crew.strangers());
            return Err(WorkersError::Nobody { address, strangers });
        }
        Ok(call)
    }

    async fn gather(&mut self, settings: &CrewSettings, say: &dyn Fn(&str)) {
        let began = Instant::now();
        loop {
            let patience = if self.crew.is_empty() { FIRST.saturating_sub(began.elapsed()) } else { NEXT };
            match tokio::time::timeout(patience, self.cards.next()).await {
                Ok(Some(card)) => {
                    let arrival = self.crew.hear(&card.payload, &settings.trusted);
                    if let Some(remark) = remark(&arrival) {
                        say(&remark);
                    }
                }
                Ok(None) => break,
                Err(_) if patience == NEXT || began.elapsed() >= FIRST => break,
                Err(_) => {}
            }
        }
    }
}

fn question(run: &RunId, settings: &CrewSettings) -> Offer {
    Offer {
        run: run.clone(),
        state: OfferState::Asking,
        made: Timestamp::now(),
        ack_wait_ms: settings.ack_wait_ms(),
        queues: Vec::new(),
    }
}

/// What people may want to know of a card.
pub(super) fn remark(arrival: &Arrival) -> Option<String> {
    match arrival {
        Arrival::Known | Arrival::New(_) => None,
        Arrival::Leaves(name) => Some(format!("{name} goes")),
        Arrival::Stranger(key) => {
            Some(format!("a worker with the key {key} is not trusted: it gets nothing"))
        }
        Arrival::Refused(why) => Some(format!("a card is ignored: {why}")),
    }
}
