//! Where GitHub is, and why no client could be made for it.

use url::Url;

use super::pacing::Pacing;
use super::retry::Patience;
use crate::clock::Clock;
use crate::token::Token;

/// Where GitHub is, and how fast to talk to it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base address of the REST interface; a path prefix is kept.
    pub api: Url,
    /// The token; empty to ask anonymously.
    pub token: Token,
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
    pub fn new(api: Url, token: impl Into<Token>, clock: Clock) -> Endpoint {
        let pacing = if api.scheme() == "https" { Pacing::github() } else { Pacing::unhurried() };
        let user_agent = concat!("lockgate/", env!("CARGO_PKG_VERSION")).to_owned();
        Endpoint { api, token: token.into(), clock, user_agent, pacing, patience: Patience::default() }
    }
}

impl Endpoint {
    /// Where files of releases are uploaded: beside `api.github.com` and the like a host of its own, else the same.
    pub(super) fn uploads(&self) -> Url {
        let mut uploads = self.api.clone();
        let beside = self.api.host_str().and_then(|host| host.strip_prefix("api."));
        if let Some(domain) = beside {
            // The name of a host with another first part is one.
            let _ = uploads.set_host(Some(&format!("uploads.{domain}")));
        }
        uploads
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
    /// The private key of the App cannot be used; it is not shown.
    #[error("the private key of the GitHub App cannot be read: {reason}")]
    AppKey {
        /// Why.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_uploaded_to_the_host_that_github_has_for_them() {
        let uploads = |api: &str| {
            let clock = Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap());
            Endpoint::new(api.parse().unwrap(), String::new(), clock).uploads().to_string()
        };
        assert_eq!(uploads("https://api.github.com"), "https://uploads.github.com/");
        assert_eq!(uploads("https://api.acme.ghe.com"), "https://uploads.acme.ghe.com/");
        assert_eq!(uploads("https://github.acme.example/api/v3"), "https://github.acme.example/api/v3");
        assert_eq!(uploads("http://127.0.0.1:8080/api/v3"), "http://127.0.0.1:8080/api/v3");
    }
}
