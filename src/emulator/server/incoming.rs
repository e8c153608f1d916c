//! An API request as it arrives: taken apart, or refused at once.

use axum::http::Method;
use axum::http::request::Parts;
use serde_json::Value;

use super::reply::HttpReply;
use super::state::CONTROL;
use super::viewer::viewer;
use crate::emulator::budget::Budget;
use crate::emulator::json::Links;
use crate::emulator::routes::ApiRequest;
use crate::emulator::world::EmulatedWorld;

/// Takes the request apart, or says at once what is wrong with it.
pub(super) fn examine(
    world: &EmulatedWorld,
    budget: &Budget,
    parts: &Parts,
    path: &str,
    body: &[u8],
    links: Links,
) -> Result<ApiRequest, HttpReply> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if header("user-agent").is_none_or(str::is_empty) {
        return Err(HttpReply::refused(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        ));
    }
    if header("x-github-api-version").is_some_and(|version| version != "2022-11-28") {
        return Err(HttpReply::refused(400, "The provided API version is not supported."));
    }
    let viewer = viewer(world, &parts.headers).map_err(|()| HttpReply::refused(401, "Bad credentials"))?;
    // The server drops the body of what answers `HEAD`.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    let (body, file) = content(&method, path, body)?;
    let segments = path.split('/').skip(1).map(decode).collect();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let query = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let caller = viewer.as_ref().map_or("", |viewer| viewer.login.as_str());
    let is_free = path == "/rate_limit" || path.starts_with(CONTROL);
    let allowance = budget.spend(caller, world.now, u32::from(!is_free));
    if !is_free && allowance.is_exceeded() {
        let mut reply = HttpReply::refused(403, "API rate limit exceeded for user.");
        reply.count(&allowance);
        return Err(reply);
    }
    let (path, parameters) = (path.to_owned(), Vec::new());
    Ok(ApiRequest { method, path, segments, parameters, query, body, file, viewer, links, allowance })
}

/// The body as JSON; what is uploaded to a release is a file.
fn content(method: &Method, path: &str, body: &[u8]) -> Result<(Value, Vec<u8>), HttpReply> {
    if *method == Method::POST && path.contains("/releases/") && path.ends_with("/assets") {
        return Ok((Value::Null, body.to_vec()));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok((Value::Null, Vec::new()));
    }
    let value = serde_json::from_slice(body).map_err(|_| HttpReply::refused(400, "Problems parsing JSON"))?;
    Ok((value, Vec::new()))
}

fn decode(segment: &str) -> String {
    // A form decoder would read `+` as a blank; in a path it is a plus.
    let escaped = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
