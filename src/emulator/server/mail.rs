//! Mail has no wire in an emulated world; what goes wrong with it is asked for here.

use std::sync::Arc;

use super::listener::Serving;
use super::trouble::strike;
use crate::emulator::faults::Asked;
use crate::emulator::spec::{FaultAnswer, FaultEffect, FaultyWire};

/// What becomes of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFate {
    /// The server answers with this code and these words.
    Answered {
        /// The code of SMTP.
        code: u16,
        /// The words.
        text: String,
    },
    /// The connection ends before the mail is handed over.
    Unreachable,
    /// The mail is taken, and the connection ends before the server says so.
    Lost,
}

impl Serving {
    /// What says of each mail, by its kind, what becomes of it; nothing where nothing goes wrong with mail.
    #[must_use]
    pub fn fates(&self) -> Option<impl Fn(&str) -> Option<MailFate> + Send + Sync + use<>> {
        let shared = Arc::clone(&self.shared);
        let goes_wrong = shared.world().faults.iter().any(|(_, fault)| fault.is_of_mail());
        goes_wrong.then_some(move |kind: &str| {
            let asked = Asked { wire: FaultyWire::Mail, method: "SEND", path: kind, is_read: false };
            let strike = strike(&mut shared.world(), &asked)?;
            Some(match (strike.answer, strike.effect) {
                (FaultAnswer::Status, _) => MailFate::Answered { code: strike.status, text: strike.body },
                (FaultAnswer::Cut | FaultAnswer::Silent, FaultEffect::Before) => MailFate::Unreachable,
                _ => MailFate::Lost,
            })
        })
    }
}
