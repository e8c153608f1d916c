//! An API request as it arrives: taken apart, or refused at once.

use axum::http::Method;
use axum::http::request::Parts;
use serde_json::Value;

use super::reply::HttpReply;
use super::state::CONTROL;
use super::viewer::{app, viewer};
use crate::emulator::budget::{Budget, caller};
use crate::emulator::json::Links;
use crate::emulator::model::StoredAccount;
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
    let viewer = who(world, parts, path)?;
    if let Some(url) = viewer.as_ref().and_then(|viewer| viewer.credential.sign_on.as_ref())
        && path != "/user"
    {
        return Err(HttpReply::unauthorised(url));
    }
    // The server drops the body of what answers `HEAD`.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    let (body, file) = content(&method, path, body)?;
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    if let Some(moved) = moved(world, parts, path, &segments, &links) {
        return Err(moved);
    }
    let segments = by_name(world, segments);
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let query = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let caller = caller(viewer.as_ref());
    let is_free = path == "/rate_limit" || path.starts_with(CONTROL);
    let allowance = budget.spend(caller, world.now, u32::from(!is_free));
    if !is_free && allowance.is_exceeded() {
        let mut reply = HttpReply::refused(403, "API rate limit exceeded for user.");
        reply.count(&allowance);
        return Err(reply);
    }
    let (path, parameters) = (path.to_owned(), Vec::new());
    let accept = header("accept").unwrap_or_default().to_owned();
    Ok(ApiRequest { method, path, segments, parameters, query, body, file, accept, viewer, links, allowance })
}

/// Who asks. Below `/app` an App proves itself, elsewhere a token speaks for somebody.
fn who(world: &EmulatedWorld, parts: &Parts, path: &str) -> Result<Option<StoredAccount>, HttpReply> {
    if path.starts_with("/app/") {
        let undecoded = || HttpReply::refused(401, "A JSON web token could not be decoded");
        return app(world, &parts.headers).map(Some).ok_or_else(undecoded);
    }
    viewer(world, &parts.headers).map_err(|()| HttpReply::refused(401, "Bad credentials"))
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

/// A request by a former name is redirected to the repository's number: a read with 301, anything else with 307.
fn moved(
    world: &EmulatedWorld,
    parts: &Parts,
    path: &str,
    segments: &[String],
    links: &Links,
) -> Option<HttpReply> {
    let ["repos", owner, name, ..] = segments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return None;
    };
    let id = world.renamed(&format!("{owner}/{name}"))?.id;
    let rest = path.splitn(5, '/').nth(4).map(|rest| format!("/{rest}")).unwrap_or_default();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = links.api(&format!("/repositories/{id}{rest}{query}"));
    let (status, message) = match parts.method {
        Method::GET | Method::HEAD => (301, "Moved Permanently"),
        _ => (307, "Temporary Redirect"),
    };
    Some(HttpReply::moved(status, message, &to))
}

/// The address of a repository by its number, as one by its name.
fn by_name(world: &EmulatedWorld, segments: Vec<String>) -> Vec<String> {
    let [first, id, rest @ ..] = segments.as_slice() else { return segments };
    let Some(id) = id.parse::<u64>().ok().filter(|_| first == "repositories") else { return segments };
    let mut repositories = world.repositories.iter().map(|(_, repository)| repository);
    let Some(found) = repositories.find(|repository| repository.id == id) else { return segments };
    let named = ["repos", found.name.owner(), found.name.name()].map(str::to_owned);
    named.into_iter().chain(rest.iter().cloned()).collect()
}

fn decode(segment: &str) -> String {
    // A form decoder would read `+` as a blank; in a path it is a plus.
    let escaped = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
