//! GitHub's second interface, for what the first cannot do.
//!
//! Everything is a `POST`, and a refusal comes with status 200: what is only read is retried as a read is, and the refusal is
//! classed by its `type`.

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::call::{ApiResponse, Call};
use super::client::Client;
use super::error::{Class, GitHubError};
use super::pacing::later;
use crate::egress::Permit;
use crate::ids::RepoName;

/// An answer: what was asked for, and what is said against it.
#[derive(Deserialize)]
struct WireAnswer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<WireRefusal>,
}

/// One entry of `errors`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRefusal {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

/// The address of the interface: `/graphql`, and `/api/graphql` on servers whose other one is at `/api/v3`.
pub(super) fn address(api: &Url) -> Url {
    let mut base = api.clone();
    if let Some(prefix) = api.path().trim_end_matches('/').strip_suffix("/v3") {
        base.set_path(prefix);
    }
    base
}

impl Client {
    fn graphql(&self, query: &str, variables: &Value) -> Call {
        let call = Call::new(&address(self.api()), Method::POST, ["graphql"]);
        call.body(json!({"query": query, "variables": variables}))
    }

    /// Asks, and changes nothing.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<T, GitHubError> {
        let call = self.graphql(query, variables).only_reading();
        self.answered(self.send(call).await?)
    }

    /// Changes something of a repository, under a permit.
    pub(super) async fn mutate<T: DeserializeOwned>(
        &self,
        repo: &RepoName,
        permit: &Permit,
        mutation: &str,
        variables: &Value,
    ) -> Result<T, GitHubError> {
        let call = self.graphql(mutation, variables);
        self.answered(self.act(repo, permit, call).await?)
    }

    fn answered<T: DeserializeOwned>(&self, response: ApiResponse) -> Result<T, GitHubError> {
        let answer: WireAnswer<Value> = response.json()?;
        if let Some(refusal) = answer.errors.first() {
            let class = self.class(refusal);
            return Err(GitHubError { request: response.request.clone(), class });
        }
        let data = answer.data.unwrap_or_default();
        serde_path_to_error::deserialize(data)
            .map_err(|error| response.malformed(format!("`data.{}`: {}", error.path(), error.inner())))
    }

    fn class(&self, refusal: &WireRefusal) -> Class {
        let message = refusal.message.clone();
        match refusal.kind.as_str() {
            "FORBIDDEN" | "INSUFFICIENT_SCOPES" => Class::Forbidden { message },
            "NOT_FOUND" => Class::NotFound,
            "RATE_LIMITED" => Class::RateLimited { until: later(self.clock().now(), HOUR) },
            "UNPROCESSABLE" if message.contains("Head branch was modified") => Class::HeadModified,
            "UNPROCESSABLE" => Class::NotAllowed { message },
            _ => Class::Invalid { message },
        }
    }
}

/// After which a used-up limit is full again at the latest.
const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_beside_the_other_interface() {
        for (api, wanted) in [
            ("https://api.github.com/", "https://api.github.com/graphql"),
            ("https://git.example/api/v3/", "https://git.example/api/graphql"),
            ("http://127.0.0.1:80/api/", "http://127.0.0.1/api/graphql"),
        ] {
            let call = Call::new(&address(&api.parse().unwrap()), Method::POST, ["graphql"]);
            assert_eq!(call.url.as_str(), wanted);
            assert_eq!(call.request().to_string(), "POST /graphql");
        }
    }
}
