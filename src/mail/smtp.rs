//! Mail over SMTP.

use std::fmt;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::{SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::MailError;
use super::final_dot::{DotGate, connect, connect_protected};
use super::message::Message;
use super::smtp_fault::{SmtpFault, whole};
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

/// How long a mail server may take. RFC 5321, 4.5.3.2, wants ten minutes for the answer to the final dot alone; a
/// release day has no such time, and a mail whose answer is not waited for is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SmtpPatience {
    /// For one answer.
    pub(super) answer: Duration,
    /// For the answer to the final dot: the server may deliver before it gives it.
    pub(super) taking: Duration,
    /// For the whole conversation.
    pub(super) whole: Duration,
}

const PATIENCE: SmtpPatience = SmtpPatience {
    answer: Duration::from_secs(60),
    taking: Duration::from_secs(180),
    whole: Duration::from_secs(300),
};

/// A mail server, ready for use.
#[derive(Clone)]
pub(super) struct Smtp {
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    login: Option<SmtpLogin>,
    pub(super) patience: SmtpPatience,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Smtp {
    pub(super) fn new(settings: SmtpSettings) -> Result<Smtp, MailError> {
        install_tls();
        let SmtpSettings { host, port, security, login } = settings;
        let refuse = |reason: String| MailError::Settings { host: host.clone(), reason };
        if login.is_some() && security == Security::Plain && !is_loopback(&host) {
            return Err(refuse("a password is not sent over an unprotected connection".to_owned()));
        }
        let tls = match security {
            Security::Tls | Security::StartTls => {
                Some(TlsParameters::new(host.clone()).map_err(|error| refuse(whole(&error)))?)
            }
            Security::Plain => None,
        };
        let usual = match security {
            Security::Tls => SUBMISSIONS_PORT,
            Security::StartTls => SUBMISSION_PORT,
            Security::Plain => SMTP_PORT,
        };
        Ok(Smtp { port: port.unwrap_or(usual), host, security, tls, login, patience: PATIENCE })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Hands the mail over. Until the server is told that the mail is whole, it has taken nothing (RFC 5321, 4.1.1.4): only what
    /// fails after that leaves the mail's fate unknown.
    pub(super) async fn send(&self, message: &Message, at: Timestamp) -> Result<(), MailError> {
        let wire = message.wire(at)?;
        let (begun, gate) = (Instant::now(), DotGate::new());
        let greeted = self.in_time(begun, self.patience.whole, self.greet(&gate)).await;
        let mut connection = greeted.map_err(|fault| self.no_server(fault))?;
        let addressed = self.in_time(begun, self.patience.whole, self.address(&mut connection, &wire)).await;
        let pause = addressed.map_err(|fault| self.refused(message, fault))?;
        let bytes = wire.formatted();
        // Asked for more once all is written: what follows is the dot.
        let end = std::iter::from_fn(|| {
            gate.hold(pause);
            None
        });
        let parts = [bytes.as_slice()].into_iter().chain(end);
        let taken = self.in_time(begun, self.patience.taking, connection.message_iter(parts)).await;
        if let Err(fault) = taken {
            return Err(self.not_taken(message, fault, &gate, &mut connection).await);
        }
        // It has the mail; whether it says goodbye changes nothing.
        drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    /// What became of a mail that was not taken, or of which nobody knows.
    async fn not_taken(
        &self,
        message: &Message,
        fault: SmtpFault,
        gate: &DotGate,
        connection: &mut AsyncSmtpConnection,
    ) -> MailError {
        if fault.is_answer() {
            return self.refused(message, fault);
        }
        if gate.has_passed() {
            let (host, subject) = (self.host.clone(), message.subject().to_owned());
            return MailError::Broken { host, subject, reason: fault.to_string() };
        }
        // What it said before it left, if it said anything.
        let last = answer(GOODBYE.min(self.patience.answer), connection.read_response()).await;
        let told = last.err().filter(SmtpFault::is_answer);
        self.refused(message, told.unwrap_or(fault))
    }

    /// Greets the server and says goodbye.
    pub(super) async fn try_session(&self) -> Result<(), MailError> {
        let greeted = self.in_time(Instant::now(), self.patience.whole, self.greet(&DotGate::new())).await;
        let mut connection = greeted.map_err(|fault| self.no_server(fault))?;
        drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    /// Connects, protects the connection and logs in.
    async fn greet(&self, gate: &DotGate) -> Result<AsyncSmtpConnection, SmtpFault> {
        let limit = self.patience.answer;
        let hello = ClientId::default();
        let gate = gate.clone();
        let stream = match self.tls.clone().filter(|_| self.security == Security::Tls) {
            Some(tls) => answer(limit, connect_protected(&self.host, self.port, gate, tls)).await?,
            None => answer(limit, connect(&self.host, self.port, gate)).await?,
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut connection = answer(limit, greeting).await?;
        if let (Security::StartTls, Some(tls)) = (self.security, &self.tls) {
            answer(limit, connection.starttls(tls.clone(), &hello)).await?;
        }
        if let Some(SmtpLogin { user, password }) = &self.login {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            answer(limit, connection.auth(DEFAULT_MECHANISMS, &login)).await?;
        }
        Ok(connection)
    }

    /// Says from whom and to whom. One recipient that is refused stops the mail for all: half of them must not read
    /// it a day before the others. Gives how long the final dot is to be held back: until the end of a connection that broke off on
    /// the mail would be seen here.
    async fn address(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &lettre::Message,
    ) -> Result<Duration, SmtpFault> {
        let (limit, envelope) = (self.patience.answer, mail.envelope());
        let mut options = Vec::new();
        let mut addresses = envelope.from().into_iter().chain(envelope.to());
        if addresses.any(|address| !address.to_string().is_ascii()) {
            options.push(MailParameter::SmtpUtfEight);
        }
        answer(limit, connection.command(Mail::new(envelope.from().cloned(), options))).await?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            let told = answer(limit, connection.command(recipient)).await;
            told.map_err(|fault| SmtpFault::Recipient { to: to.to_string(), fault: Box::new(fault) })?;
        }
        let asked = Instant::now();
        answer(limit, connection.command(Data)).await?;
        Ok((asked.elapsed() * 2).clamp(SHORTEST_HOLD, LONGEST_HOLD))
    }

    /// What is left of the time for everything, or of `most`.
    async fn in_time<T, E: Into<SmtpFault>>(
        &self,
        begun: Instant,
        most: Duration,
        what: impl Future<Output = Result<T, E>>,
    ) -> Result<T, SmtpFault> {
        let left = self.patience.whole.saturating_sub(begun.elapsed()).min(most);
        answer(left, what).await
    }

    fn no_server(&self, fault: SmtpFault) -> MailError {
        let (reason, persistence) = (fault.to_string(), fault.persistence());
        MailError::NoServer { host: self.host.clone(), reason, persistence }
    }

    fn refused(&self, message: &Message, fault: SmtpFault) -> MailError {
        let (host, subject) = (self.host.clone(), message.subject().to_owned());
        MailError::Refused { host, subject, reason: fault.to_string(), persistence: fault.persistence() }
    }
}

/// For how long the final dot of a mail is held back at least.
const SHORTEST_HOLD: Duration = Duration::from_millis(100);
/// And at most.
const LONGEST_HOLD: Duration = Duration::from_secs(2);

/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// One answer within a limit.
async fn answer<T, E: Into<SmtpFault>>(
    limit: Duration,
    what: impl Future<Output = Result<T, E>>,
) -> Result<T, SmtpFault> {
    match tokio::time::timeout(limit, what).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(SmtpFault::Silent(limit)),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
