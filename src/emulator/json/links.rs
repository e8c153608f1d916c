//! Addresses and node ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where the world is reached, as the present caller reaches it.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    api: String,
    web: String,
}

impl Links {
    /// As on GitHub, `api.HOST` is the interface and `HOST` the pages; any other host has both, below `/api` and `/git`.
    pub(crate) fn of(host: &str) -> Links {
        match host.strip_prefix("api.") {
            Some(rest) => Links { api: format!("http://{host}"), web: format!("http://{rest}") },
            None => Links { api: format!("http://{host}/api"), web: format!("http://{host}/git") },
        }
    }

    /// An address of the API; the path begins with `/`.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    /// An address for people and for git; the path begins with `/`.
    pub(crate) fn web(&self, path: &str) -> String {
        format!("{}{path}", self.web)
    }
}

/// Percent-encodes what is not safe inside a query value or a path segment.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// An opaque global id.
pub(crate) fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    STANDARD.encode(format!("{kind}:{id}"))
}
