//! What was encoded for a protocol that the destination does not speak any more.

use std::io::{self, Read as _};

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::bytes::Bytes;
use serde::de::DeserializeOwned;

use super::super::encode::{Encoding, Request, Signal, encode};

/// No request is as long.
const LONGEST: u64 = 256 << 20;

/// The same request in another encoding.
pub(in super::super) fn transcode(
    signal: Signal,
    body: Bytes,
    from: Encoding,
    to: Encoding,
) -> io::Result<Bytes> {
    if from == to {
        return Ok(body);
    }
    match signal {
        Signal::Metrics => through::<ExportMetricsServiceRequest>(&body, from, to),
        Signal::Traces => through::<ExportTraceServiceRequest>(&body, from, to),
        Signal::Logs => through::<ExportLogsServiceRequest>(&body, from, to),
    }
}

fn through<T>(body: &[u8], from: Encoding, to: Encoding) -> io::Result<Bytes>
where
    T: Request + Default + DeserializeOwned,
{
    let mut plain = Vec::new();
    let body = if from.gzip {
        GzDecoder::new(body).take(LONGEST).read_to_end(&mut plain)?;
        &plain
    } else {
        body
    };
    let request: T = if from.json {
        serde_json::from_slice(body)?
    } else {
        T::decode(body).map_err(io::Error::other)?
    };
    encode(&request, to)
}
