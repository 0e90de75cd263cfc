//! Right answers that are changed on their way out.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;

use super::auth::Fields;
use super::body::{self, Endpoints};
use super::faults::broken;
use super::server::Inner;

tokio::task_local! {
    /// What becomes of the answer to the request that is under way.
    static ALTERATION: Cell<Option<Alteration>>;
}

/// What becomes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alteration {
    Slowly(u32),
    Length(i64),
    CarClock(i64),
    Fields(Value),
    OtherVehicle,
    InvalidUtf8,
}

impl Alteration {
    /// Changes the answer to the request that is under way.
    pub(super) fn order(self) {
        // Fails outside of a request only, where there is no answer.
        let _ = ALTERATION.try_with(|order| order.set(Some(self)));
    }

    async fn apply(self, inner: &Inner, uri: &Uri, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let body = match self {
            Self::Slowly(rate) => trickle(bytes, rate),
            Self::Length(by) => {
                let promised = (bytes.len() as u64).saturating_add_signed(by);
                let promised = HeaderValue::from(promised);
                parts.headers.insert(header::CONTENT_LENGTH, promised);
                // As a stream, whose length nobody knows better.
                let pieces = stream::once(async { Ok::<_, std::io::Error>(bytes) });
                if by > 0 {
                    Body::from_stream(pieces.chain(stream::once(broken())))
                } else {
                    Body::from_stream(pieces)
                }
            }
            Self::CarClock(seconds) => Body::from(shifted(&bytes, seconds)),
            Self::Fields(fields) => Body::from(reporting(&bytes, &fields)),
            Self::OtherVehicle => other_vehicle(inner, uri).map_or(Body::from(bytes), Body::from),
            Self::InvalidUtf8 => Body::from(damaged(&bytes)),
        };
        Response::from_parts(parts, body)
    }
}

/// Lets what was ordered become of the answer.
pub(super) async fn alter(
    State(inner): State<Arc<Inner>>,
    request: Request,
    next: Next,
) -> Response {
    let uri = request.uri().clone();
    let answer = async {
        let response = next.run(request).await;
        (response, ALTERATION.with(Cell::take))
    };
    match ALTERATION.scope(Cell::new(None), answer).await {
        (response, Some(alteration)) => alteration.apply(&inner, &uri, response).await,
        (response, None) => response,
    }
}

/// Ten pieces a second.
fn trickle(bytes: Bytes, rate: u32) -> Body {
    let piece = (rate as usize / 10).max(1);
    let wait = Duration::from_secs(piece as u64) / rate.max(1);
    let pieces = stream::unfold(bytes, move |mut rest| async move {
        let next = rest.split_to(piece.min(rest.len()));
        (!next.is_empty()).then_some((next, rest))
    });
    Body::from_stream(pieces.then(move |piece| async move {
        tokio::time::sleep(wait).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

/// With a car's clock that is wrong.
fn shifted(bytes: &[u8], seconds: i64) -> Vec<u8> {
    fn shift(value: &mut Value, seconds: i64) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|own| shift(own, seconds)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    let by = match key.as_str() {
                        "timestamp" => seconds.saturating_mul(1_000),
                        "gps_as_of" => seconds,
                        _ => 0,
                    };
                    match value.as_i64() {
                        Some(time) if by != 0 => *value = time.saturating_add(by).into(),
                        _ => shift(value, seconds),
                    }
                }
            }
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_slice(bytes) else {
        return bytes.to_vec();
    };
    shift(&mut value, seconds);
    value.to_string().into_bytes()
}

/// With these fields in the sections of the answer.
fn reporting(bytes: &[u8], fields: &Value) -> Vec<u8> {
    let read = serde_json::from_slice::<Value>(bytes);
    let (Ok(mut answer), Some(sections)) = (read, fields.as_object()) else {
        return bytes.to_vec();
    };
    for (section, fields) in sections {
        let own = answer["response"].get_mut(section);
        let (Some(Value::Object(own)), Some(fields)) = (own, fields.as_object()) else {
            continue;
        };
        for (field, value) in fields {
            match value {
                Value::Null => own.remove(field),
                value => own.insert(field.clone(), value.clone()),
            };
        }
    }
    answer.to_string().into_bytes()
}

/// What was asked, of the account's next car.
fn other_vehicle(inner: &Inner, uri: &Uri) -> Option<String> {
    let mut segments = uri.path().split('/').skip(4);
    let asked = inner.find(segments.next()?)?;
    let is_data = segments.next() == Some("vehicle_data");
    let fields: Fields = Query::try_from_uri(uri).ok()?.0;
    let endpoints = Endpoints::read(fields.get("endpoints").map(String::as_str));
    let now = inner.clock.now_ms();
    let body = inner.with_car((asked + 1) % inner.cars.len(), now, |car| {
        if is_data {
            body::vehicle_data(car, &car.moment(now), endpoints)
        } else {
            body::vehicle(car, car.state(now))
        }
    })?;
    Some(format!(r#"{{"response":{body}}}"#))
}

/// With two bytes that are no UTF-8 at the start of the last text.
fn damaged(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.windows(2).rposition(|two| two == b":\"");
    let (before, after) = bytes.split_at(start.map_or(0, |start| start + 2));
    [before, b"\xff\xfe", after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_moves_times_and_nothing_else() {
        let body = br#"{"response":{"id":1492931365719407001,"a":{"timestamp":5000,"x":5000},"gps_as_of":7}}"#;
        let moved = String::from_utf8(shifted(body, -3)).expect("JSON");
        assert_eq!(
            moved,
            r#"{"response":{"a":{"timestamp":2000,"x":5000},"gps_as_of":4,"id":1492931365719407001}}"#
        );
        assert_eq!(shifted(b"no JSON", 3), b"no JSON");
    }

    #[test]
    fn a_car_reports_what_it_is_told_to_in_sections_that_it_has() {
        let body = br#"{"response":{"charge_state":{"battery_level":50,"charging_state":"Charging"},"id":1}}"#;
        let fields = serde_json::json!({
            "charge_state": {"charging_state": "Stopped", "charger_power": 0, "battery_level": null},
            "vehicle_state": {"locked": false},
            "id": 2,
        });
        let told = String::from_utf8(reporting(body, &fields)).expect("JSON");
        assert_eq!(
            told,
            r#"{"response":{"charge_state":{"charger_power":0,"charging_state":"Stopped"},"id":1}}"#
        );
        assert_eq!(reporting(b"no JSON", &fields), b"no JSON");
    }

    #[test]
    fn damage_is_in_a_text() {
        assert_eq!(
            damaged(br#"{"a":1,"b":"c"}"#),
            b"{\"a\":1,\"b\":\"\xff\xfec\"}"
        );
        assert!(String::from_utf8(damaged(b"1")).is_err());
    }
}
