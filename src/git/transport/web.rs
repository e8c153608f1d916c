//! A git server that is spoken to by our own HTTP. A process of git costs more, and names in its arguments what may be under
//! embargo: whoever lists the processes of this machine sees them.
//!
//! What comes is told in git's own words, which [`classify`](super::classify) knows: an answer means the same whoever asked.
//! Where the way to a server is not plain (a proxy, certificates, the user's credentials), git itself is asked, which knows it better.
//!
//! <https://git-scm.com/docs/http-protocol>

use std::error::Error;
use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::sync::OnceLock;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt as _;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, request};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use super::command::{Credentials, GitExit, Limits};
use super::error::TransportError;
use super::headers::Headers;
use super::silence::Progress;
use crate::tls;

type Client = Hyper<HttpsConnector<HttpConnector>, Body>;

/// Servers tell git from a browser by the beginning.
pub(super) const AGENT: &str = concat!("git/lockgate-", env!("CARGO_PKG_VERSION"));

/// What the environment may say of the way to a server, and git understands.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What it may say of whom to believe, where a server has a certificate.
const CERTIFICATES: [&str; 5] =
    ["SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"];

/// What keeps the connections; made when a server is first asked.
#[derive(Debug, Default)]
pub(super) struct Web(OnceLock<Option<Client>>);

/// What a server is asked for, and in which version of the protocol.
#[derive(Clone, Copy)]
pub(super) enum Service {
    /// Lists and fetches, in the second version.
    UploadPack,
    /// Pushes, for which there is the first one alone.
    ReceivePack,
}

/// One conversation with a server.
pub(super) struct Talk<'t> {
    client: &'t Client,
    remote: &'t str,
    credentials: &'t Credentials,
    token: HeaderValue,
    limits: Limits,
    /// What has come and gone.
    pub(super) progress: Progress,
}

/// Why a conversation came to no good end.
pub(super) enum Failure {
    /// Nothing came or went for too long.
    Silent,
    /// Something else than what is spoken here; nothing was changed by it, and git is to be asked.
    NotPlain,
    /// What git would have ended with.
    Ended(Box<GitExit>),
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Service::UploadPack => "git-upload-pack",
            Service::ReceivePack => "git-receive-pack",
        }
    }

    /// The type of a body of this kind.
    pub(super) fn content(self, kind: &str) -> String {
        format!("application/x-{}-{kind}", self.name())
    }
}

impl Web {
    /// A conversation with a server, if it can be had without git.
    pub(super) fn talk<'t>(
        &'t self,
        remote: &'t str,
        credentials: &'t Credentials,
        limits: Limits,
    ) -> Option<Talk<'t>> {
        // Without a token of ours the user's settings count, which only git reads.
        let mut token = HeaderValue::from_str(&credentials.authorization()?).ok()?;
        token.set_sensitive(true);
        let client = self.0.get_or_init(|| client(remote)).as_ref()?;
        Some(Talk { client, remote, credentials, token, limits, progress: Progress::default() })
    }
}

/// One that goes nowhere but to the server that it is told, and keeps the credentials there: it follows no redirects.
fn client(remote: &str) -> Option<Client> {
    let is_secure = match Url::parse(remote).ok()?.scheme() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let certificates: &[&str] = if is_secure { &CERTIFICATES } else { &[] };
    let mut named = PROXIES.iter().chain(certificates);
    if named.any(|name| std::env::var_os(name).is_some()) {
        return None;
    }
    let mut builder = Hyper::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(tls::IDLE).http1_title_case_headers(true);
    Some(builder.build(tls::connector(is_secure).ok()?))
}

impl Talk<'_> {
    /// The address of the repository.
    pub(super) fn remote(&self) -> &str {
        self.remote
    }

    /// What git would have ended with, or `None`: it is to be asked.
    ///
    /// # Errors
    /// [`TransportError::TimedOut`].
    pub(super) async fn ended(
        &self,
        talk: impl Future<Output = Result<GitExit, Failure>>,
    ) -> Result<Option<GitExit>, TransportError> {
        let timed_out = |limit| TransportError::TimedOut { remote: self.remote.to_owned(), limit };
        let whole = self.limits.whole;
        match tokio::time::timeout(whole, talk).await.map_err(|_| timed_out(whole))? {
            Ok(ended) => Ok(Some(ended.hiding(self.credentials))),
            Err(Failure::Ended(ended)) => Ok(Some(ended.hiding(self.credentials))),
            Err(Failure::Silent) => Err(timed_out(self.limits.silence)),
            Err(Failure::NotPlain) => Ok(None),
        }
    }

    /// What a service says of itself, and of the repository.
    pub(super) async fn abilities(&self, service: Service) -> Result<Vec<u8>, Failure> {
        let path = format!("info/refs?service={}", service.name());
        let asked = self.request(Method::GET, &path, service).body(Body::empty());
        let answer = self.send(asked).await.map_err(|broken| self.no_access(&broken))?;
        if answer.status() != StatusCode::OK {
            return Err(self.refusal(answer).await);
        }
        if !is_of(&answer, &service.content("advertisement")) {
            let remote = self.remote;
            return Err(said(&format!("fatal: {remote}/info/refs not valid: is this a git repository?")));
        }
        self.read(answer.into_body()).await.map_err(|broken| self.no_access(&broken))
    }

    /// What a service answers to a question. Whether it has done what it was told is unknown where none comes.
    pub(super) async fn answer(&self, service: Service, question: Body) -> Result<Response<Body>, Failure> {
        let asked = self.request(Method::POST, service.name(), service);
        let asked = asked.header(CONTENT_TYPE, service.content("request"));
        let asked = asked.header(ACCEPT, service.content("result")).body(question);
        let answer = self.send(asked).await.map_err(Broken::hung_up)?;
        if answer.status() == StatusCode::OK {
            return Ok(answer);
        }
        let code = answer.status().as_u16();
        let stderr = format!("error: RPC failed; HTTP {code}: The requested URL returned error: {code}");
        Err(failed(&stderr, answer.headers()))
    }

    /// The whole of an answer.
    pub(super) async fn whole(&self, answer: Response<Body>) -> Result<Vec<u8>, Failure> {
        self.read(answer.into_body()).await.map_err(Broken::hung_up)
    }

    /// The next piece of an answer that is read as it comes; `None` where it ends.
    pub(super) async fn piece(&self, answer: &mut BodyDataStream) -> Result<Option<Bytes>, Failure> {
        self.next(answer).await.map_err(Broken::hung_up)
    }

    fn request(&self, method: Method, path: &str, service: Service) -> request::Builder {
        let asked = Request::builder().method(method).uri(format!("{}/{path}", self.remote));
        let asked = asked.header(USER_AGENT, AGENT).header(AUTHORIZATION, self.token.clone());
        match service {
            Service::UploadPack => asked.header("Git-Protocol", "version=2"),
            Service::ReceivePack => asked,
        }
    }

    async fn send(&self, asked: http::Result<Request<Body>>) -> Result<Response<Body>, Broken> {
        let asked = asked.map_err(|_| Broken::NotPlain)?;
        let answer = self.while_something_happens(self.client.request(asked)).await?;
        Ok(answer.map_err(|error| Broken::of(&error))?.map(Body::new))
    }

    async fn read(&self, body: Body) -> Result<Vec<u8>, Broken> {
        let (mut whole, mut pieces) = (Vec::new(), body.into_data_stream());
        while let Some(piece) = self.next(&mut pieces).await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    async fn next(&self, pieces: &mut BodyDataStream) -> Result<Option<Bytes>, Broken> {
        let piece = self.while_something_happens(pieces.next()).await?;
        self.progress.happened();
        piece.transpose().map_err(|error| Broken::of(&error))
    }

    async fn while_something_happens<T>(&self, work: impl Future<Output = T>) -> Result<T, Broken> {
        tokio::select! {
            done = work => Ok(done),
            () = self.progress.stops(self.limits.silence) => Err(Broken::Silent),
        }
    }

    /// What git says of a server that does not answer.
    fn no_access(&self, broken: &Broken) -> Failure {
        match broken {
            Broken::Silent => Failure::Silent,
            Broken::NotPlain => Failure::NotPlain,
            Broken::Off(because) => said(&format!("fatal: unable to access '{}/': {because}", self.remote)),
        }
    }

    /// What git says of a refusal: the server's own words first, where it has any for people.
    async fn refusal(&self, answer: Response<Body>) -> Failure {
        let (remote, code) = (self.remote, answer.status().as_u16());
        let headers = answer.headers().clone();
        let words = match is_of(&answer, "text/plain") {
            true => self.read(answer.into_body()).await.unwrap_or_default(),
            false => Vec::new(),
        };
        let mut stderr = remote_lines(String::from_utf8_lossy(&words).trim());
        stderr += &match code {
            401 => format!("fatal: Authentication failed for '{remote}/'"),
            404 => format!("fatal: repository '{remote}/' not found"),
            _ => format!("fatal: unable to access '{remote}/': The requested URL returned error: {code}"),
        };
        failed(&stderr, &headers)
    }
}

/// How an exchange ended that came to no end.
enum Broken {
    Silent,
    NotPlain,
    Off(String),
}

impl Broken {
    fn of(error: &(dyn Error + 'static)) -> Broken {
        // The libraries that git is built with may know the certificate.
        if is_about_certificates(error) { Broken::NotPlain } else { Broken::Off(chain(error)) }
    }

    /// What git says where an answer does not come, or not to its end. Nothing may be sent again.
    fn hung_up(self) -> Failure {
        let because = match self {
            Broken::Silent => return Failure::Silent,
            Broken::NotPlain => "it did not prove who it is".to_owned(),
            Broken::Off(because) => because,
        };
        said(&format!("error: RPC failed; {because}\nfatal: the remote end hung up unexpectedly"))
    }
}

fn is_about_certificates(error: &(dyn Error + 'static)) -> bool {
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || within.is_some_and(|within| is_about_certificates(within))
        || error.source().is_some_and(is_about_certificates)
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let (mut told, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

fn is_of(answer: &Response<Body>, kind: &str) -> bool {
    let there = answer.headers().get(CONTENT_TYPE).and_then(|there| there.to_str().ok());
    there.is_some_and(|there| there.split(';').next() == Some(kind))
}

/// What the other side says to people, as git shows it.
pub(super) fn remote_lines(words: &str) -> String {
    words.split(['\n', '\r']).filter(|line| !line.is_empty()).fold(String::new(), |mut lines, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "remote: {line}");
        lines
    })
}

/// That git would have ended with these words.
pub(super) fn said(stderr: &str) -> Failure {
    failed(stderr, &HeaderMap::new())
}

fn failed(stderr: &str, headers: &HeaderMap) -> Failure {
    let text = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers = Headers::of(text);
    let (stdout, stderr) = (String::new(), stderr.to_owned());
    Failure::Ended(Box::new(GitExit { code: Some(128), stdout, stderr, headers }))
}
