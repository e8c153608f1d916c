//! What a mail server may do with a mail, for mail that goes into a directory: as often as whoever made it says.

use std::fmt;
use std::sync::Arc;

use super::error::MailError;
use super::message::Message;
use crate::failure::Persistence;

/// What becomes of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTrouble {
    /// The server does not take it, with this code of SMTP and these words.
    Refused {
        /// The code: 4xx for now, 5xx for good.
        code: u16,
        /// The words.
        text: String,
    },
    /// The connection ends before the mail is handed over.
    Unreachable,
    /// The mail is taken, and the connection ends before the server says so.
    Lost,
    /// The server says that it took the mail, and forgets it.
    Dropped,
}

/// Says what becomes of the next mail of a kind.
#[derive(Clone)]
pub struct Troublemaker(Arc<Answer>);

/// What becomes of a mail of this kind, if anything goes wrong with it.
type Answer = dyn Fn(&str) -> Option<MailTrouble> + Send + Sync;

impl Troublemaker {
    /// One that answers like this.
    pub fn new(answer: impl Fn(&str) -> Option<MailTrouble> + Send + Sync + 'static) -> Troublemaker {
        Troublemaker(Arc::new(answer))
    }

    pub(super) fn next(&self, message: &Message) -> Option<MailTrouble> {
        (self.0)(message.kind())
    }
}

impl fmt::Debug for Troublemaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Troublemaker")
    }
}

/// Where the trouble is.
const HOST: &str = "the rehearsal's mail server";

impl MailTrouble {
    /// Whether the mail goes out all the same.
    pub(super) fn takes_the_mail(&self) -> bool {
        matches!(self, MailTrouble::Lost)
    }

    /// What the sender sees of it, if it sees anything.
    pub(super) fn error(self, message: &Message) -> Option<MailError> {
        let (host, subject) = (HOST.to_owned(), message.subject().to_owned());
        Some(match self {
            MailTrouble::Refused { code, text } => {
                let persistence = if code < 500 { Persistence::Deferred } else { Persistence::Permanent };
                MailError::Refused { host, subject, reason: format!("{code} {text}"), persistence }
            }
            MailTrouble::Unreachable => {
                let reason = "the connection ended".to_owned();
                MailError::NoServer { host, reason, persistence: Persistence::TRANSIENT }
            }
            MailTrouble::Lost => {
                MailError::Broken { host, subject, reason: "the connection ended".to_owned() }
            }
            MailTrouble::Dropped => return None,
        })
    }
}
