//! The client: retries where that is safe, and reads answers and lists.

use std::fmt;
use std::sync::Arc;

use http::Method;
use serde::de::DeserializeOwned;
use url::Url;

use super::cache::AnswerCache;
use super::call::{ApiResponse, Call};
use super::connection::Connection;
use super::endpoint::{ConnectError, Endpoint};
use super::error::{Class, GitHubError};
use super::pacing::later;
use super::retry::{Patience, RetryWaits};
use crate::clock::Clock;
use crate::ids::RepoName;

/// GitHub, or a server that answers like it. Clones share connections, pace and count.
#[derive(Clone)]
pub struct Client {
    shared: Arc<ClientState>,
}

struct ClientState {
    connection: Connection,
    patience: Patience,
    cache: AnswerCache,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.shared.connection.api.as_str()).finish_non_exhaustive()
    }
}

/// The most pages that are read of a list.
const PAGES: usize = 100;

impl Client {
    /// A client for this endpoint; nothing is sent yet. Async because the connection spawns a task.
    ///
    /// # Errors
    /// [`ConnectError`] when the address, the token or the machine's certificates cannot be used.
    #[allow(clippy::unused_async, reason = "must be called inside a runtime, and says so by its type")]
    pub async fn connect(endpoint: Endpoint) -> Result<Client, ConnectError> {
        let patience = endpoint.patience;
        let connection = Connection::new(endpoint)?;
        Ok(Client { shared: Arc::new(ClientState { connection, patience, cache: AnswerCache::default() }) })
    }

    /// How many requests were sent so far, repeated ones included.
    #[cfg(test)]
    pub(super) fn requests(&self) -> u64 {
        self.shared.connection.requests()
    }

    /// The base address.
    pub(super) fn api(&self) -> &Url {
        &self.shared.connection.api
    }

    /// Whether it acts as a GitHub App, whose tokens are renewed, and not as a person.
    #[must_use]
    pub fn acts_as_app(&self) -> bool {
        self.shared.connection.token.is_renewed()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.shared.connection.clock
    }

    /// Whether files of releases may be sent there, with the token.
    pub(super) fn takes_uploads(&self, url: &Url) -> bool {
        let Connection { api, uploads, .. } = &self.shared.connection;
        [api, uploads].iter().any(|known| known.origin() == url.origin())
    }

    /// What earlier answers said.
    pub(super) fn cache(&self) -> &AnswerCache {
        &self.shared.cache
    }

    pub(super) fn call<'s>(&self, method: Method, segments: impl IntoIterator<Item = &'s str>) -> Call {
        Call::new(&self.shared.connection.api, method, segments)
    }

    /// A request below `/repos/{owner}/{repo}`.
    pub(super) fn repo_call<'s>(
        &self,
        method: Method,
        repo: &'s RepoName,
        segments: impl IntoIterator<Item = &'s str>,
    ) -> Call {
        self.call(method, ["repos", repo.owner(), repo.name()].into_iter().chain(segments))
    }

    /// Sends a request, retries it where that is safe, and returns the successful response.
    pub(super) async fn send(&self, call: Call) -> Result<ApiResponse, GitHubError> {
        let mut waits = RetryWaits::new(self.shared.patience);
        loop {
            let error = match self.shared.connection.answer(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let now = self.clock().now();
            let Some(wait) = waits.next(&error, now) else { return Err(error) };
            tracing::debug!(%error, seconds = wait.as_secs(), "waiting before the request is sent again");
            if matches!(error.class, Class::RateLimited { .. } | Class::SecondaryLimit { .. }) {
                self.shared.connection.pacer.hold_until(later(now, wait));
            }
            self.clock().sleep(wait).await;
        }
    }

    /// Sends a request and reads the body of its response.
    pub(super) async fn fetch<T: DeserializeOwned>(&self, call: Call) -> Result<T, GitHubError> {
        self.send(call).await?.json()
    }

    /// The same, with `None` for "not found".
    pub(super) async fn look<T: DeserializeOwned>(&self, call: Call) -> Result<Option<T>, GitHubError> {
        match self.send(call).await {
            Ok(answer) => answer.json().map(Some),
            Err(GitHubError { class: Class::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every entry of a paged list whose pages are plain arrays.
    pub(super) async fn list<T: DeserializeOwned>(&self, call: Call) -> Result<Vec<T>, GitHubError> {
        self.pages(call, |page: Vec<T>| page).await
    }

    /// Every entry of a paged list; `entries` takes them out of a page.
    pub(super) async fn pages<P: DeserializeOwned, T>(
        &self,
        call: Call,
        entries: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, GitHubError> {
        let first = call.query("per_page", "100");
        let mut all = Vec::new();
        let mut next = Some(first.clone());
        for _ in 0..PAGES {
            let Some(call) = next else { return Ok(all) };
            let answer = self.send(call).await?;
            all.extend(entries(answer.json()?));
            next = match answer.next_page() {
                Some(url) if url.origin() != self.shared.connection.api.origin() => {
                    return Err(answer.malformed("the next page is on another host"));
                }
                url => url.map(|url| first.clone().at(url)),
            };
        }
        Err(first.fails(Class::Malformed { reason: format!("the list has more than {PAGES} pages") }))
    }
}
