//! What is answered to what cannot be answered: problem details (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::history::ReadError;

/// Why there is no answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(super) status: u16,
    /// The status in words.
    pub(super) title: String,
    /// What was wrong, and what to write instead.
    pub(super) detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: String) -> Self {
        Self {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            detail,
        }
    }

    /// The question is wrong.
    pub(super) fn question(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail.into())
    }

    /// There is no such thing.
    pub(super) fn unknown(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail.into())
    }

    /// There is no history.
    pub(super) fn no_history(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail.into())
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::no_history(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::to_string(&self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, json).into_response()
    }
}
