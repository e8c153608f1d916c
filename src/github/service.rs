//! The connection below octocrab: no retry, no redirects, no headers but ours.
//!
//! octocrab's own stack would add a second `User-Agent`, panic on a token that is not a header value, and need the
//! machine's root certificates even for a loopback address. So its layers are assembled here.

use std::sync::Arc;

use http::HeaderValue;
use http::header::{ACCEPT, HeaderName, USER_AGENT};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};

use super::endpoint::{ConnectError, Endpoint};
use crate::tls;

/// octocrab for this endpoint. Must be called inside a runtime: octocrab starts a task of its own.
pub(super) fn octocrab(endpoint: &Endpoint) -> Result<Octocrab, ConnectError> {
    let base: http::Uri =
        endpoint.api.as_str().parse().map_err(|_| ConnectError::Address { api: endpoint.api.clone() })?;
    let agent = HeaderValue::from_str(&endpoint.user_agent)
        .map_err(|_| ConnectError::UserAgent { user_agent: endpoint.user_agent.clone() })?;
    let accept = HeaderValue::from_static("application/vnd.github+json");
    let headers: Vec<(HeaderName, HeaderValue)> = vec![(USER_AGENT, agent), (ACCEPT, accept)];
    // After a write over a connection that the server is about to close, nobody knows whether it happened.
    let connector = tls::connector(endpoint.api.scheme() == "https")
        .map_err(|error| ConnectError::Tls { reason: error.to_string() })?;
    let hyper = Hyper::builder(TokioExecutor::new()).pool_idle_timeout(tls::IDLE).build(connector);
    let built = OctocrabBuilder::new_empty()
        .with_service(hyper)
        .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
        .with_layer(&BaseUriLayer::new(base))
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(octocrab) => Ok(octocrab),
        Err(never) => match never {},
    }
}
