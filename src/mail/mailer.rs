//! The one way out for mail.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::archive::{Archive, Archived};
use super::delivery::{Delivery, Sent};
use super::directory;
use super::error::MailError;
use super::message::Message;
use super::smtp::{Smtp, SmtpSettings};
use super::trouble::Troublemaker;
use crate::clock::Clock;
use crate::egress::Permit;

/// Where mail goes.
#[derive(Debug, Clone)]
pub struct Mailer {
    way: Way,
    archive: Option<Archive>,
    clock: Clock,
}

#[derive(Debug, Clone)]
enum Way {
    Smtp(Smtp),
    Directory(PathBuf, Option<Troublemaker>),
}

impl Mailer {
    /// The same with less patience for the server.
    #[cfg(test)]
    pub(super) fn with_patience(mut self, patience: super::smtp::SmtpPatience) -> Mailer {
        if let Way::Smtp(smtp) = &mut self.way {
            smtp.patience = patience;
        }
        self
    }

    /// Mail over SMTP. Nothing is sent yet.
    ///
    /// # Errors
    /// [`MailError::Settings`] when they cannot be used.
    pub fn smtp(settings: SmtpSettings, clock: Clock) -> Result<Mailer, MailError> {
        Ok(Mailer { way: Way::Smtp(Smtp::new(settings)?), archive: None, clock })
    }

    /// Mail into a directory, one `.eml` file for each kind of mail.
    #[must_use]
    pub fn directory(path: impl Into<PathBuf>, clock: Clock) -> Mailer {
        Mailer { way: Way::Directory(path.into(), None), archive: None, clock }
    }

    /// The same with the archive in which mails are found, at an address with `{id}` in it.
    ///
    /// # Errors
    /// [`MailError::Settings`] when the address is none.
    pub fn with_archive(self, address: &str) -> Result<Mailer, MailError> {
        Ok(Mailer { archive: Some(Archive::new(address)?), ..self })
    }

    /// The same of a server that makes trouble, and that nobody can ask what it sent.
    #[must_use]
    pub fn with_trouble(mut self, trouble: Option<Troublemaker>) -> Mailer {
        if let Way::Directory(_, troublemaker) = &mut self.way {
            *troublemaker = trouble;
        }
        self
    }

    /// Opens a conversation with the mail server, logs in and says goodbye: no mail is sent. Says what it found.
    ///
    /// # Errors
    /// [`MailError::NoServer`] when the server cannot be reached or does not take the login.
    pub async fn try_server(&self) -> Result<String, MailError> {
        match &self.way {
            Way::Directory(..) => Ok("mails are written to files here".to_owned()),
            Way::Smtp(smtp) => {
                smtp.try_session().await?;
                Ok(format!("`{}` takes our login; no mail was sent", smtp.host()))
            }
        }
    }

    /// Whether this very mail, by its id, was sent.
    #[must_use]
    pub fn lookup(&self, message: &Message) -> Sent {
        match &self.way {
            Way::Directory(path, None) => directory::lookup(path, message),
            Way::Directory(_, Some(_)) => Sent::Unknown {
                why: "the rehearsal's mail server keeps no record of what it sent".to_owned(),
            },
            Way::Smtp(smtp) => Sent::Unknown {
                why: format!(
                    "`{}` keeps no record of what it sent: look for the Message-ID {} where {} reads it",
                    smtp.host(),
                    message.id(),
                    message.recipients().join(", "),
                ),
            },
        }
    }

    /// What the archive shows of a mail; `None` without an archive. Worth asking where it may have been sent: an archive lags,
    /// and what it does not show proves nothing.
    pub async fn archived(&self, message: &Message) -> Option<Archived> {
        self.archive.as_ref()?.look_for(message).await
    }

    /// Sends a mail. Look it up first: a mail server takes the same mail twice.
    ///
    /// # Errors
    /// [`MailError`]; its fate says whether the mail may have gone out.
    pub async fn send(&self, message: &Message, _permit: &Permit) -> Result<Delivery, MailError> {
        let now = self.clock.now();
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message, now).await.map(|()| Delivery::Sent),
            Way::Directory(path, troublemaker) => {
                let trouble = troublemaker.as_ref().and_then(|troublemaker| troublemaker.next(message));
                let Some(trouble) = trouble else { return written(path, message, now).await };
                if trouble.takes_the_mail() {
                    written(path, message, now).await?;
                }
                trouble.error(message).map_or(Ok(Delivery::Sent), Err)
            }
        }
    }
}

async fn written(path: &Path, message: &Message, now: Timestamp) -> Result<Delivery, MailError> {
    let (folder, message) = (path.to_owned(), message.clone());
    let writing = tokio::task::spawn_blocking(move || directory::send(&folder, &message, now));
    let failed = |error| MailError::File { path: path.to_owned(), source: std::io::Error::other(error) };
    writing.await.unwrap_or_else(|error| Err(failed(error)))
}
