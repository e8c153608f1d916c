//! The client: one endpoint, one token, one pace; clones share them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{collections::BTreeMap, fmt};

use http::{HeaderMap, Method};
use octocrab::Octocrab;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::call::{ApiResponse, Call};
use super::error::{Class, GitHubError};
use super::pacing::{Pacer, Pacing, later};
use super::protection::Protection;
use super::repos::RepoVisibility;
use super::retry::{Patience, RetryWaits, classify_answer};
use super::service;
use crate::clock::Clock;
use crate::egress::Permit;
use crate::ids::{BranchName, RepoName};

/// Where GitHub is, and how to behave there.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base address of the REST interface; a path prefix is kept.
    pub api: Url,
    /// The token; empty to ask anonymously.
    pub token: SecretString,
    /// The clock on which is waited.
    pub clock: Clock,
    /// How the client names itself; GitHub refuses requests without a name.
    pub user_agent: String,
    /// The pace of requests.
    pub pacing: Pacing,
    /// How long one request is tried.
    pub patience: Patience,
}

impl Endpoint {
    /// An endpoint with the pace that suits it: GitHub's wherever TLS is spoken, none in an emulated world.
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
    /// The name of the client cannot be a header.
    #[error("`{user_agent}` cannot be sent as a user agent")]
    UserAgent {
        /// The name.
        user_agent: String,
    },
    /// The token holds characters that cannot be sent; it is not repeated.
    #[error("the GitHub token holds characters that no token has (a line break?)")]
    Token,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
}

/// GitHub, or whatever answers like it. Clones share connections, pace and count.
#[derive(Clone)]
pub struct Client {
    shared: Arc<ClientState>,
}

struct ClientState {
    octocrab: Octocrab,
    api: Url,
    token: SecretString,
    clock: Clock,
    patience: Patience,
    pacer: Pacer,
    requests: AtomicU64,
    visibility: Mutex<BTreeMap<RepoName, RepoVisibility>>,
    protection: Mutex<BTreeMap<(RepoName, BranchName), Protection>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.shared.api.as_str()).finish_non_exhaustive()
    }
}

/// How long one request may take; GitHub itself gives up after ten seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// The most redirects that are followed.
const HOPS: usize = 3;

/// The most pages that are read of one list.
const PAGES: usize = 100;

impl Client {
    /// A client for this endpoint; nothing is sent yet. Asynchronous because the connection keeps a task.
    ///
    /// # Errors
    /// [`ConnectError`] when the address, the token or the machine's certificates cannot be used.
    #[allow(clippy::unused_async, reason = "must be called inside a runtime, and says so by its type")]
    pub async fn connect(endpoint: Endpoint) -> Result<Client, ConnectError> {
        if endpoint.api.cannot_be_a_base() || endpoint.api.host().is_none() {
            return Err(ConnectError::Address { api: endpoint.api });
        }
        let octocrab = service::octocrab(&endpoint)?;
        let Endpoint { api, token, clock, patience, pacing, .. } = endpoint;
        let pacer = Pacer::new(pacing, clock.clone());
        let shared = ClientState {
            octocrab,
            api,
            token,
            clock,
            patience,
            pacer,
            requests: AtomicU64::new(0),
            visibility: Mutex::default(),
            protection: Mutex::default(),
        };
        Ok(Client { shared: Arc::new(shared) })
    }

    /// How many requests were sent so far, repeated ones included.
    #[cfg(test)]
    pub(super) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub(super) fn call<'s>(&self, method: Method, segments: impl IntoIterator<Item = &'s str>) -> Call {
        Call::new(&self.shared.api, method, segments)
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

    /// Sends a request, again where that is safe, and returns its successful answer.
    pub(super) async fn send(&self, call: Call) -> Result<ApiResponse, GitHubError> {
        let mut waits = RetryWaits::new(self.shared.patience);
        loop {
            let error = match self.follow(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let now = self.shared.clock.now();
            let Some(wait) = waits.next(&error, now) else { return Err(error) };
            tracing::debug!(%error, seconds = wait.as_secs(), "waiting before the request is sent again");
            if matches!(error.class, Class::RateLimited { .. } | Class::SecondaryLimit { .. }) {
                self.shared.pacer.hold_until(later(now, wait));
            }
            self.shared.clock.sleep(wait).await;
        }
    }

    /// The answer's body as a value.
    pub(super) async fn fetch<T: DeserializeOwned>(&self, call: Call) -> Result<T, GitHubError> {
        self.send(call).await?.json()
    }

    /// The same, where "not found" is an answer.
    pub(super) async fn look<T: DeserializeOwned>(&self, call: Call) -> Result<Option<T>, GitHubError> {
        match self.send(call).await {
            Ok(answer) => answer.json().map(Some),
            Err(GitHubError { class: Class::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every entry of a list in pages; `entries` takes them out of one page.
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
                Some(url) if url.origin() != self.shared.api.origin() => {
                    return Err(answer.malformed("the next page is on another host"));
                }
                url => url.map(|url| first.clone().at(url)),
            };
        }
        Err(first.fails(Class::Malformed { reason: format!("the list has more than {PAGES} pages") }))
    }

    /// One request and its redirects. GitHub moves a renamed repository's reads with 301 and its writes with 307,
    /// and asks for both to be followed with the same method.
    async fn follow(&self, call: &Call) -> Result<ApiResponse, GitHubError> {
        let mut call = call.clone();
        for _ in 0..HOPS {
            let answer = self.once(&call).await?;
            if !matches!(answer.status, 301 | 302 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.headers.get("location").and_then(|value| value.to_str().ok());
            let target = location.and_then(|location| call.url.join(location).ok());
            match target {
                Some(url) if url.origin() == self.shared.api.origin() => call = call.at(url),
                _ => return Err(answer.malformed("it redirects to nowhere, or to another host")),
            }
        }
        Err(call.fails(Class::Malformed { reason: format!("more than {HOPS} redirects") }))
    }

    /// One request, one answer.
    async fn once(&self, call: &Call) -> Result<ApiResponse, GitHubError> {
        let _turn = self.shared.pacer.turn(call.is_read()).await;
        let (status, headers, body) = self.exchange(call).await.map_err(|class| call.fails(class))?;
        match status {
            200..=399 => Ok(ApiResponse { request: call.request(), status, headers, body }),
            _ => {
                let body = self.without_token(&body);
                Err(call.fails(classify_answer(status, &headers, &body, self.shared.clock.now())))
            }
        }
    }

    async fn exchange(&self, call: &Call) -> Result<(u16, HeaderMap, String), Class> {
        let unsendable = |error: octocrab::Error| Class::NoConnection { reason: innermost(&error) };
        let builder = http::request::Builder::new().method(call.method.clone()).uri(call.url.as_str());
        let request = self.shared.octocrab.build_request(builder, call.body.as_ref()).map_err(unsendable)?;
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let response = self.shared.octocrab.execute(request).await.map_err(|error| broken(&error))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = self.shared.octocrab.body_to_string(response).await;
            Ok((status, headers, body.map_err(|error| Class::Transport { reason: innermost(&error) })?))
        };
        match tokio::time::timeout(ANSWER, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Class::Transport { reason: format!("no answer in {} s", ANSWER.as_secs()) }),
        }
    }

    /// A proxy may echo the request; its header must not reach a message.
    fn without_token(&self, text: &str) -> String {
        match self.shared.token.expose_secret() {
            "" => text.to_owned(),
            token => text.replace(token, "[token]"),
        }
    }

    /// Holds a permit for private surfaces against the repository's own word. Asked once per repository.
    pub(super) async fn check_permit(
        &self,
        repo: &RepoName,
        permit: &Permit,
        call: &Call,
    ) -> Result<(), GitHubError> {
        if !matches!(permit, Permit::Private) {
            return Ok(());
        }
        let known = self.visibility().get(repo).copied();
        let visibility = match known {
            Some(visibility) => visibility,
            // A repository that cannot be seen is left to GitHub, which answers the act itself with 404.
            None => self.repository(repo).await?.map_or(RepoVisibility::Private, |found| found.visibility),
        };
        match visibility {
            RepoVisibility::Private => Ok(()),
            RepoVisibility::Public => Err(call.fails(Class::NotPrivate { surface: repo.to_string() })),
        }
    }

    /// What is known of repositories' visibility.
    pub(super) fn visibility(&self) -> std::sync::MutexGuard<'_, BTreeMap<RepoName, RepoVisibility>> {
        self.shared.visibility.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of branches' rules.
    pub(super) fn known_protection(
        &self,
    ) -> std::sync::MutexGuard<'_, BTreeMap<(RepoName, BranchName), Protection>> {
        self.shared.protection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A write under a permit.
    pub(super) async fn act(
        &self,
        repo: &RepoName,
        permit: &Permit,
        call: Call,
    ) -> Result<ApiResponse, GitHubError> {
        self.check_permit(repo, permit, &call).await?;
        self.send(call).await
    }
}

/// Whether a connection was made before it broke.
fn broken(error: &octocrab::Error) -> Class {
    let reason = innermost(error);
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(this) = cause {
        if this.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect()) {
            return Class::NoConnection { reason };
        }
        cause = this.source();
    }
    Class::Transport { reason }
}

/// The last cause: the outer ones only say which library it passed through, some with a backtrace.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
