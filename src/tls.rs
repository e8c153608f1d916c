//! TLS: the provider of the process, and connections of our own.
//!
//! reqwest is built without a provider, so that no second crypto library comes in; it panics when none is installed.

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long an unused connection is kept: well below the time after which servers close it.
pub const IDLE: Duration = Duration::from_secs(15);

/// Makes ring the provider of this process. May be called any number of times.
pub fn install_tls() {
    // An error only says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What connects to a server: with the machine's root certificates where it is `secure`, and none where there is no TLS: a
/// loopback address must be reached from a machine without any.
///
/// # Errors
/// When the machine's certificates cannot be read.
pub fn connector(secure: bool) -> Result<HttpsConnector<HttpConnector>, Box<dyn std::error::Error>> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(CONNECT));
    http.set_nodelay(true);
    let builder = HttpsConnectorBuilder::new().with_tls_config(client_side(secure)?);
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}

fn client_side(secure: bool) -> Result<ClientConfig, Box<dyn std::error::Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if secure {
        builder.with_native_roots()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
