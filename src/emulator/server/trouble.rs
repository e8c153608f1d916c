//! Answers that do not come, come in half, or are of yesterday: faults on every wire, beside those that replace an answer
//! of the API with another.

use std::future::Future;
use std::io::{Error, ErrorKind};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::response::Parts;
use axum::response::Response;
use futures::{StreamExt as _, stream};

use super::state::ServerState;
use crate::emulator::faults::{Asked, FaultRule, Strike};
use crate::emulator::spec::{FaultAnswer, FaultEffect};
use crate::emulator::world::EmulatedWorld;

/// Longer than any client waits for an answer.
const SILENCE: Duration = Duration::from_secs(15 * 60);
/// As long as it takes to send what is before the end of a connection.
const MOMENT: Duration = Duration::from_millis(20);

/// The answer of this work, or what goes wrong with it.
pub(super) async fn answered(
    shared: &ServerState,
    asked: &Asked<'_>,
    work: impl Future<Output = Response>,
) -> Response {
    let Some(strike) = strike(&mut shared.world(), asked) else {
        return remembered(shared, asked, work.await).await;
    };
    match (strike.answer, strike.effect) {
        (FaultAnswer::Stale, _) => stale(shared, asked, work).await,
        (FaultAnswer::Partial, _) => broken_off(work.await).await,
        (FaultAnswer::Malformed, _) => shortened(work.await).await,
        (_, FaultEffect::Before) => nothing(&strike).await,
        (_, FaultEffect::After) => {
            drop(work.await);
            nothing(&strike).await
        }
    }
}

/// The fault whose turn it is, of those on the wire. That it was met is on disk before its answer is on the way.
pub(super) fn strike(world: &mut EmulatedWorld, asked: &Asked<'_>) -> Option<Strike> {
    let struck = turn(world, asked, |fault| !fault.replaces_answers());
    if let Err(error) = world.commit() {
        tracing::error!(?error, "a fault was not counted");
    }
    struck
}

/// The fault whose turn it is, of these. All that it concerns are counted; the last of them strikes.
pub(super) fn turn(
    world: &mut EmulatedWorld,
    asked: &Asked<'_>,
    is_of_these: fn(&FaultRule) -> bool,
) -> Option<Strike> {
    let concerned = world.faults.iter().filter(|(_, fault)| is_of_these(fault) && fault.concerns(asked));
    let keys: Vec<String> = concerned.map(|(key, _)| key.clone()).collect();
    keys.iter().filter_map(|key| world.faults.get_mut(key)?.meet()).last()
}

/// What is sent when it is not the real answer.
async fn nothing(strike: &Strike) -> Response {
    match strike.answer {
        FaultAnswer::Status => {
            let mut response = Response::builder().status(strike.status);
            for (name, value) in &strike.headers {
                response = response.header(name, value);
            }
            response.body(Body::from(strike.body.clone())).unwrap_or_else(|_| cut())
        }
        FaultAnswer::Silent => {
            tokio::time::sleep(SILENCE).await;
            cut()
        }
        _ => cut(),
    }
}

/// An answer that ends before it begins: its head is not sent before the first piece of its body.
fn cut() -> Response {
    Response::new(Body::from_stream(stream::once(async {
        Err::<Bytes, _>(Error::from(ErrorKind::ConnectionReset))
    })))
}

/// The first half of an answer, as if it were all of it.
async fn shortened(response: Response) -> Response {
    let (mut parts, bytes) = taken_apart(response).await;
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

/// The first half of an answer, and then the end of the connection.
async fn broken_off(response: Response) -> Response {
    let (mut parts, bytes) = taken_apart(response).await;
    let first = bytes.slice(..bytes.len() / 2);
    if first.is_empty() {
        return cut();
    }
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let end = stream::once(async {
        tokio::time::sleep(MOMENT).await;
        Err(Error::from(ErrorKind::ConnectionReset))
    });
    Response::from_parts(parts, Body::from_stream(stream::once(async { Ok(first) }).chain(end)))
}

async fn taken_apart(response: Response) -> (Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, bytes)
}

/// A read that may become stale later is kept as it is now.
async fn remembered(shared: &ServerState, asked: &Asked<'_>, response: Response) -> Response {
    if may_become_stale(shared, asked) { kept(shared, asked, response).await } else { response }
}

/// Whether a fault gives, or will give, an answer of before to this read.
pub(super) fn may_become_stale(shared: &ServerState, asked: &Asked<'_>) -> bool {
    shared.world().faults.iter().any(|(_, fault)| fault.makes_stale() && fault.concerns(asked))
}

async fn kept(shared: &ServerState, asked: &Asked<'_>, response: Response) -> Response {
    let (parts, bytes) = taken_apart(response).await;
    let kind = parts.headers.get(CONTENT_TYPE).cloned();
    shared.earlier_answers().insert(asked.path.to_owned(), (parts.status, kind, bytes.clone()));
    Response::from_parts(parts, Body::from(bytes))
}

/// The answer as it was, or as it is from now on, if nobody asked before.
async fn stale(shared: &ServerState, asked: &Asked<'_>, work: impl Future<Output = Response>) -> Response {
    let before = shared.earlier_answers().get(asked.path).cloned();
    let Some((status, kind, bytes)) = before else { return kept(shared, asked, work.await).await };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}
