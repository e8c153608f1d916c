//! The connection to the server. It is made again by itself whenever it is lost; what was said meanwhile is said again by
//! whoever has no answer yet.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, AckKind};
use async_nats::{Client, ConnectOptions, HeaderMap, Subscriber, header};
use futures::StreamExt as _;
use serde_json::json;

use super::error::WorkersError;
use super::key::SigningKey;
use super::subject::inbox;

/// How long an answer of the server may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait before something is said again.
const PAUSE: Duration = Duration::from_millis(300);
/// Attempts to reach the server are not further apart than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where the server is, and how to know that it is the right one.
#[derive(Debug, Clone)]
pub struct ServerAddress {
    url: String,
    tls: bool,
    authority: Option<PathBuf>,
}

/// A connected server.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
    pub(super) jetstream: jetstream::Context,
}

/// A message that somebody has to answer for.
pub(super) struct Taken {
    pub(super) bytes: Vec<u8>,
    /// The how manieth time it was given to somebody.
    pub(super) delivery: i64,
    pub(super) receipt: Receipt,
}

/// What a message is answered with.
#[derive(Clone)]
pub(super) struct Receipt {
    client: Client,
    reply: async_nats::Subject,
}

impl ServerAddress {
    /// Of an address, and of a file with the certificates of who vouches for the server if it is not a public authority.
    ///
    /// # Errors
    /// It is no `nats://` or `tls://` address, or has a password in it: that would be seen in the list of processes.
    pub fn new(url: &str, authority: Option<PathBuf>) -> Result<ServerAddress, WorkersError> {
        let wrong = |why: &str| WorkersError::Address { address: url.to_owned(), why: why.to_owned() };
        let parsed = url::Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if !["nats", "tls"].contains(&parsed.scheme()) || parsed.host_str().is_none_or(str::is_empty) {
            return Err(wrong("write it as `nats://HOST:4222` or `tls://HOST:4222`"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(WorkersError::Address {
                address: format!("{}://…", parsed.scheme()),
                why: "leave out the user and the password: the key says who you are".to_owned(),
            });
        }
        Ok(ServerAddress { url: url.to_owned(), tls: parsed.scheme() == "tls", authority })
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

impl Server {
    /// Connects as the owner of this key.
    pub(super) async fn connect(
        address: &ServerAddress,
        key: &SigningKey,
        name: &str,
    ) -> Result<Server, WorkersError> {
        let public = key.public();
        let mut options = ConnectOptions::new()
            .name(name)
            .nkey(key.seed().to_owned())
            .custom_inbox_prefix(inbox(&public))
            .require_tls(address.tls || address.authority.is_some())
            .request_timeout(Some(PATIENCE))
            .reconnect_delay_callback(|attempts| {
                PAUSE.saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX)).min(LONGEST_PAUSE)
            });
        if let Some(authority) = &address.authority {
            options = options.add_root_certificates(authority.clone());
        }
        let client = options.connect(address.as_str()).await.map_err(|error| WorkersError::Connect {
            address: address.as_str().to_owned(),
            why: crate::wording::with_causes(&error),
        })?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(PATIENCE);
        Ok(Server { client, jetstream })
    }

    /// Whether it can be reached at this moment.
    pub(super) fn is_there(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Hears what is said to a subject.
    pub(super) async fn listen(&self, subject: &str) -> Result<Subscriber, WorkersError> {
        self.client.subscribe(subject.to_owned()).await.map_err(|error| refused("listen", &error))
    }

    /// Says something to whoever listens now. What is not heard is said again later, or was not important.
    pub(super) async fn say(&self, subject: &str, bytes: Vec<u8>) {
        let _ = self.client.publish(subject.to_owned(), bytes.into()).await;
    }

    /// Waits until what was said is on its way.
    pub(super) async fn flush(&self) {
        let _ = tokio::time::timeout(PATIENCE, self.client.flush()).await;
    }

    /// Puts something into a stream, once, however often it must be said until the server has confirmed it: it is known by
    /// `id`. Waits as long as that takes.
    pub(super) async fn put(&self, subject: &str, id: &str, bytes: Vec<u8>) {
        let bytes: bytes::Bytes = bytes.into();
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_MESSAGE_ID, id);
        loop {
            let sent =
                self.jetstream.publish_with_headers(subject.to_owned(), headers.clone(), bytes.clone());
            if let Ok(confirmed) = sent.await
                && confirmed.await.is_ok()
            {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The next message of a consumer, if one comes within this time. Nothing, too, if the server is not there.
    pub(super) async fn next(&self, stream: &str, consumer: &str, within: Duration) -> Option<Taken> {
        let wish = if within.is_zero() {
            json!({ "batch": 1, "no_wait": true })
        } else {
            json!({ "batch": 1, "expires": u64::try_from(within.as_nanos()).unwrap_or(u64::MAX) })
        };
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        // The message comes under its own subject: an ordinary question would not know it for its answer.
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.ok()?;
        answers.unsubscribe_after(1).await.ok()?;
        self.client.publish_with_reply(subject, inbox, wish.to_string().into()).await.ok()?;
        let answer = tokio::time::timeout(within.saturating_add(PATIENCE), answers.next());
        let message = answer.await.ok()??;
        // Without a place for a receipt it is no message, but a word about there being none.
        let reply = message.reply.clone()?;
        let bytes = message.payload.to_vec();
        let message = jetstream::Message { message, context: self.jetstream.clone() };
        let delivery = message.info().ok()?.delivered;
        Some(Taken { bytes, delivery, receipt: Receipt { client: self.client.clone(), reply } })
    }
}

impl Receipt {
    /// Answers for a message.
    pub(super) async fn give(&self, kind: AckKind) {
        let _ = self.client.publish(self.reply.clone(), kind.into()).await;
    }
}

/// What the server does not let us do.
pub(super) fn refused(what: &str, error: &dyn std::error::Error) -> WorkersError {
    WorkersError::Refused { what: what.to_owned(), why: crate::wording::with_causes(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_nats_and_holds_no_password() {
        let address = |url: &str| ServerAddress::new(url, None).map(|address| address.tls);
        assert!(matches!(address("nats://127.0.0.1:4222"), Ok(false)));
        assert!(matches!(address("tls://ci.example.org"), Ok(true)));
        for wrong in ["", "ci.example.org:4222", "http://ci.example.org", "nats://", "nats://u:secret@h"] {
            let error = address(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
