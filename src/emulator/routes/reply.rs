//! Answers and refusals in GitHub's words.

use serde_json::{Value, json};

use crate::emulator::world::EmulatorError;

/// What is answered when all is well.
#[derive(Debug)]
pub(crate) struct Reply {
    /// `None` for the usual one of the route.
    status: Option<u16>,
    body: ReplyBody,
    /// The `Link` header.
    link: Option<String>,
}

/// What an answer carries.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Anything else, with its media type.
    File(&'static str, Vec<u8>),
}

impl Reply {
    /// A body.
    pub(crate) fn with(body: Value) -> RouteResult {
        Ok(Reply { status: None, body: ReplyBody::Json(body), link: None })
    }

    /// Nothing.
    pub(crate) fn empty() -> RouteResult {
        Ok(Reply { status: None, body: ReplyBody::None, link: None })
    }

    /// A file, or a text of another kind than JSON.
    pub(crate) fn file(kind: &'static str, bytes: Vec<u8>) -> RouteResult {
        Ok(Reply { status: None, body: ReplyBody::File(kind, bytes), link: None })
    }

    /// A body that is one page of more.
    pub(crate) fn page(body: Value, link: Option<String>) -> RouteResult {
        Ok(Reply { status: None, body: ReplyBody::Json(body), link })
    }

    /// The body.
    pub(super) fn body(&self) -> Option<&Value> {
        match &self.body {
            ReplyBody::Json(body) => Some(body),
            ReplyBody::None | ReplyBody::File(..) => None,
        }
    }

    /// With another of the statuses that its route declares.
    pub(crate) fn status(self, status: u16) -> Reply {
        Reply { status: Some(status), ..self }
    }

    /// What is sent, if the route declares its status.
    pub(super) fn within(self, declared: &[u16]) -> Result<SentReply, ApiError> {
        match self.status.or(declared.first().copied()) {
            Some(status) if declared.contains(&status) => {
                Ok(SentReply { status, body: self.body, link: self.link })
            }
            status => Err(EmulatorError::UndeclaredStatus { status }.into()),
        }
    }
}

/// What a route answers.
pub(crate) type RouteResult = Result<Reply, ApiError>;

/// A reply with its status.
#[derive(Debug)]
pub(crate) struct SentReply {
    pub(crate) status: u16,
    pub(crate) body: ReplyBody,
    pub(crate) link: Option<String>,
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

    /// 403 for those whose role is too small.
    pub(crate) fn forbidden() -> ApiError {
        ApiError::says(403, "Resource not accessible by personal access token")
    }

    /// 403 for those who see it but do not administer it.
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

    /// 422 of the routes of reviews: their errors are strings (`validation-error-simple`).
    pub(crate) fn in_a_word(error: &str) -> ApiError {
        let body = json!({
            "message": "Unprocessable Entity", "errors": [error], "documentation_url": DOCS, "status": "422",
        });
        ApiError::Said { status: 422, body }
    }

    /// 422 for a tag that an immutable release had, as it was seen in public logs.
    pub(crate) fn burnt_tag() -> ApiError {
        ApiError::validations(json!([
            {"resource": "Release", "code": "custom", "field": "tag_name",
                "message": "tag_name was used by an immutable release"},
            {"resource": "Release", "code": "custom", "message": "Published releases must have a valid tag"},
        ]))
    }

    fn validation(error: Value) -> ApiError {
        ApiError::validations(json!([error]))
    }

    fn validations(errors: Value) -> ApiError {
        let body = json!({
            "message": "Validation Failed", "errors": errors, "documentation_url": DOCS, "status": "422",
        });
        ApiError::Said { status: 422, body }
    }
}
