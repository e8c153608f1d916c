//! Asking a registry.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use super::answer::RegistryAnswer;
use super::package::RegistryPackage;
use super::protocol::Protocol;
use crate::failure::{Effect, Persistence, RetryAfter, ServiceError};
use crate::tls::install_tls;

/// The registries as this run sees them.
#[derive(Debug, Clone)]
pub struct Registry {
    roots: BTreeMap<Protocol, Url>,
    http: reqwest::Client,
}

/// A registry that gave no answer. It never means that a version is absent.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No HTTP client could be made.
    #[error("failed to set up the connection to the registries")]
    Setup(#[source] reqwest::Error),
    /// The catalog names no registry of this protocol.
    #[error(
        "the catalog names no registry for `{protocol}`: write its address as `endpoints.registries.{protocol}`"
    )]
    NoRoot {
        /// The protocol.
        protocol: Protocol,
    },
    /// The address cannot have paths.
    #[error("`{root}` cannot be the address of a registry")]
    Address {
        /// The address.
        root: String,
    },
    /// The registry cannot be reached, or broke off.
    #[error("failed to ask {package} {version} at `{host}`")]
    Unreachable {
        /// The package.
        package: RegistryPackage,
        /// The version.
        version: String,
        /// Whom.
        host: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// It has a fault, or asks to slow down.
    #[error("`{host}` answered {status} for {package} {version}")]
    Refused {
        /// The package.
        package: RegistryPackage,
        /// The version.
        version: String,
        /// Who.
        host: String,
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// It showed a page for people: a proxy's, or that of an outage.
    #[error("`{host}` showed a page for people in place of an answer about {package}")]
    Page {
        /// The package.
        package: RegistryPackage,
        /// Who.
        host: String,
    },
    /// Its answer is not what its protocol says.
    #[error("the answer of `{host}` for {package} cannot be read")]
    Unreadable {
        /// The package.
        package: RegistryPackage,
        /// Who.
        host: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl ServiceError for RegistryError {
    /// A registry is only read.
    fn effect(&self) -> Effect {
        Effect::None
    }

    fn persistence(&self) -> Persistence {
        match self {
            // An answer that cannot be read may be half of one.
            RegistryError::Unreachable { .. }
            | RegistryError::Page { .. }
            | RegistryError::Unreadable { .. } => Persistence::TRANSIENT,
            RegistryError::Refused { status, retry_after, .. } if *status == 429 || *status >= 500 => {
                Persistence::Transient { retry_after: retry_after.map(RetryAfter::In) }
            }
            _ => Persistence::Permanent,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            RegistryError::NoRoot { .. } | RegistryError::Address { .. } => {
                Some("name the registry under `endpoints.registries` in the catalog")
            }
            RegistryError::Unreachable { .. }
            | RegistryError::Refused { .. }
            | RegistryError::Unreadable { .. }
            | RegistryError::Page { .. } => {
                Some("check its address in the catalog and the network, then try again")
            }
            RegistryError::Setup(_) => None,
        }
    }
}

/// How long one question may take.
const LIMIT: Duration = Duration::from_secs(30);

impl Registry {
    /// The registries at these roots: a sparse index, npm's package documents, the JSON interface of the Python
    /// index. The user's catalog names them; none is known here.
    ///
    /// # Errors
    /// [`RegistryError::Address`], [`RegistryError::Setup`].
    pub fn new(roots: BTreeMap<Protocol, Url>) -> Result<Registry, RegistryError> {
        if let Some(root) = roots.values().find(|root| root.cannot_be_a_base()) {
            return Err(RegistryError::Address { root: root.to_string() });
        }
        Ok(Registry { http: http(&roots)?, roots })
    }

    /// Registries of every protocol below one address: `{base}/cargo/…`, `{base}/npm/…`, `{base}/pypi/…`.
    ///
    /// # Errors
    /// As [`Registry::new`].
    pub fn below(base: &Url) -> Result<Registry, RegistryError> {
        let roots = Protocol::ALL
            .into_iter()
            .map(|protocol| Ok((protocol, below(base, &[protocol.to_string()])?)))
            .collect::<Result<_, RegistryError>>()?;
        Registry::new(roots)
    }

    /// The address at which a version is asked for.
    ///
    /// # Errors
    /// [`RegistryError::NoRoot`], [`RegistryError::Address`].
    pub fn address(&self, package: &RegistryPackage, version: &str) -> Result<Url, RegistryError> {
        let protocol = package.protocol();
        let root = self.roots.get(&protocol).ok_or(RegistryError::NoRoot { protocol })?;
        below(root, &(protocol.facts().segments)(package.name(), version))
    }

    /// What the registry knows of a version.
    ///
    /// # Errors
    /// [`RegistryError`] when it gives no answer; see [`ServiceError::persistence`].
    pub async fn version(
        &self,
        package: &RegistryPackage,
        version: &str,
    ) -> Result<RegistryAnswer, RegistryError> {
        let facts = package.protocol().facts();
        let url = self.address(package, version)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let unreachable = |source: reqwest::Error| RegistryError::Unreachable {
            package: package.clone(),
            version: version.to_owned(),
            host: host.clone(),
            // The address is in the message already, in words.
            source: source.without_url(),
        };
        let mut request = self.http.get(url);
        if let Some(form) = facts.accept {
            request = request.header("accept", form);
        }
        let response = request.send().await.map_err(unreachable)?;
        if is_absent(response.status()) {
            return Ok(RegistryAnswer::Absent);
        }
        if !response.status().is_success() {
            return Err(RegistryError::Refused {
                package: package.clone(),
                version: version.to_owned(),
                host,
                status: response.status().as_u16(),
                retry_after: wait_asked_for(&response),
            });
        }
        let body = response.text().await.map_err(unreachable)?;
        if body.trim_start().starts_with('<') {
            return Err(RegistryError::Page { package: package.clone(), host });
        }
        (facts.read)(version, &body).map_err(|source| RegistryError::Unreadable {
            package: package.clone(),
            host,
            source,
        })
    }
}

fn is_absent(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS)
}

fn wait_asked_for(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn below(root: &Url, segments: &[String]) -> Result<Url, RegistryError> {
    let mut url = root.clone();
    match url.path_segments_mut() {
        Ok(mut path) => {
            path.pop_if_empty().extend(segments);
        }
        Err(()) => return Err(RegistryError::Address { root: root.to_string() }),
    }
    Ok(url)
}

fn http(roots: &BTreeMap<Protocol, Url>) -> Result<reqwest::Client, RegistryError> {
    install_tls();
    let builder = reqwest::Client::builder()
        // Registries refuse clients without a name and a way to reach their people.
        .user_agent(concat!("lockgate/", env!("CARGO_PKG_VERSION"), " (coordinated release tool)"))
        .timeout(LIMIT);
    // A rehearsal's registry speaks no TLS, and must work on a machine without root certificates.
    let is_plain = roots.values().all(|root| root.scheme() == "http");
    let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
    builder.build().map_err(RegistryError::Setup)
}
