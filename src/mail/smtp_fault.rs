//! What goes wrong in a conversation with a mail server, and whether it stays so.

use std::time::Duration;

use crate::failure::Persistence;

/// What goes wrong in a conversation.
#[derive(Debug, thiserror::Error)]
pub(super) enum SmtpFault {
    /// The server or the connection.
    #[error("{}", whole(.0))]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The connection could not be made.
    #[error("Connection error: {0}")]
    Unreached(#[from] std::io::Error),
    /// Nothing came, or not all of it.
    #[error("the server gave no whole answer in {:.0?}", .0)]
    Silent(Duration),
    /// About one recipient.
    #[error("recipient {to}: {fault}")]
    Recipient {
        /// Whom.
        to: String,
        /// What.
        fault: Box<SmtpFault>,
    },
}

impl SmtpFault {
    /// Whether the server has spoken: 4xx and 5xx mean that it did not take the mail.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, SmtpFault::Smtp(error) if error.is_permanent() || error.is_transient())
    }

    /// A server that says 5xx has decided, and so has one whose certificate is not accepted; 4xx is how greylisting
    /// begins; silence and a broken connection may be over in a minute.
    pub(super) fn persistence(&self) -> Persistence {
        match self {
            SmtpFault::Smtp(error) if error.is_permanent() || error.is_client() || is_of_tls(error) => {
                Persistence::Permanent
            }
            SmtpFault::Smtp(error) if error.is_transient() => Persistence::Deferred,
            SmtpFault::Smtp(_) | SmtpFault::Unreached(_) | SmtpFault::Silent(_) => Persistence::TRANSIENT,
            SmtpFault::Recipient { fault, .. } => fault.persistence(),
        }
    }
}

/// Whether the connection could not be protected: the certificate is of another host, has expired, or is signed by
/// nobody known. The TLS library hides its errors in those of the connection.
fn is_of_tls(error: &lettre::transport::smtp::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(this) = cause {
        let inner = this.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if this.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        cause = this.source();
    }
    error.is_tls()
}

/// The error and its causes in one line.
pub(super) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(this) = cause {
        let more = this.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = this.source();
    }
    text
}
