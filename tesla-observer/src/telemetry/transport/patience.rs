//! How long a receiver asks to be left alone.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use prost::Message;
use prost::bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// What `Retry-After` says, in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: Timestamp = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    // A date that has passed asks for nothing more.
    Some(
        SystemTime::from(date)
            .duration_since(now)
            .unwrap_or_default(),
    )
}

/// What a `RetryInfo` among the details of a gRPC status says.
pub(super) fn retry_info(details: &[u8]) -> Option<Duration> {
    let status = Status::decode(details).ok()?;
    let info = status
        .details
        .iter()
        .find(|detail| detail.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.clone()).ok()?.delay;
    // Without a delay, or with a negative one, it only says that trying again helps.
    let delay = delay.unwrap_or_default();
    let seconds = u64::try_from(delay.seconds).unwrap_or_default();
    let nanos = u32::try_from(delay.nanos).unwrap_or_default();
    Some(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into())))
}

/// `google.rpc.Status`, which OTLP's errors are in.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "bytes", tag = "2")]
    value: Bytes,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let after = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), now)
        };
        for (value, seconds) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(after(value), seconds.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn retry_info_is_found_among_a_statuss_details() {
        let detail = |name: &str, value: Bytes| Detail {
            type_url: format!("type.googleapis.com/google.rpc.{name}"),
            value,
        };
        let info = |seconds, nanos| {
            let delay = Some(Delay { seconds, nanos });
            RetryInfo { delay }.encode_to_vec().into()
        };
        let details = |details| {
            let status = Status {
                code: 8,
                message: "slow down".to_owned(),
                details,
            };
            retry_info(&status.encode_to_vec())
        };
        let other = || detail("ErrorInfo", Bytes::from_static(b"\x0a\x01x"));
        assert_eq!(
            details(vec![other(), detail("RetryInfo", info(3, 500_000_000))]),
            Some(Duration::from_millis(3_500))
        );
        assert_eq!(
            details(vec![detail("RetryInfo", Bytes::new())]),
            Some(Duration::ZERO)
        );
        assert_eq!(
            details(vec![detail("RetryInfo", info(i64::MIN, i32::MIN))]),
            Some(Duration::ZERO)
        );
        assert!(details(vec![detail("RetryInfo", info(i64::MAX, i32::MAX))]).is_some());
        assert_eq!(details(vec![other()]), None);
        assert_eq!(retry_info(b""), None);
        assert_eq!(retry_info(b"\xff\xff nonsense"), None);
    }
}
