//! Answers and refusals in GitHub's words.

use serde_json::{Value, json};

use crate::emulator::world::EmulatorError;

/// What is answered when all is well.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    /// The `Link` header.
    pub(crate) link: Option<String>,
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Result<Reply, ApiError> {
        Reply::with(200, body)
    }

    /// 201 with a body.
    pub(crate) fn created(body: Value) -> Result<Reply, ApiError> {
        Reply::with(201, body)
    }

    /// Any status with a body.
    pub(crate) fn with(status: u16, body: Value) -> Result<Reply, ApiError> {
        Ok(Reply { status, body: Some(body), link: None })
    }

    /// 204.
    pub(crate) fn nothing() -> Result<Reply, ApiError> {
        Ok(Reply { status: 204, body: None, link: None })
    }
}

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// GitHub says no.
    Said {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// The emulator itself failed; the caller sees 500.
    Broken(EmulatorError),
}

impl<E: Into<EmulatorError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        ApiError::Broken(error.into())
    }
}

const DOCS: &str = "https://docs.github.com/rest";

impl ApiError {
    /// A status with a message.
    pub(crate) fn says(status: u16, message: impl Into<String>) -> ApiError {
        let body =
            json!({"message": message.into(), "documentation_url": DOCS, "status": status.to_string()});
        ApiError::Said { status, body }
    }

    /// 404: it is not there, or the caller may not know that it is.
    pub(crate) fn not_found() -> ApiError {
        ApiError::says(404, "Not Found")
    }

    /// 403 for those who see it but may not change it.
    pub(crate) fn must_have_admin() -> ApiError {
        ApiError::says(403, "Must have admin rights to Repository.")
    }

    /// 403 in temporary private forks; the text is the field's (`addComment` on a workspace repository).
    pub(crate) fn workspace() -> ApiError {
        ApiError::says(403, "This action is forbidden on workspace repositories.")
    }

    /// 422 with one error about a field.
    pub(crate) fn invalid(resource: &str, field: &str, code: &str) -> ApiError {
        ApiError::validation(json!({"resource": resource, "field": field, "code": code}))
    }

    /// 422 with one error in words.
    pub(crate) fn custom(resource: &str, message: impl Into<String>) -> ApiError {
        ApiError::validation(json!({"resource": resource, "code": "custom", "message": message.into()}))
    }

    fn validation(error: Value) -> ApiError {
        let body = json!({
            "message": "Validation Failed", "errors": [error], "documentation_url": DOCS, "status": "422",
        });
        ApiError::Said { status: 422, body }
    }
}
