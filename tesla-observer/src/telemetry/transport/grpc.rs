//! OTLP over gRPC, of requests that are encoded already.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::http::uri::PathAndQuery;
use prost::Message;
use prost::bytes::{Buf, BufMut, Bytes};
use reqwest::header::HeaderMap;
use tonic::client::Grpc as Client;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Extensions, Request, Status};

use super::super::encode::Signal;
use super::super::error::StartError;
use super::super::settings::Otlp;
use super::failure::{Failure, Rejected, network_kind, one_line, root_cause};
use super::patience::retry_info;
use super::tls::Pem;
use super::{check_scheme, headers, public_endpoint, silence, title};

/// A receiver over gRPC.
pub(in super::super) struct Grpc {
    client: Client<Channel>,
    path: PathAndQuery,
    headers: HeaderMap,
    timeout: Duration,
}

impl Grpc {
    pub(super) fn new(signal: Signal, otlp: &Otlp) -> Result<Self, Vec<StartError>> {
        let mut errors = Vec::new();
        check_scheme(signal, otlp, &mut errors);
        let headers = headers(signal, otlp, &mut errors);
        let endpoint = endpoint(signal, otlp, &mut errors);
        match endpoint {
            Some(endpoint) if errors.is_empty() => {
                let mut client = Client::new(endpoint.connect_lazy());
                if otlp.compression.is_some() {
                    client = client
                        .send_compressed(CompressionEncoding::Gzip)
                        .accept_compressed(CompressionEncoding::Gzip);
                }
                Ok(Grpc {
                    client,
                    path: PathAndQuery::from_static(signal.grpc_path()),
                    headers,
                    timeout: otlp.timeout,
                })
            }
            _ => Err(errors),
        }
    }

    pub(super) async fn send(&self, body: Bytes) -> Result<Option<Rejected>, Failure> {
        let mut client = self.client.clone();
        let metadata = MetadataMap::from_headers(self.headers.clone());
        let request = Request::from_parts(metadata, Extensions::default(), body);
        let call = async {
            client
                .ready()
                .await
                .map_err(|error| Status::from_error(Box::new(error)))?;
            client.unary(request, self.path.clone(), Encoded).await
        };
        let answer = match tokio::time::timeout(self.timeout, call).await {
            Ok(answer) => answer,
            Err(_) => return Err(Failure::passing("timeout", "no answer in time")),
        };
        match answer {
            Ok(answer) => Ok(answer.into_inner().partial.and_then(|partial| {
                let said = partial.rejected > 0 || !partial.message.is_empty();
                said.then(|| Rejected {
                    items: partial.rejected,
                    reason: one_line(&partial.message, &self.headers),
                })
            })),
            Err(status) => Err(self.failure(&status)),
        }
    }

    fn failure(&self, status: &Status) -> Failure {
        if let Some(cause) = status.source() {
            let kind = match network_kind(cause) {
                "connect" if !is_io(cause) => "protocol",
                kind => kind,
            };
            return Failure::passing(kind, one_line(&root_cause(cause), &self.headers));
        }
        let kind = word(status.code());
        let said = one_line(status.message(), &self.headers);
        let after = retry_info(status.details());
        // The codes that OTLP's specification lets a client try again after.
        let retry = match status.code() {
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss => true,
            // Only the receiver knows whether it is a matter of time.
            Code::ResourceExhausted => after.is_some(),
            _ => false,
        };
        Failure {
            kind: kind.into(),
            detail: format!("{kind}: {said}"),
            retry,
            after,
        }
    }
}

/// Whether the network is at fault, rather than what was said on it.
fn is_io(error: &(dyn Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        if error.is::<std::io::Error>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn endpoint(signal: Signal, otlp: &Otlp, errors: &mut Vec<StartError>) -> Option<Endpoint> {
    let title = title(signal, otlp);
    let pem = Pem::read(&title, &otlp.tls, errors);
    let endpoint = match Endpoint::from_shared(public_endpoint(otlp)) {
        Ok(endpoint) => endpoint
            .connect_timeout(otlp.timeout)
            .http2_keep_alive_interval(silence(otlp))
            .keep_alive_timeout(silence(otlp)),
        Err(error) => {
            errors.push(StartError::new(
                title,
                format!("the endpoint cannot be used: {}", root_cause(&error)),
                "write it as http://host:port or https://host:port",
            ));
            return None;
        }
    };
    if otlp.endpoint.scheme() != "https" {
        return Some(endpoint);
    }
    let mut tls = match pem.ca {
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let Some((certificate, key)) = pem.client {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    match endpoint.tls_config(tls) {
        Ok(endpoint) => Some(endpoint),
        Err(error) => {
            errors.push(StartError::new(
                title,
                format!("the certificates cannot be used: {}", root_cause(&error)),
                "all should be in PEM form, the key without a password",
            ));
            None
        }
    }
}

/// A status code as a word: a value of the attribute `error.type`.
fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}

/// What all three services answer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Answer {
    #[prost(message, optional, tag = "1")]
    pub(super) partial: Option<Partial>,
}

/// OTLP's partial success.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Partial {
    #[prost(int64, tag = "1")]
    pub(super) rejected: i64,
    #[prost(string, tag = "2")]
    pub(super) message: String,
}

/// Sends what is encoded already.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = Answer;
    type Encoder = Encoded;
    type Decoder = Encoded;

    fn encoder(&mut self) -> Encoded {
        Encoded
    }

    fn decoder(&mut self) -> Encoded {
        Encoded
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, body: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(body);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Answer;
    type Error = Status;

    fn decode(&mut self, answer: &mut DecodeBuf<'_>) -> Result<Option<Answer>, Status> {
        let body = answer.copy_to_bytes(answer.remaining());
        // The request was accepted: an answer that is none does not change that.
        Ok(Some(Answer::decode(body).unwrap_or_default()))
    }
}

impl fmt::Debug for Grpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grpc").finish_non_exhaustive()
    }
}
