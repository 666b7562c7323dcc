//! The reason why a request got no proper answer: the status for its client, the words for the log.

use std::time::Duration;

use http::StatusCode;

use ground::wording::{seconds, size};

/// The failure that ended a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No instance became free.
    Busy {
        instances: u32,
    },
    TimedOut {
        limit: Duration,
    },
    /// Its client sent too little of the request, or took too little of the response.
    Slow,
    OutOfMemory {
        limit: usize,
    },
    /// An exception left the handler; its traceback is in the log.
    Raised,
    Trapped {
        reason: String,
    },
    /// It called `wasi:cli/exit`.
    Exited {
        code: i32,
    },
    /// It returned without a response.
    NoResponse,
    /// It returned an error code of `wasi:http` in place of a response.
    ErrorCode {
        code: String,
    },
    /// A component cannot be given this request.
    Unusable {
        reason: &'static str,
    },
    /// A resource that the app was promised no longer exists.
    Unavailable {
        reason: String,
    },
    /// A failure of the tool itself.
    Internal {
        reason: String,
    },
}

impl Failure {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Unusable { .. } => StatusCode::BAD_REQUEST,
            Self::OutOfMemory { .. }
            | Self::Raised
            | Self::Trapped { .. }
            | Self::Exited { .. }
            | Self::NoResponse
            | Self::ErrorCode { .. }
            | Self::Unavailable { .. }
            | Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text for the client, who need not know the details.
    pub fn body(&self) -> String {
        match self {
            Self::Busy { .. } => "the server is busy\n".to_owned(),
            Self::TimedOut { .. } => "the application took too long\n".to_owned(),
            Self::Slow => "the request came too slowly\n".to_owned(),
            Self::Unusable { reason } => format!("{reason}\n"),
            Self::OutOfMemory { .. }
            | Self::Raised
            | Self::Trapped { .. }
            | Self::Exited { .. }
            | Self::NoResponse
            | Self::ErrorCode { .. }
            | Self::Unavailable { .. }
            | Self::Internal { .. } => "the application failed\n".to_owned(),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy { instances } => {
                write!(
                    out,
                    "none of the {instances} instances became free in time (`--max-instances`)"
                )
            }
            Self::TimedOut { limit } => {
                write!(out, "took longer than {} (`--timeout`)", seconds(*limit))
            }
            Self::Slow => write!(out, "the client sent or took too little, too slowly"),
            Self::OutOfMemory { limit } => write!(
                out,
                "needed more memory than {} (`--max-memory`)",
                size(*limit)
            ),
            Self::Raised => write!(out, "the app raised an exception"),
            Self::Trapped { reason } => write!(out, "the app trapped: {reason}"),
            Self::Exited { code } => write!(out, "the app exited with code {code}"),
            Self::NoResponse => write!(out, "the app returned without a response"),
            Self::ErrorCode { code } => write!(
                out,
                "the app gave the error `{code}` in place of a response"
            ),
            Self::Unusable { reason } => write!(out, "{reason}"),
            Self::Unavailable { reason } => write!(out, "{reason}"),
            Self::Internal { reason } => write!(out, "a bug in componentize-py: {reason}"),
        }
    }
}
