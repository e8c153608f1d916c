//! Mail over SMTP.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::MailError;
use super::message::Message;
use crate::failure::Persistence;
use crate::tls::install_tls;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start (port 465).
    Tls,
    /// TLS after a greeting (port 587); nothing is sent when the server does not offer it.
    StartTls,
    /// None: for a server on this machine, and for tests.
    Plain,
}

/// Whom the server knows us as.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port; the usual one of its protection when `None`.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: Security,
    /// Whom it knows us as; nobody when `None`.
    pub login: Option<SmtpLogin>,
}

/// A mail server, ready for use.
#[derive(Clone)]
pub(super) struct Smtp {
    host: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).finish_non_exhaustive()
    }
}

/// How long one answer of the server may take.
const LIMIT: Duration = Duration::from_secs(60);

impl Smtp {
    pub(super) fn new(settings: SmtpSettings) -> Result<Smtp, MailError> {
        install_tls();
        let SmtpSettings { host, port, security, login } = settings;
        let refuse = |reason: String| MailError::Settings { host: host.clone(), reason };
        if login.is_some() && security == Security::Plain && !is_loopback(&host) {
            return Err(refuse("a password is not sent over an unprotected connection".to_owned()));
        }
        let builder = match security {
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&host),
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&host),
            Security::Plain => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)),
        };
        let mut builder = builder.map_err(|error| refuse(whole(&error)))?.timeout(Some(LIMIT));
        if let Some(port) = port {
            builder = builder.port(port);
        }
        if let Some(SmtpLogin { user, password }) = login {
            builder = builder.credentials(Credentials::new(user, password.expose_secret().to_owned()));
        }
        Ok(Smtp { transport: builder.build(), host })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Hands the mail over. The connection and the login are tried first, so that their failure is told from a
    /// failure that leaves the mail's fate unknown.
    pub(super) async fn send(&self, message: &Message, at: Timestamp) -> Result<(), MailError> {
        let wire = message.wire(at)?;
        let no_server =
            |reason, persistence| MailError::NoServer { host: self.host.clone(), reason, persistence };
        match self.transport.test_connection().await {
            Ok(true) => {}
            Ok(false) => return Err(no_server("it does not answer".to_owned(), Persistence::TRANSIENT)),
            Err(error) => return Err(no_server(whole(&error), persistence(&error))),
        }
        let (host, subject) = (self.host.clone(), message.subject().to_owned());
        match self.transport.send(wire).await {
            Ok(_) => Ok(()),
            // The server has spoken: 4xx and 5xx mean that it did not take the mail.
            Err(error) if error.is_permanent() || error.is_transient() => {
                let (reason, persistence) = (whole(&error), persistence(&error));
                Err(MailError::Refused { host, subject, reason, persistence })
            }
            Err(error) => Err(MailError::Broken { host, subject, reason: whole(&error) }),
        }
    }
}

/// A server that says 5xx has decided; 4xx, a timeout and a broken connection may be over in a minute.
fn persistence(error: &lettre::transport::smtp::Error) -> Persistence {
    if error.is_permanent() || error.is_client() { Persistence::Permanent } else { Persistence::TRANSIENT }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The error and its causes in one line.
fn whole(error: &dyn std::error::Error) -> String {
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
