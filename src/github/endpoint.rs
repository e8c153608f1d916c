//! Where GitHub is, and why no client could be made for it.

use secrecy::SecretString;
use url::Url;

use super::pacing::Pacing;
use super::retry::Patience;
use crate::clock::Clock;

/// Where GitHub is, and how fast to talk to it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base address of the REST interface; a path prefix is kept.
    pub api: Url,
    /// The token; empty to ask anonymously.
    pub token: SecretString,
    /// The clock that waits use.
    pub clock: Clock,
    /// The user agent; GitHub refuses requests without one.
    pub user_agent: String,
    /// The pace of requests.
    pub pacing: Pacing,
    /// How long one request is retried.
    pub patience: Patience,
}

impl Endpoint {
    /// An endpoint with a fitting pace: GitHub's over TLS, none in an emulated world.
    #[must_use]
    pub fn new(api: Url, token: SecretString, clock: Clock) -> Endpoint {
        let pacing = if api.scheme() == "https" { Pacing::github() } else { Pacing::unhurried() };
        let user_agent = concat!("lockgate/", env!("CARGO_PKG_VERSION")).to_owned();
        Endpoint { api, token, clock, user_agent, pacing, patience: Patience::default() }
    }
}

/// Why no client could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The base address cannot be used.
    #[error("`{api}` is not the address of a REST interface")]
    Address {
        /// The address.
        api: Url,
    },
    /// The user agent cannot be sent as a header.
    #[error("`{user_agent}` cannot be sent as a user agent")]
    UserAgent {
        /// The name.
        user_agent: String,
    },
    /// The token contains characters that cannot be sent; it is not shown.
    #[error("the GitHub token contains characters that no token has (a line break?)")]
    Token,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
}
