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

fn package(protocol: Protocol, name: &str) -> RegistryPackage {
    RegistryPackage::new(protocol, name).unwrap()
}

#[tokio::test]
async fn a_crate_is_read_from_the_sparse_index() {
    let registry = registry(&[(
        "/registry/cargo/sl/ui/sluice",
        "{\"name\":\"sluice\",\"vers\":\"2.4.2\",\"cksum\":\"aa\",\"yanked\":true}\n\
         {\"name\":\"sluice\",\"vers\":\"2.4.3\",\"cksum\":\"bb\",\"yanked\":false}\n",
    )])
    .await;
    let sluice = package(Protocol::Cargo, "Sluice");
    let published = RegistryAnswer::Published { checksum: Some("bb".into()) };
    assert_eq!(registry.version(&sluice, "2.4.3").await.unwrap(), published);
    assert_eq!(registry.version(&sluice, "2.4.2").await.unwrap(), RegistryAnswer::Yanked);
    assert_eq!(registry.version(&sluice, "2.4.4").await.unwrap(), RegistryAnswer::Absent);
    assert_eq!(
        registry.version(&package(Protocol::Cargo, "io"), "1.0.0").await.unwrap(),
        RegistryAnswer::Absent
    );
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
    let scoped = package(Protocol::Npm, "@bright/sluice");
    let npm = registry.version(&scoped, "1.0.1").await.unwrap();
    assert_eq!(npm, RegistryAnswer::Published { checksum: Some("sha512-x".into()) });
    assert_eq!(registry.version(&scoped, "1.0.2").await.unwrap(), RegistryAnswer::Absent);
    let python = package(Protocol::Pypi, "sluice");
    let pypi = registry.version(&python, "1.0.1").await.unwrap();
    assert_eq!(pypi, RegistryAnswer::Published { checksum: Some("s".into()) });
    assert_eq!(registry.version(&python, "1.0.2").await.unwrap(), RegistryAnswer::Absent);
}

#[tokio::test]
async fn rd_10_a_registry_in_trouble_is_not_an_absent_version() {
    let registry = registry(&[
        ("/registry/cargo/sl/ui/sluice", "fault"),
        ("/registry/npm/sluice", "{\"versions\": {\"2.4.3\": {\"dist\""),
        ("/registry/npm/weir", "<html>"),
    ])
    .await;
    let error = registry.version(&package(Protocol::Cargo, "sluice"), "2.4.3").await.unwrap_err();
    assert!(matches!(error.persistence(), Persistence::Transient { .. }), "{error}");
    assert!(error.to_string().contains("cargo:sluice 2.4.3"), "{error}");
    let error = registry.version(&package(Protocol::Npm, "sluice"), "2.4.3").await.unwrap_err();
    assert!(matches!(error, RegistryError::Unreadable { .. }), "{error}");
    assert!(matches!(error.persistence(), Persistence::Transient { .. }), "{error}");
    let page = registry.version(&package(Protocol::Npm, "weir"), "2.4.3").await.unwrap_err();
    assert!(matches!(page, RegistryError::Page { .. }), "{page}");
    assert!(matches!(page.persistence(), Persistence::Transient { .. }), "{page}");
}

#[test]
fn names_cannot_change_the_address() {
    for name in ["", "..", "a/b", "@a/../b", "a?b", "-x"] {
        assert!(RegistryPackage::new(Protocol::Cargo, name).is_err(), "{name}");
        assert!(RegistryPackage::new(Protocol::Npm, name).is_err(), "{name}");
    }
    assert!(RegistryPackage::new(Protocol::Npm, "@bytecodealliance/jco").is_ok());
}
