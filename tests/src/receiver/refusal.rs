//! What a receiver does instead of taking what it gets.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use prost::Message;
use tonic::{Response, Status};

/// What a receiver does instead of taking what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 429, or `RESOURCE_EXHAUSTED` with `RetryInfo`: to be sent again after so many seconds.
    TooMany {
        /// How many.
        seconds: u32,
    },
    /// 503, or `UNAVAILABLE`: to be sent again.
    Unavailable,
    /// A success of which everything is rejected: not to be sent again, and lost.
    Partial,
}

/// A partial success that rejects everything, of whichever signal: they have the same form.
#[derive(Clone, PartialEq, Message)]
struct AllRejected {
    #[prost(message, optional, tag = "1")]
    partial: Option<Rejected>,
}

#[derive(Clone, PartialEq, Message)]
struct Rejected {
    #[prost(int64, tag = "1")]
    items: i64,
    #[prost(string, tag = "2")]
    why: String,
}

/// Why, in a partial success.
const REJECTED: &str = "rejected by a test";

fn all_rejected() -> AllRejected {
    AllRejected {
        partial: Some(Rejected {
            items: 1_000_000,
            why: REJECTED.to_owned(),
        }),
    }
}

impl Refusal {
    pub(super) fn over_http(self, as_json: bool) -> HttpResponse {
        match self {
            Refusal::TooMany { seconds } => {
                let after = [(header::RETRY_AFTER, seconds.to_string())];
                (StatusCode::TOO_MANY_REQUESTS, after).into_response()
            }
            Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Refusal::Partial if as_json => axum::Json(serde_json::json!({"partialSuccess": {
                "rejectedDataPoints": "1000000", "errorMessage": REJECTED
            }}))
            .into_response(),
            Refusal::Partial => {
                let kind = [(header::CONTENT_TYPE, "application/x-protobuf")];
                (kind, all_rejected().encode_to_vec()).into_response()
            }
        }
    }

    pub(super) fn over_grpc<A: Message + Default>(self) -> Result<Response<A>, Status> {
        match self {
            Refusal::TooMany { seconds } => Err(Status::with_details(
                tonic::Code::ResourceExhausted,
                "slow down",
                retry_info(seconds).into(),
            )),
            Refusal::Unavailable => Err(Status::unavailable("not now")),
            Refusal::Partial => {
                let answer = A::decode(&*all_rejected().encode_to_vec());
                Ok(Response::new(answer.expect("the same form")))
            }
        }
    }
}

/// A `google.rpc.Status` with a `google.rpc.RetryInfo`, as OTLP has it.
fn retry_info(seconds: u32) -> Vec<u8> {
    #[derive(Clone, PartialEq, Message)]
    struct Answer {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(message, optional, tag = "3")]
        detail: Option<Detail>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Detail {
        #[prost(string, tag = "1")]
        kind: String,
        #[prost(bytes = "vec", tag = "2")]
        value: Vec<u8>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct RetryInfo {
        #[prost(message, optional, tag = "1")]
        delay: Option<Delay>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Delay {
        #[prost(int64, tag = "1")]
        seconds: i64,
    }
    let delay = Some(Delay {
        seconds: seconds.into(),
    });
    let detail = Detail {
        kind: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
        value: RetryInfo { delay }.encode_to_vec(),
    };
    Answer {
        code: tonic::Code::ResourceExhausted as i32,
        detail: Some(detail),
    }
    .encode_to_vec()
}
