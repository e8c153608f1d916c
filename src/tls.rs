//! The TLS provider of the process.
//!
//! reqwest is built without one, so that no second crypto library comes in; it panics when none is installed.

/// Makes ring the provider of this process. May be called any number of times.
pub fn install_tls() {
    // An error only says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
