//! What a client gets when something goes wrong: the bodies that the real service sends, and worse.

use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};

use super::super::alter::Alteration;
use super::super::line::Peer;
use super::super::oversize;
use super::Fault;

/// Tesla's usual body of an error.
pub(in crate::simulator) fn error(status: u16, text: &str) -> Response {
    let body = serde_json::json!({ "response": null, "error": text, "error_description": "" });
    with(status, "application/json; charset=utf-8", body.to_string())
}

pub(in crate::simulator) fn with(
    status: u16,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}

fn html(status: u16, title: &str) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    with(status, "text/html", page)
}

impl Fault {
    /// What the client gets; `None` if it gets the right answer after all.
    pub(in crate::simulator) async fn happen(self, peer: &Peer) -> Option<Response> {
        match self {
            Self::Delay { milliseconds } | Self::Late { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            }
            Self::Slowly { bytes_per_second } => Alteration::Slowly(bytes_per_second).order(),
            Self::WrongLength { by } => Alteration::Length(by).order(),
            Self::CarClock { seconds } => Alteration::CarClock(seconds).order(),
            Self::Reports { fields } => Alteration::Fields(fields).order(),
            Self::OtherVehicle => Alteration::OtherVehicle.order(),
            Self::InvalidUtf8 => Alteration::InvalidUtf8.order(),
            Self::Hang => std::future::pending().await,
            Self::EndlessHeaders { bytes_per_second } => {
                peer.flood(bytes_per_second);
                std::future::pending().await
            }
            Self::Drop => {
                peer.cut();
                // Nothing is written to a connection that is cut.
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            }
            other => return Some(other.answer()),
        }
        None
    }

    fn answer(self) -> Response {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED.into_response(),
            Self::TokenExpired => error(401, "token expired (401)"),
            Self::TokenInvalid => error(401, "invalid bearer token"),
            Self::MobileAccessDisabled => error(401, "mobile_access_disabled"),
            Self::LoginRequired => with(
                401,
                "application/json",
                r#"{"error":"login_required","error_description":"The refresh_token is invalid."}"#,
            ),
            Self::Forbidden => error(403, OWNER_FORBIDDEN),
            Self::LimitExceeded => error(403, "account disabled: EXCEEDED_LIMIT"),
            Self::MissingScopes => error(403, MISSING_SCOPES),
            Self::Firewall => with(
                403,
                "text/html",
                "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n \
                 \nYou don't have permission to access this page on this server.<P>\nReference \
                 #18.00000000.0000000000.00000000\n</BODY>\n</HTML>\n",
            ),
            Self::NotFound => error(404, "not_found"),
            Self::InService => error(405, "vehicle is currently in service"),
            Self::InServiceMisspelt => error(405, "vehicle is curently in service"),
            Self::Unavailable => error(408, UNAVAILABLE),
            Self::VehicleTimeout => error(408, r#"{"error": "timeout"}"#),
            Self::VehicleTimeoutRuby => error(
                408,
                r#"vehicle unavailable: {:error=>"vehicle unavailable:"}"#,
            ),
            Self::OperationTimedout => error(
                408,
                "mothership: operation_timedout with 10s timeout for txid 0123456789abcdef",
            ),
            Self::FleetOnly => error(412, FLEET_ONLY),
            Self::WrongRegion { base_url } => error(
                421,
                &format!(
                    "user out of region, use base URL: {base_url}, see \
                     https://developer.tesla.com/docs/fleet-api#regional-requirements"
                ),
            ),
            Self::RateLimited { seconds } => {
                let mut response = error(429, "rate limited");
                let headers = response.headers_mut();
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                headers.insert(
                    HeaderName::from_static("ratelimit-limit"),
                    HeaderValue::from(60),
                );
                headers.insert(
                    HeaderName::from_static("ratelimit-remaining"),
                    HeaderValue::from(0),
                );
                headers.insert(
                    HeaderName::from_static("ratelimit-reset"),
                    HeaderValue::from(seconds),
                );
                response
            }
            Self::RateLimitedText { seconds } => {
                with(429, "text/plain", format!("Retry in {seconds} seconds\n"))
            }
            Self::RateLimitedDate { seconds } => {
                let mut response = error(429, "rate limited");
                let at = SystemTime::now() + Duration::from_secs(seconds.min(400 * 86_400));
                if let Some(date) = http_date(at) {
                    response.headers_mut().insert(header::RETRY_AFTER, date);
                }
                response
            }
            Self::ServerError => error(500, "context deadline exceeded"),
            Self::BadGateway => html(502, "502 Bad Gateway"),
            Self::ServiceUnavailable => html(503, "503 Service Temporarily Unavailable"),
            Self::UpstreamTimeout => error(504, "upstream_timeout"),
            Self::DeviceError => error(540, "device unexpected response"),
            Self::Status { code, error: text } => error(code, &text),
            Self::Html => html(200, "Welcome to the hotel's network"),
            Self::Empty => with(200, "application/json", Body::empty()),
            Self::Huge => with(200, "application/json", huge()),
            Self::Large { bytes, has_length } => oversize::large(bytes, has_length),
            Self::Tiny {
                code,
                bytes,
                before,
                after,
            } => oversize::tiny(code, bytes, before, after),
            Self::Bomb { bytes } => oversize::bomb(bytes),
            Self::Endless { bytes_per_second } => oversize::endless(bytes_per_second),
            Self::Headers { bytes } => oversize::headers(bytes),
            Self::Redirect { location } => redirect(&location),
            Self::CutOff => cut_off(),
            // These were dealt with before.
            Self::Delay { .. }
            | Self::Late { .. }
            | Self::Slowly { .. }
            | Self::WrongLength { .. }
            | Self::CarClock { .. }
            | Self::Reports { .. }
            | Self::OtherVehicle
            | Self::InvalidUtf8
            | Self::Hang
            | Self::EndlessHeaders { .. }
            | Self::Drop => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

pub(in crate::simulator) const UNAVAILABLE: &str =
    "vehicle unavailable: vehicle is offline or asleep";
pub(in crate::simulator) const OWNER_FORBIDDEN: &str =
    "forbidden, see https://developer.tesla.com/docs/fleet-api";
pub(in crate::simulator) const MISSING_SCOPES: &str = "Unauthorized missing scopes";
pub(in crate::simulator) const FLEET_ONLY: &str =
    "Endpoint is only available on fleetapi. Visit https://developer.tesla.com/docs for more info";

fn http_date(at: SystemTime) -> Option<HeaderValue> {
    let at = jiff::Timestamp::try_from(at).ok()?;
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).ok()
}

fn huge() -> Vec<u8> {
    const SIZE: usize = 5_000_000;
    let mut body = Vec::with_capacity(SIZE + 64);
    body.extend_from_slice(br#"{"response":{"state":"online","padding":[0"#);
    while body.len() < SIZE {
        body.extend_from_slice(b",1234567");
    }
    body.extend_from_slice(b"]}}");
    body
}

fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The end of a body that is none.
pub(in crate::simulator) async fn broken() -> std::io::Result<Bytes> {
    // Until what came before is sent: an error at once would take the status with it.
    tokio::task::yield_now().await;
    Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

/// Half of a body, whose length was promised to be more.
fn cut_off() -> Response {
    let half = Bytes::from_static(
        br#"{"response":{"id_s":"1","state":"online","charge_state":{"battery_le"#,
    );
    let parts = stream::once(async { Ok(half) }).chain(stream::once(broken()));
    let body = Body::from_stream(parts);
    let mut response = with(200, "application/json; charset=utf-8", body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(8_192));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_http() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(
            http_date(at).expect("a date"),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }
}
