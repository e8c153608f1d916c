//! What is sent back for an API request, and its bytes.

use axum::body::Body;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::budget::Allowance;
use crate::emulator::faults::Strike;
use crate::emulator::model::Credential;
use crate::emulator::routes::{ApiError, ReplyBody, SentReply};
use crate::emulator::world::EmulatorError;
use crate::ids::Digest;

/// What is sent back, before it is bytes.
pub(super) struct HttpReply {
    pub(super) status: u16,
    body: Option<Vec<u8>>,
    headers: Vec<(String, String)>,
}

impl HttpReply {
    fn said(status: u16, body: &Value) -> HttpReply {
        HttpReply { status, body: Some(body.to_string().into_bytes()), headers: Vec::new() }
    }

    /// What GitHub says when it refuses.
    pub(super) fn refused(status: u16, message: &str) -> HttpReply {
        HttpReply::from(ApiError::says(status, message))
    }

    /// What GitHub says of a repository that has another name now.
    pub(super) fn moved(status: u16, message: &str, to: &str) -> HttpReply {
        let docs =
            "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects";
        let mut reply =
            HttpReply::said(status, &json!({"message": message, "url": to, "documentation_url": docs}));
        reply.headers.push(("location".to_owned(), to.to_owned()));
        reply
    }

    /// What GitHub says of a token that an organisation's single sign-on does not know yet.
    pub(super) fn unauthorised(url: &str) -> HttpReply {
        let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access token \
                       access to this organization.";
        let mut reply = HttpReply::refused(403, message);
        reply.headers.push(("x-github-sso".to_owned(), format!("required; url={url}")));
        reply
    }

    /// Adds what GitHub tells of the token.
    pub(super) fn describe(&mut self, credential: &Credential) {
        if let Some(scopes) = &credential.scopes {
            self.headers.push(("x-oauth-scopes".to_owned(), scopes.join(", ")));
        }
        if let Some(end) = credential.expires {
            let text = end.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            self.headers.push(("github-authentication-token-expiration".to_owned(), text));
        }
    }

    /// The answer as JSON, and whether it is something else.
    pub(super) fn told(&self) -> (Option<Value>, bool) {
        let said = self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok());
        let is_file = said.is_none() && self.body.is_some();
        (said, is_file)
    }

    /// Marks what was read, so that it need not be sent again to who has it: then 304.
    pub(super) fn mark(&mut self, known: Option<&str>) {
        let Some(body) = self.body.as_ref().filter(|_| self.status == 200) else { return };
        let tag = format!("W/\"{}\"", Digest::of(body).as_str());
        if known.is_some_and(|known| known == tag) {
            self.status = 304;
            self.body = None;
        }
        self.headers.push(("etag".to_owned(), tag));
        self.headers.push(("cache-control".to_owned(), "private, max-age=60, s-maxage=60".to_owned()));
    }

    /// Adds the time on the world's own clock. Without it, the server would state that of the machine.
    pub(super) fn date(&mut self, now: Timestamp) {
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        self.headers.extend(date.ok().map(|date| ("date".to_owned(), date)));
    }

    /// 500: the emulator itself failed.
    pub(super) fn broken(error: &EmulatorError) -> HttpReply {
        tracing::error!(?error, "the emulated world failed");
        HttpReply::server_error()
    }

    /// 500.
    pub(super) fn server_error() -> HttpReply {
        HttpReply::said(500, &json!({"message": "Server Error"}))
    }

    /// Adds what is left of the caller's requests.
    pub(super) fn count(&mut self, allowance: &Allowance) {
        for (name, value) in [
            ("x-ratelimit-limit", allowance.limit.to_string()),
            ("x-ratelimit-remaining", allowance.remaining().to_string()),
            ("x-ratelimit-used", allowance.used.to_string()),
            ("x-ratelimit-reset", allowance.reset.to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ] {
            self.headers.push((name.to_owned(), value));
        }
    }
}

impl From<Result<SentReply, ApiError>> for HttpReply {
    fn from(answered: Result<SentReply, ApiError>) -> HttpReply {
        match answered {
            Ok(reply) => {
                let mut headers: Vec<(String, String)> =
                    reply.link.map(|link| ("link".to_owned(), link)).into_iter().collect();
                let body = match reply.body {
                    ReplyBody::None => None,
                    ReplyBody::Json(body) => Some(body.to_string().into_bytes()),
                    ReplyBody::File(kind, bytes) => {
                        headers.push(("content-type".to_owned(), kind.to_owned()));
                        Some(bytes)
                    }
                };
                HttpReply { status: reply.status, body, headers }
            }
            Err(error) => HttpReply::from(error),
        }
    }
}

impl From<ApiError> for HttpReply {
    fn from(error: ApiError) -> HttpReply {
        match error {
            ApiError::Said { status, body } => HttpReply::said(status, &body),
            ApiError::Broken(error) => HttpReply::broken(&error),
        }
    }
}

impl From<&Strike> for HttpReply {
    fn from(strike: &Strike) -> HttpReply {
        let headers = strike.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        HttpReply { status: strike.status, body: Some(strike.body.clone().into_bytes()), headers }
    }
}

/// The bytes of a reply.
pub(super) fn respond(outcome: HttpReply, request: u64) -> Response {
    let mut response = Response::builder()
        .status(outcome.status)
        .header("x-github-request-id", format!("{:04X}:{request:06X}", std::process::id() & 0xffff))
        .header("x-github-media-type", "github.v3; format=json")
        .header("x-github-api-version-selected", "2022-11-28")
        .header("server", "github.com");
    let typed = outcome.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if outcome.body.is_some() && !typed {
        response = response.header("content-type", "application/json; charset=utf-8");
    }
    for (name, value) in outcome.headers {
        response = response.header(name, value);
    }
    let body = outcome.body.map_or_else(Body::empty, Body::from);
    response.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}
