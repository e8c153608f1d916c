//! What a GraphQL answer says in place of a field.

use serde_json::{Value, json};

use super::super::ApiError;
use crate::emulator::world::EmulatorError;

/// Why a field, or a whole query, is not answered.
#[derive(Debug)]
pub(super) enum GraphQlError {
    /// The query asks for something that is not there in the schema, or is none; nothing is answered.
    Query(Value),
    /// One field is `null`, and this is said of it.
    Field(Value),
    /// The emulator itself failed.
    Broken(EmulatorError),
}

impl<E: Into<EmulatorError>> From<E> for GraphQlError {
    fn from(error: E) -> GraphQlError {
        GraphQlError::Broken(error.into())
    }
}

impl GraphQlError {
    /// The query cannot be understood.
    pub(super) fn query(message: impl Into<String>) -> GraphQlError {
        GraphQlError::Query(json!({"message": message.into()}))
    }

    /// The query asks for a field that the type has not.
    pub(super) fn undefined(kind: &str, field: &str) -> GraphQlError {
        GraphQlError::Query(json!({
            "path": ["query"], "extensions": {"code": "undefinedField", "typeName": kind, "fieldName": field},
            "message": format!("Field '{field}' doesn't exist on type '{kind}'"),
        }))
    }

    /// A field is refused, in GitHub's words, with `NOT_FOUND`, `FORBIDDEN` or `UNPROCESSABLE`.
    pub(super) fn field(kind: &str, message: impl Into<String>) -> GraphQlError {
        GraphQlError::Field(json!({"type": kind, "message": message.into()}))
    }

    /// The same with what it is about before it: `Review Can not approve your own pull request`.
    pub(super) fn about(mut self, what: &str) -> GraphQlError {
        if let GraphQlError::Field(said) = &mut self
            && let Some(message) = said["message"].as_str()
        {
            said["message"] = json!(format!("{what} {message}"));
        }
        self
    }

    /// What the other interface says against the same wish.
    pub(super) fn from_rest(error: ApiError) -> GraphQlError {
        let (status, body) = match error {
            ApiError::Broken(error) => return GraphQlError::Broken(error),
            ApiError::Said { status, body } => (status, body),
        };
        let first = &body["errors"][0];
        let said =
            first["message"].as_str().or(first.as_str()).or(body["message"].as_str()).unwrap_or_default();
        let kind = match status {
            401 | 403 => "FORBIDDEN",
            404 => "NOT_FOUND",
            _ => "UNPROCESSABLE",
        };
        GraphQlError::field(kind, said)
    }
}
