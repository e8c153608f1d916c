//! The public archive of the lists, where a mail is found by its Message-ID once it has arrived.

use std::time::Duration;

use url::Url;

use super::error::MailError;
use super::message::Message;
use crate::archive_address::page_of;
use crate::tls::install_tls;

/// How long an archive may take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// An archive: its address with `{id}` in it, such as `https://lore.example/pump/{id}/`.
#[derive(Debug, Clone)]
pub(super) struct Archive {
    address: String,
    http: reqwest::Client,
}

/// What an archive shows of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archived {
    /// The mail, on this page.
    Found(Url),
    /// Not the mail, on the page where it would be: it did not arrive, or has not yet, or the archive gave no answer.
    Unseen(Url),
}

impl Archive {
    pub(super) fn new(address: &str) -> Result<Archive, MailError> {
        let unusable = |reason: String| MailError::Settings { host: address.to_owned(), reason };
        page_of(address, "a@b").ok_or_else(|| unusable("no mail has a page of its own there".to_owned()))?;
        install_tls();
        let http = reqwest::Client::builder().timeout(LIMIT);
        let http = http.user_agent(concat!("lockgate/", env!("CARGO_PKG_VERSION")));
        // An archive within reach of a test speaks no TLS, and the machine may have no root certificates.
        let http = if address.starts_with("http://") { http.tls_certs_only([]) } else { http };
        let http = http.build().map_err(|error| unusable(error.to_string()))?;
        Ok(Archive { address: address.to_owned(), http })
    }

    /// Looks for a mail. A page that lacks its subject is not the mail: archives answer a search for what they do not
    /// have with a page, too.
    pub(super) async fn look_for(&self, message: &Message) -> Option<Archived> {
        let page = page_of(&self.address, message.id())?;
        let text = match self.http.get(page.clone()).send().await {
            Ok(answer) if answer.status().is_success() => answer.text().await.unwrap_or_default(),
            Ok(_) | Err(_) => String::new(),
        };
        Some(if shows(&text, message.subject()) { Archived::Found(page) } else { Archived::Unseen(page) })
    }
}

/// Whether a page has the subject, however its markup writes it.
fn shows(page: &str, subject: &str) -> bool {
    let plain = |text: &str| {
        let marks =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        let text = marks.iter().fold(text.to_owned(), |text, (mark, letter)| text.replace(mark, letter));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plain(page).contains(&plain(subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_without_the_subject_is_not_the_mail() {
        let subject = "Pump 1.2 & 1.3: \"security\" release";
        assert!(shows("<title>Pump 1.2 &amp; 1.3:\n &quot;security&quot; release</title>", subject));
        assert!(!shows("<p>No results for a.b@lists.example</p>", subject));
    }
}
