//! What goes wrong with a mail, and whether it may have gone out all the same.

use std::path::PathBuf;

use crate::failure::{Effect, Persistence, ServiceError};

/// A mail that was not sent as asked.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail server's settings cannot be used.
    #[error("the mail server `{host}` cannot be used: {reason}")]
    Settings {
        /// The server.
        host: String,
        /// Why.
        reason: String,
    },
    /// The mail server could not be reached, or refused us, before the mail was handed over.
    #[error("the mail server `{host}` does not take mail from us: {reason}")]
    NoServer {
        /// The server.
        host: String,
        /// Why.
        reason: String,
        /// Whether it may do so later: a login that it does not know stays unknown.
        persistence: Persistence,
    },
    /// The mail server refused the mail.
    #[error("the mail server `{host}` did not take the mail `{subject}`: {reason}")]
    Refused {
        /// The server.
        host: String,
        /// The mail's subject.
        subject: String,
        /// The server's words.
        reason: String,
        /// Whether it may take it later: 4xx of SMTP, as greylisting sends it.
        persistence: Persistence,
    },
    /// The connection broke while the mail was handed over.
    #[error(
        "the connection to `{host}` broke while it took the mail `{subject}`; it may have been sent: {reason}"
    )]
    Broken {
        /// The server.
        host: String,
        /// The mail's subject.
        subject: String,
        /// Why.
        reason: String,
    },
    /// The mail's file cannot be written or read.
    #[error("failed to keep the mail in `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds another mail.
    #[error("`{}` holds another mail; it is not overwritten", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// The mail cannot be put together.
    #[error("the mail `{subject}` cannot be put together: {reason}")]
    Build {
        /// Its subject.
        subject: String,
        /// Why.
        reason: String,
    },
}

impl ServiceError for MailError {
    /// Whether the mail may have gone out: then nobody may send it again before somebody has looked.
    fn effect(&self) -> Effect {
        if matches!(self, MailError::Broken { .. }) { Effect::Unknown } else { Effect::None }
    }

    fn persistence(&self) -> Persistence {
        match self {
            MailError::NoServer { persistence, .. } | MailError::Refused { persistence, .. } => *persistence,
            // The next look finds that it cannot know, and asks people.
            MailError::Broken { .. } => Persistence::TRANSIENT,
            _ => Persistence::Permanent,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            MailError::Settings { .. } => Some("correct `mail.smtp` in the catalog"),
            MailError::NoServer { .. } => {
                Some("check the mail server, its certificate, LOCKGATE_SMTP_PASSWORD and the network")
            }
            MailError::Refused { .. } => {
                Some("see the server's words, and have whoever runs the server or the list let the mail in")
            }
            MailError::File { .. } => Some("check the disk and the permissions"),
            MailError::Taken { .. } => Some("move that file away if it is not the release's"),
            MailError::Broken { .. } | MailError::Build { .. } => None,
        }
    }
}
