//! Asking a registry again that gave no answer.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use super::answer::RegistryAnswer;
use super::client::{Registry, RegistryError};
use super::package::RegistryPackage;
use crate::failure::{Persistence, ServiceError as _};

impl Registry {
    /// What the registry knows of a version, for who does not look again later: where a fault may be over in a moment, it is asked
    /// again at once.
    ///
    /// # Errors
    /// [`RegistryError`] when it gives no answer three times, or one that will stay.
    pub async fn version_now(
        &self,
        package: &RegistryPackage,
        version: &str,
    ) -> Result<RegistryAnswer, RegistryError> {
        self.asked(package, version, Duration::from_secs(1)).await
    }

    /// Asks at most twice more, after this pause and after one of five times as long.
    async fn asked(
        &self,
        package: &RegistryPackage,
        version: &str,
        pause: Duration,
    ) -> Result<RegistryAnswer, RegistryError> {
        let pauses = ExponentialBuilder::new().with_min_delay(pause).with_factor(5.0).with_max_times(2);
        let is_passing = |error: &RegistryError| matches!(error.persistence(), Persistence::Transient { .. });
        (|| self.version(package, version)).retry(pauses).when(is_passing).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::registry::Protocol;

    /// What is known of a version at a registry that fails so often first, and how often it was asked.
    async fn after(faults: usize) -> (Result<RegistryAnswer, RegistryError>, usize) {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        let app = axum::Router::new().fallback(move || async move {
            match seen.fetch_add(1, Ordering::SeqCst) < faults {
                true => StatusCode::BAD_GATEWAY.into_response(),
                false => r#"{"versions":{"1.0.0":{"dist":{}}}}"#.into_response(),
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let package = RegistryPackage::new(Protocol::Npm, "weir").unwrap();
        let answer = Registry::below(&base).unwrap().asked(&package, "1.0.0", Duration::ZERO).await;
        (answer, count.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_registry_that_fails_twice_is_asked_a_third_time_and_no_more() {
        let (answer, asked) = after(2).await;
        assert!(matches!(answer, Ok(RegistryAnswer::Published { .. })), "{answer:?}");
        assert_eq!(asked, 3);
        let (answer, asked) = after(9).await;
        assert!(answer.is_err());
        assert_eq!(asked, 3);
    }
}
