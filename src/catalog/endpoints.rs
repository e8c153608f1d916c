//! Where the outside services are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::registry::Protocol;

/// Where the outside services are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct EndpointFacts {
    /// GitHub's REST API.
    pub api: String,
    /// The prefix of clone addresses.
    pub git: String,
    /// The roots of the package registries that releases wait for.
    pub registries: BTreeMap<Protocol, String>,
}

impl EndpointFacts {
    /// The address of a page for people: GitHub's pages are below the address of its repositories, whichever server it is.
    #[must_use]
    pub fn page(&self, path: impl std::fmt::Display) -> String {
        let base = match self.git.trim_end_matches('/') {
            base if base.starts_with("http") => base,
            // Repositories by SSH or from a folder: where their pages are is not said.
            _ => "https://github.com",
        };
        format!("{base}/{path}")
    }

    /// The name of the server that has the pages.
    #[must_use]
    pub fn host(&self) -> String {
        let page: Option<Url> = self.page("").parse().ok();
        page.as_ref().and_then(Url::host_str).unwrap_or("github.com").to_owned()
    }
}

impl Default for EndpointFacts {
    fn default() -> Self {
        EndpointFacts {
            api: "https://api.github.com".into(),
            git: "https://github.com".into(),
            registries: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_on_the_server_that_has_the_repositories() {
        let at = |git: &str| {
            let endpoints = EndpointFacts { git: git.to_owned(), ..EndpointFacts::default() };
            endpoints.page("acme/pump/pull/7")
        };
        assert_eq!(at("https://github.com"), "https://github.com/acme/pump/pull/7");
        assert_eq!(at("https://github.acme.example/"), "https://github.acme.example/acme/pump/pull/7");
        assert_eq!(at("ssh://git@github.com"), "https://github.com/acme/pump/pull/7");
        let own = EndpointFacts { git: "https://git.acme.example:8443".into(), ..EndpointFacts::default() };
        assert_eq!(
            (own.host(), EndpointFacts::default().host()),
            ("git.acme.example".into(), "github.com".into())
        );
    }
}
