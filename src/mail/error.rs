//! What goes wrong with a mail, and whether it may have gone out all the same.

use std::path::PathBuf;

/// What is known about a mail whose sending failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It certainly was not sent.
    NotSent,
    /// It may have been sent: nobody may send it again before somebody has looked.
    Unknown,
}

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
    },
    /// The mail server refused the mail.
    #[error("the mail server `{host}` refused the mail `{subject}`: {reason}")]
    Refused {
        /// The server.
        host: String,
        /// The mail's subject.
        subject: String,
        /// The server's words.
        reason: String,
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

impl MailError {
    /// Whether the mail may have gone out.
    #[must_use]
    pub fn fate(&self) -> Fate {
        if matches!(self, MailError::Broken { .. }) { Fate::Unknown } else { Fate::NotSent }
    }
}
