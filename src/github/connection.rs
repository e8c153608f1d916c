//! One request on the wire, with its redirects: no retry, no permit.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use octocrab::{OctoBody, Octocrab};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::call::{ApiResponse, Call};
use super::endpoint::{ConnectError, Endpoint};
use super::error::{Class, GitHubError};
use super::pacing::Pacer;
use super::remembered::Remembered;
use super::retry::classify_answer;
use super::service;
use crate::clock::Clock;
use crate::shared_answers::SharedAnswers;
use crate::token::{Token, TokenError};

/// How long one request may take; GitHub itself gives up after ten seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// How long the upload of a file may take.
const UPLOAD: Duration = Duration::from_secs(15 * 60);

/// The most redirects that are followed.
const HOPS: usize = 3;

/// A connection to one host, with one token, at one pace.
pub(super) struct Connection {
    octocrab: Octocrab,
    pub(super) api: Url,
    /// Where files of releases are uploaded.
    pub(super) uploads: Url,
    pub(super) token: Token,
    pub(super) clock: Clock,
    pub(super) pacer: Pacer,
    remembered: Remembered,
    reads: SharedAnswers<Url, (), Result<ApiResponse, GitHubError>>,
    requests: AtomicU64,
}

impl Connection {
    /// A connection to this endpoint; nothing is sent yet. Must be called inside a runtime.
    pub(super) fn new(endpoint: Endpoint) -> Result<Connection, ConnectError> {
        if endpoint.api.cannot_be_a_base() || endpoint.api.host().is_none() {
            return Err(ConnectError::Address { api: endpoint.api });
        }
        if let Some(secret) = endpoint.token.fixed() {
            authorization(secret).map_err(|_| ConnectError::Token)?;
        }
        let octocrab = service::octocrab(&endpoint)?;
        let uploads = endpoint.uploads();
        let Endpoint { api, token, clock, pacing, .. } = endpoint;
        let pacer = Pacer::new(pacing, clock.clone());
        let (remembered, reads, requests) = Default::default();
        Ok(Connection { octocrab, api, uploads, token, clock, pacer, remembered, reads, requests })
    }

    /// How many requests were sent so far, repeated ones included.
    #[cfg(test)]
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The answer to a request. Who reads what is just about to be read gets the same answer.
    pub(super) async fn answer(&self, call: &Call) -> Result<ApiResponse, GitHubError> {
        if call.method != Method::GET {
            return self.follow(call).await;
        }
        self.reads.ask(&call.url, &(), async |()| self.follow(call).await).await
    }

    /// One request and, of a read, its redirects on the same host: GitHub redirects reads of a renamed repository with
    /// 301. It redirects writes with 307, too; they are refused, since whatever is written by the old name was meant for
    /// what was known under it.
    async fn follow(&self, call: &Call) -> Result<ApiResponse, GitHubError> {
        let mut call = call.clone();
        for _ in 0..HOPS {
            let answer = self.once(&call).await?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.headers.get("location").and_then(|value| value.to_str().ok());
            let Some(target) = location.and_then(|location| call.url.join(location).ok()) else {
                return Err(answer.malformed("it redirects without an address"));
            };
            if !call.is_read() || target.origin() != self.api.origin() {
                return Err(call.fails(Class::Moved { to: target.to_string() }));
            }
            call = call.at(target);
        }
        Err(call.fails(Class::Malformed { reason: format!("more than {HOPS} redirects") }))
    }

    /// One request, one response. What is refused for a token that can be made anew was not carried out, and is sent with
    /// the next one.
    async fn once(&self, call: &Call) -> Result<ApiResponse, GitHubError> {
        let _turn = self.pacer.turn(call.is_read()).await;
        let secret = self.secret(call).await?;
        match self.with_token(call, &secret).await {
            Err(error) if error.class == Class::Unauthorized && self.token.was_refused(&secret).await => {
                self.with_token(call, &self.secret(call).await?).await
            }
            ended => ended,
        }
    }

    async fn secret(&self, call: &Call) -> Result<SecretString, GitHubError> {
        self.token.current().await.map_err(|TokenError { reason, is_transient }| {
            call.fails(if is_transient { Class::NoConnection { reason } } else { Class::NoToken { reason } })
        })
    }

    async fn with_token(&self, call: &Call, secret: &SecretString) -> Result<ApiResponse, GitHubError> {
        let known = self.remembered.of(call);
        let version = known.as_ref().map(|known| &known.version);
        let exchange = self.exchange(call, secret, version).await;
        let (status, headers, body) = exchange.map_err(|class| call.fails(class))?;
        match (status, known) {
            (304, Some(known)) => Ok(known.answer(call)),
            (200..=299, _) if is_page(&headers, &body) => Err(call.fails(Class::Page { status })),
            (200..=399, _) => {
                let extent = Extent::of(status, &body);
                let answer = ApiResponse { request: call.request(), status, headers, body: body.into() };
                match extent {
                    Extent::EndsEarly(reason) if status < 300 => {
                        return Err(call.fails(Class::CutShort { reason }));
                    }
                    Extent::Whole => self.remembered.keep(call, &answer),
                    // Given from memory it would be broken for ever.
                    Extent::EndsEarly(_) | Extent::Broken => {}
                }
                Ok(answer)
            }
            _ => {
                let body = without_token(&body, secret);
                Err(call.fails(classify_answer(status, &headers, &body, self.clock.now())))
            }
        }
    }

    async fn exchange(
        &self,
        call: &Call,
        secret: &SecretString,
        version: Option<&HeaderValue>,
    ) -> Result<(u16, HeaderMap, String), Class> {
        let mut request = self.request(call, secret)?;
        if let Some(version) = version {
            request.headers_mut().insert(IF_NONE_MATCH, version.clone());
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let response = self.octocrab.execute(request).await.map_err(|error| broken(&error))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = self.octocrab.body_to_string(response).await;
            Ok((status, headers, body.map_err(|error| Class::Transport { reason: innermost(&error) })?))
        };
        let answer = if call.file.is_some() { UPLOAD } else { ANSWER };
        match tokio::time::timeout(answer, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Class::Transport { reason: format!("no answer in {} s", answer.as_secs()) }),
        }
    }

    fn request(&self, call: &Call, secret: &SecretString) -> Result<http::Request<OctoBody>, Class> {
        let mut builder = http::request::Builder::new().method(call.method.clone()).uri(call.url.as_str());
        let unusable = |_| Class::NoToken { reason: "it contains characters that no token has".to_owned() };
        if let Some(header) = authorization(secret).map_err(unusable)? {
            builder = builder.header(AUTHORIZATION, header);
        }
        let Some(bytes) = &call.file else {
            let request = self.octocrab.build_request(builder, call.body.as_ref());
            return request.map_err(|error| Class::NoConnection { reason: innermost(&error) });
        };
        let request = builder.header(CONTENT_TYPE, "application/octet-stream").body(bytes.clone().into());
        request.map_err(|error| Class::NoConnection { reason: innermost(&error) })
    }
}

/// The header with the token; `None` for an empty one: anonymous requests.
fn authorization(secret: &SecretString) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue> {
    let token = secret.expose_secret();
    if token.is_empty() {
        return Ok(None);
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// A proxy may echo the request: its token must not reach a message.
fn without_token(text: &str, secret: &SecretString) -> String {
    match secret.expose_secret() {
        "" => text.to_owned(),
        token => text.replace(token, "[token]"),
    }
}

/// Whether this is a page for people. Every answer of the interface is JSON or empty.
fn is_page(headers: &HeaderMap, body: &str) -> bool {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || body.trim_start().starts_with('<')
}

/// How much of an answer there is.
enum Extent {
    Whole,
    /// Where it ends.
    EndsEarly(String),
    /// It is no JSON.
    Broken,
}

impl Extent {
    /// With status 200 GitHub always says something, if only `{}`; what has nothing to say has status 204, or is what something
    /// between here and there made of an answer that it lost.
    fn of(status: u16, body: &str) -> Extent {
        match serde_json::from_str::<serde::de::IgnoredAny>(body) {
            Ok(_) => Extent::Whole,
            Err(_) if body.trim().is_empty() && status == 200 => {
                Extent::EndsEarly("nothing came with status 200".to_owned())
            }
            Err(_) if body.trim().is_empty() => Extent::Whole,
            Err(error) if error.is_eof() => Extent::EndsEarly(error.to_string()),
            Err(_) => Extent::Broken,
        }
    }
}

/// Distinguishes a connection that was never made from one that broke.
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

/// The innermost cause: the outer ones only name libraries, some with a backtrace.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
