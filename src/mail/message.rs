//! One mail, with an id that is the same each time it is made.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;

use super::error::MailError;
use super::template::Rendered;
use crate::ids::Digest;

/// What a mail is made of.
#[derive(Debug, Clone)]
pub struct NewMessage<'m> {
    /// The release's name; only its digest is sent.
    pub release: &'m str,
    /// Which of the release's mails: `advance`, `release`, … Names the file in a rehearsal.
    pub kind: &'m str,
    /// The sender: `name@host` or `Name <name@host>`.
    pub from: &'m str,
    /// The recipients, at least one.
    pub to: &'m [String],
    /// Subject and text.
    pub text: Rendered,
}

/// A mail that is ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    id: String,
    kind: String,
    from: Mailbox,
    to: Vec<Mailbox>,
    text: Rendered,
}

/// Why there is no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// An address is none.
    #[error("`{address}` is not a mail address")]
    Address {
        /// The address.
        address: String,
    },
    /// Nobody would get it.
    #[error("the mail `{kind}` has no recipient")]
    NoRecipient {
        /// Which mail.
        kind: String,
    },
    /// The kind could not name a file.
    #[error("`{kind}` is not the name of a mail (letters, digits and dashes)")]
    Kind {
        /// The name.
        kind: String,
    },
    /// A line break in the subject would end the mail's head.
    #[error("the subject of the mail `{kind}` has a line break")]
    Subject {
        /// Which mail.
        kind: String,
    },
}

impl Message {
    /// Puts a mail together.
    ///
    /// # Errors
    /// [`MessageError`] for addresses, names and subjects that cannot be used.
    pub fn new(new: NewMessage<'_>) -> Result<Message, MessageError> {
        let kind = new.kind.to_owned();
        if kind.is_empty() || !kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(MessageError::Kind { kind });
        }
        if new.to.is_empty() {
            return Err(MessageError::NoRecipient { kind });
        }
        if new.text.subject.contains(['\n', '\r']) {
            return Err(MessageError::Subject { kind });
        }
        let from = mailbox(new.from)?;
        let to = new.to.iter().map(|address| mailbox(address)).collect::<Result<Vec<_>, _>>()?;
        let name = Digest::of(format!("{}\n{kind}", new.release));
        let id = format!("<lockgate.{}@{}>", &name.as_str()[..32], from.email.domain());
        Ok(Message { id, kind, from, to, text: new.text })
    }

    /// Its `Message-ID`, the same for the same release and kind: by it a mail is found again.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which of the release's mails it is.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.text.subject
    }

    /// Its text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.text.body
    }

    /// Its sender, as written in its head.
    #[must_use]
    pub fn sender(&self) -> String {
        self.from.to_string()
    }

    /// Its recipients, as written in its head.
    #[must_use]
    pub fn recipients(&self) -> Vec<String> {
        self.to.iter().map(Mailbox::to_string).collect()
    }

    /// As it goes over the wire, dated.
    pub(super) fn wire(&self, at: Timestamp) -> Result<lettre::Message, MailError> {
        let mut builder = lettre::Message::builder()
            .message_id(Some(self.id.clone()))
            .date(SystemTime::from(at))
            .from(self.from.clone())
            .subject(&self.text.subject)
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        builder.body(self.text.body.clone()).map_err(|error| MailError::Build {
            subject: self.text.subject.clone(),
            reason: error.to_string(),
        })
    }
}

fn mailbox(address: &str) -> Result<Mailbox, MessageError> {
    address.parse().map_err(|_| MessageError::Address { address: address.to_owned() })
}
