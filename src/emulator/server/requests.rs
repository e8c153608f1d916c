//! An API request from the wire to its route and back: faults, the log, and the commit before the answer.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::incoming::examine;
use super::reply::{HttpReply, respond};
use super::state::{CONTROL, ServerState};
use super::trouble::turn;
use crate::emulator::budget::{Budget, caller};
use crate::emulator::faults::{Asked, FaultRule, Strike};
use crate::emulator::json::Links;
use crate::emulator::reactions::begin;
use crate::emulator::routes::{self, ApiRequest};
use crate::emulator::spec::{FaultEffect, FaultyWire};
use crate::emulator::world::EmulatedWorld;

/// The largest body, in bytes: a file of a release.
const LARGEST: usize = 2 << 30;

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
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path }.to_owned();
    let links = Links::of(host);
    let number = shared.log.number();
    let work = tokio::task::spawn_blocking(move || {
        let reply = carry_out(&shared, &parts, &path, &body, links);
        if !path.starts_with(CONTROL) {
            shared.log.note(parts.method.as_str(), &path, reply.status);
            shared.log.exchange(|| {
                let (answer, file) = reply.told();
                json!({
                    "method": parts.method.as_str(), "path": path, "query": parts.uri.query().unwrap_or_default(),
                    "body": serde_json::from_slice::<Value>(&body).ok(), "status": reply.status, "answer": answer,
                    "file": file,
                })
            });
        }
        reply
    });
    let reply = work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request of the emulated world panicked");
        HttpReply::server_error()
    });
    respond(reply, number)
}

fn carry_out(shared: &ServerState, parts: &Parts, path: &str, body: &[u8], links: Links) -> HttpReply {
    let mut world = shared.world();
    let mut reply = carried_out(shared, &mut world, parts, path, body, links);
    reply.date(world.now);
    reply
}

fn carried_out(
    shared: &ServerState,
    world: &mut EmulatedWorld,
    parts: &Parts,
    path: &str,
    body: &[u8],
    links: Links,
) -> HttpReply {
    if let Err(error) = begin(world) {
        return HttpReply::broken(&error);
    }
    let strike = strike(world, parts.method.as_str(), path);
    if let Some(strike) = strike.as_ref().filter(|strike| strike.effect == FaultEffect::Before) {
        return finish(world, HttpReply::from(strike));
    }
    let mut reply = match examine(world, &shared.budget, parts, path, body, links) {
        Err(reply) => reply,
        Ok(request) => routed(world, &shared.budget, parts, request),
    };
    if let Some(strike) = strike {
        reply = HttpReply::from(&strike);
    }
    finish(world, reply)
}

fn routed(world: &mut EmulatedWorld, budget: &Budget, parts: &Parts, request: ApiRequest) -> HttpReply {
    let caller = caller(request.viewer.as_ref()).to_owned();
    let mut allowance = request.allowance;
    let credential = request.viewer.as_ref().map(|viewer| viewer.credential.clone()).unwrap_or_default();
    let mut reply = HttpReply::from(routes::answer(world, request));
    if parts.method == Method::GET {
        reply.mark(parts.headers.get("if-none-match").and_then(|value| value.to_str().ok()));
    }
    if reply.status == 304 {
        // "Making a conditional request does not count against your primary rate limit if a 304 response is returned"
        // (GitHub's documentation, "Best practices for using the REST API").
        allowance = budget.give_back(&caller, world.now);
    }
    reply.count(&allowance);
    reply.describe(&credential);
    reply
}

/// What was touched becomes durable before the caller hears of it.
fn finish(world: &mut EmulatedWorld, reply: HttpReply) -> HttpReply {
    match world.commit() {
        Ok(()) => reply,
        Err(error) => HttpReply::broken(&error),
    }
}

/// Faults that put another answer in the place of the real one: here the two are still one transaction.
fn strike(world: &mut EmulatedWorld, method: &str, path: &str) -> Option<Strike> {
    if path.starts_with(CONTROL) {
        return None;
    }
    let asked = Asked { wire: FaultyWire::Api, method, path, is_read: method == "GET" };
    turn(world, &asked, FaultRule::replaces_answers)
}
