//! Why a request gets no answer: told as JSON, with the status that fits.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::AuditError;

/// A request that gets no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Status of HTTP.
    pub(super) status: StatusCode,
    /// What was wrong, and what to do.
    pub(super) reason: String,
}

impl Refusal {
    /// What was asked for is not there.
    pub(super) fn missing(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    /// The question makes no sense.
    pub(super) fn unclear(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// The dataset is damaged there.
    pub(super) fn broken(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, reason)
    }

    /// Any status.
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
        }
    }
}

impl From<AuditError> for Refusal {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Query { reason } => Self::unclear(reason),
            other => Self::broken(super::index::told(&other)),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.reason }).to_string();
        let headers = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, body).into_response()
    }
}
