//! What steers the simulator from other processes: only for this machine, no part of Tesla's API.
//!
//! - `GET /simulator/state`: the time, every car, every count.
//! - `POST /simulator/faults` with [`Faults`]: what goes wrong from now on.
//! - `POST /simulator/advance` with `{"seconds": 3600}`: jumps.
//! - `POST /simulator/tokens`: a pair of tokens, as if a login had just brought them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Faults;
use super::line::Peer;
use super::server::{Inner, lock};

/// Lets only this machine in.
pub(super) async fn only_loopback(
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if is_this_machine(peer.address.ip()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "only from the simulator's own machine\n",
        )
            .into_response()
    }
}

fn is_this_machine(ip: IpAddr) -> bool {
    // A socket for both versions of IP shows 127.0.0.1 as ::ffff:127.0.0.1.
    ip.to_canonical().is_loopback()
}

pub(super) async fn state(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let now = inner.clock.now_ms();
    let vehicles: Vec<Value> = (0..inner.cars.len())
        .filter_map(|i| {
            inner.with_car(i, now, |car| {
                let (moment, sleep) = (car.moment(now), car.sleep(now));
                json!({
                    "vin": car.identity.vin,
                    "id_s": car.identity.id.to_string(),
                    "display_name": car.identity.name,
                    "state": car.state(now).as_str(),
                    "doing": car.doing(),
                    "battery_level": moment.level,
                    "odometer_miles": super::moment::Moment::miles(moment.metres),
                    "slept_seconds": sleep.slept.as_secs_f64(),
                    "fell_asleep": sleep.times,
                    "wake_ups": sleep.wake_ups,
                    "disturbed": sleep.disturbed,
                })
            })
        })
        .collect();
    let requests: Vec<_> = lock(&inner.requests).iter().collect();
    Json(json!({
        "now_ms": now,
        "speed": inner.clock.speed(),
        "vehicles": vehicles,
        "requests": requests,
        "faults": lock(&inner.script).faults(),
    }))
}

pub(super) async fn set_faults(
    State(inner): State<Arc<Inner>>,
    faults: Result<Json<Faults>, JsonRejection>,
) -> Response {
    match faults {
        Ok(Json(faults)) => {
            lock(&inner.script).set(faults);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(rejection) => rejection.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    seconds: f64,
}

pub(super) async fn advance(
    State(inner): State<Arc<Inner>>,
    advance: Result<Json<Advance>, JsonRejection>,
) -> Response {
    let by = match advance {
        Ok(Json(advance)) => Duration::try_from_secs_f64(advance.seconds),
        Err(rejection) => return rejection.into_response(),
    };
    match by {
        Ok(by) => {
            inner.clock.advance(by);
            Json(json!({ "now_ms": inner.clock.now_ms() })).into_response()
        }
        Err(_) => {
            let why = "seconds must be a number from 0 on: time goes forward only\n";
            (StatusCode::BAD_REQUEST, why).into_response()
        }
    }
}

pub(super) async fn tokens(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let tokens = lock(&inner.auth).issue();
    Json(json!({
        "access_token": tokens.access_token.expose_secret(),
        "refresh_token": tokens.refresh_token.expose_secret(),
        "expires_in": tokens.expires_in,
        "token_type": "Bearer",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_steers() {
        for (ip, may) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.168.1.7", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_this_machine(ip.parse().expect(ip)), may, "{ip}");
        }
    }
}
