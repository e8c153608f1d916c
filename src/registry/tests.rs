//! Registries against a loopback server that keeps a table of paths.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse as _;

use super::client::RegistryError;
use super::*;
use crate::failure::{Persistence, ServiceError as _};

async fn registry(table: &'static [(&'static str, &'static str)]) -> Registry {
    let app = Router::new().fallback(move |uri: Uri| async move {
        match table.iter().find(|(path, _)| *path == uri.path()) {
            Some((_, "fault")) => {
                (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")], "").into_response()
            }
            Some((_, body)) => body.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/registry/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Registry::below(&base).unwrap()
}

fn package(ecosystem: Ecosystem, name: &str) -> Package {
    Package::new(ecosystem, name).unwrap()
}

#[tokio::test]
async fn a_crate_is_read_from_the_sparse_index() {
    let registry = registry(&[(
        "/registry/cargo/sl/ui/sluice",
        "{\"name\":\"sluice\",\"vers\":\"2.4.2\",\"cksum\":\"aa\",\"yanked\":true}\n\
         {\"name\":\"sluice\",\"vers\":\"2.4.3\",\"cksum\":\"bb\",\"yanked\":false}\n",
    )])
    .await;
    let sluice = package(Ecosystem::Cargo, "Sluice");
    let published = Known::Published { checksum: Some("bb".into()) };
    assert_eq!(registry.version(&sluice, "2.4.3").await.unwrap(), published);
    assert_eq!(registry.version(&sluice, "2.4.2").await.unwrap(), Known::Yanked);
    assert_eq!(registry.version(&sluice, "2.4.4").await.unwrap(), Known::Absent);
    assert_eq!(registry.version(&package(Ecosystem::Cargo, "io"), "1.0.0").await.unwrap(), Known::Absent);
}

#[tokio::test]
async fn npm_and_pypi_are_read_from_their_documents() {
    let registry = registry(&[
        ("/registry/npm/@bright%2Fsluice", r#"{"versions":{"1.0.1":{"dist":{"integrity":"sha512-x","shasum":"y"}}}}"#),
        (
            "/registry/pypi/sluice/1.0.1/json",
            r#"{"urls":[{"packagetype":"bdist_wheel","digests":{"sha256":"w"}},{"packagetype":"sdist","digests":{"sha256":"s"}}]}"#,
        ),
        ("/registry/pypi/sluice/1.0.2/json", r#"{"urls":[]}"#),
    ])
    .await;
    let scoped = package(Ecosystem::Npm, "@bright/sluice");
    let npm = registry.version(&scoped, "1.0.1").await.unwrap();
    assert_eq!(npm, Known::Published { checksum: Some("sha512-x".into()) });
    assert_eq!(registry.version(&scoped, "1.0.2").await.unwrap(), Known::Absent);
    let python = package(Ecosystem::Pypi, "sluice");
    let pypi = registry.version(&python, "1.0.1").await.unwrap();
    assert_eq!(pypi, Known::Published { checksum: Some("s".into()) });
    assert_eq!(registry.version(&python, "1.0.2").await.unwrap(), Known::Absent);
}

#[tokio::test]
async fn rd_10_a_registry_in_trouble_is_not_an_absent_version() {
    let registry =
        registry(&[("/registry/cargo/sl/ui/sluice", "fault"), ("/registry/npm/sluice", "<html>")]).await;
    let error = registry.version(&package(Ecosystem::Cargo, "sluice"), "2.4.3").await.unwrap_err();
    assert!(matches!(error.persistence(), Persistence::Transient { .. }), "{error}");
    assert!(error.to_string().contains("cargo:sluice 2.4.3"), "{error}");
    let error = registry.version(&package(Ecosystem::Npm, "sluice"), "2.4.3").await.unwrap_err();
    assert!(matches!(error, RegistryError::Unreadable { .. }), "{error}");
}

#[test]
fn names_cannot_change_the_address() {
    for name in ["", "..", "a/b", "@a/../b", "a?b", "-x"] {
        assert!(Package::new(Ecosystem::Cargo, name).is_err(), "{name}");
        assert!(Package::new(Ecosystem::Npm, name).is_err(), "{name}");
    }
    assert!(Package::new(Ecosystem::Npm, "@bytecodealliance/jco").is_ok());
}
