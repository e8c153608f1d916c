//! The connection below octocrab: no retry, no redirects, no headers but ours.
//!
//! octocrab's own stack would add a second `User-Agent`, panic on a token that is not a header value, and need the
//! machine's root certificates even for a loopback address. So its layers are assembled here.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{ACCEPT, HeaderName, USER_AGENT};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use rustls::{ClientConfig, RootCertStore};

use super::endpoint::{ConnectError, Endpoint};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long an unused connection is kept: well below the time after which servers close it.
const IDLE: Duration = Duration::from_secs(15);

/// octocrab for this endpoint. Must be called inside a runtime: octocrab starts a task of its own.
pub(super) fn octocrab(endpoint: &Endpoint) -> Result<Octocrab, ConnectError> {
    let base: http::Uri =
        endpoint.api.as_str().parse().map_err(|_| ConnectError::Address { api: endpoint.api.clone() })?;
    let agent = HeaderValue::from_str(&endpoint.user_agent)
        .map_err(|_| ConnectError::UserAgent { user_agent: endpoint.user_agent.clone() })?;
    let accept = HeaderValue::from_static("application/vnd.github+json");
    let headers: Vec<(HeaderName, HeaderValue)> = vec![(USER_AGENT, agent), (ACCEPT, accept)];
    // After a write over a connection that the server is about to close, nobody knows whether it happened.
    let hyper = Hyper::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector(endpoint)?);
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

fn connector(endpoint: &Endpoint) -> Result<HttpsConnector<HttpConnector>, ConnectError> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(CONNECT));
    http.set_nodelay(true);
    let tls = tls(endpoint.api.scheme() == "https")
        .map_err(|error| ConnectError::Tls { reason: error.to_string() })?;
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}

/// The machine's root certificates; none where there is no TLS.
fn tls(is_used: bool) -> Result<ClientConfig, Box<dyn std::error::Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if is_used {
        builder.with_native_roots()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
