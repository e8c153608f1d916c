//! An API request from the wire to its route and back: user agent, version, token, faults, the log.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::budget::rate_limit;
use super::state::ServerState;
use super::viewer::viewer;
use crate::emulator::faults::Strike;
use crate::emulator::json::Links;
use crate::emulator::reactions::begin;
use crate::emulator::routes::{ApiError, ApiRequest, Method, Reply, answer as route};
use crate::emulator::spec::FaultEffect;
use crate::emulator::world::{EmulatedWorld, EmulatorError};

/// What no GitHub has: neither logged, nor counted, nor struck by faults.
const CONTROL: &str = "/_emulator/";

/// What is sent back, before it is bytes.
struct HttpReply {
    status: u16,
    body: Option<String>,
    headers: Vec<(String, String)>,
}

/// The host as the caller names it.
pub(crate) fn host(request: &Request<Body>) -> String {
    let authority = request.uri().authority().map(ToString::to_string);
    let header = || request.headers().get("host").and_then(|value| value.to_str().ok()).map(str::to_owned);
    authority.or_else(header).unwrap_or_else(|| "localhost".to_owned())
}

/// Answers an API request; `path` is the part after the base.
pub(crate) async fn answer(
    shared: Arc<ServerState>,
    request: Request<Body>,
    path: &str,
    host: &str,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 32 << 20).await.unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path }.to_owned();
    let links = Links { origin: format!("http://{host}") };
    let work = tokio::task::spawn_blocking(move || {
        let outcome = carry_out(&shared, &parts, &path, &body, links);
        if !path.starts_with(CONTROL) {
            shared.log.note(parts.method.as_str(), &path, outcome.status);
        }
        outcome
    });
    let outcome = work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request of the emulated world panicked");
        said(500, &json!({"message": "Server Error"}))
    });
    respond(outcome)
}

fn said(status: u16, body: &Value) -> HttpReply {
    HttpReply { status, body: Some(body.to_string()), headers: Vec::new() }
}

fn refused(status: u16, message: &str) -> HttpReply {
    match ApiError::says(status, message) {
        ApiError::Said { status, body } => said(status, &body),
        ApiError::Broken(_) => said(status, &Value::Null),
    }
}

fn carry_out(
    shared: &ServerState,
    parts: &axum::http::request::Parts,
    path: &str,
    body: &[u8],
    links: Links,
) -> HttpReply {
    let mut world = shared.world();
    if let Err(error) = begin(&mut world) {
        return broken(&error);
    }
    let strike = strike(&mut world, parts.method.as_str(), path);
    if let Some(strike) = strike.as_ref().filter(|strike| strike.effect == FaultEffect::Before) {
        return finish(&mut world, struck(strike));
    }
    let mut outcome = match examine(&world, parts, path, body, links) {
        Err(outcome) => outcome,
        Ok(call) => metered(shared, &mut world, &call),
    };
    if let Some(strike) = strike {
        outcome = struck(&strike);
    }
    finish(&mut world, outcome)
}

fn broken(error: &EmulatorError) -> HttpReply {
    tracing::error!(?error, "the emulated world failed");
    refused(500, "Server Error")
}

/// What was touched becomes durable before the caller hears of it.
fn finish(world: &mut EmulatedWorld, outcome: HttpReply) -> HttpReply {
    match world.commit() {
        Ok(()) => outcome,
        Err(error) => broken(&error),
    }
}

fn strike(world: &mut EmulatedWorld, method: &str, path: &str) -> Option<Strike> {
    if path.starts_with(CONTROL) {
        return None;
    }
    let keys: Vec<String> = world
        .faults
        .iter()
        .filter(|(_, fault)| fault.concerns(method, path))
        .map(|(key, _)| key.clone())
        .collect();
    keys.iter().filter_map(|key| world.faults.get_mut(key)?.meet()).last()
}

fn struck(strike: &Strike) -> HttpReply {
    let headers = strike.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    HttpReply { status: strike.status, body: Some(strike.body.clone()), headers }
}

/// Takes the request apart, or says at once what is wrong with it.
fn examine(
    world: &EmulatedWorld,
    parts: &axum::http::request::Parts,
    path: &str,
    body: &[u8],
    links: Links,
) -> Result<ApiRequest, HttpReply> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if header("user-agent").is_none_or(str::is_empty) {
        return Err(refused(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        ));
    }
    if header("x-github-api-version").is_some_and(|version| version != "2022-11-28") {
        return Err(refused(400, "The provided API version is not supported."));
    }
    let viewer = viewer(world, &parts.headers).map_err(|()| refused(401, "Bad credentials"))?;
    let method = match parts.method.as_str() {
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(refused(404, "Not Found")),
    };
    let body = if body.iter().all(u8::is_ascii_whitespace) {
        Value::Null
    } else {
        serde_json::from_slice(body).map_err(|_| refused(400, "Problems parsing JSON"))?
    };
    let segments = path.split('/').skip(1).map(decode).collect();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let query = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    Ok(ApiRequest { method, path: path.to_owned(), segments, query, body, viewer, links })
}

fn decode(segment: &str) -> String {
    // A form decoder would read `+` as a blank; in a path it is a plus.
    let escaped = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Routes a request within its caller's budget.
fn metered(shared: &ServerState, world: &mut EmulatedWorld, call: &ApiRequest) -> HttpReply {
    let caller = call.viewer.as_ref().map_or("", |viewer| viewer.login.as_str());
    let free = call.path == "/rate_limit" || call.path.starts_with(CONTROL);
    let allowance = shared.budget.spend(caller, world.now, u32::from(!free));
    let remaining = allowance.limit.saturating_sub(allowance.used);
    let mut outcome = if free && call.path == "/rate_limit" {
        said(200, &rate_limit(&allowance))
    } else if !free && allowance.used > allowance.limit {
        refused(403, "API rate limit exceeded for user.")
    } else {
        outcome(route(world, call))
    };
    for (name, value) in [
        ("x-ratelimit-limit", allowance.limit.to_string()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-used", allowance.used.to_string()),
        ("x-ratelimit-reset", allowance.reset.to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
    ] {
        outcome.headers.push((name.to_owned(), value));
    }
    outcome
}

fn outcome(answered: Result<Reply, ApiError>) -> HttpReply {
    match answered {
        Ok(reply) => {
            let headers = reply.link.map(|link| ("link".to_owned(), link)).into_iter().collect();
            HttpReply { status: reply.status, body: reply.body.map(|body| body.to_string()), headers }
        }
        Err(ApiError::Said { status, body }) => said(status, &body),
        Err(ApiError::Broken(error)) => broken(&error),
    }
}

fn respond(outcome: HttpReply) -> Response {
    let mut response = Response::builder()
        .status(outcome.status)
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
