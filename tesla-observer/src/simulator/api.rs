//! The API over HTTP.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse, Response};

use super::auth::{Access, Denied, Fields};
use super::body::{self, Endpoints};
use super::car::State as CarState;
use super::faults::{self, error};
use super::line::Peer;
use super::requests::Route;
use super::server::{Inner, lock};

const JSON: &str = "application/json; charset=utf-8";

fn json(body: String) -> Response {
    faults::with(200, JSON, body)
}

fn not_found() -> Response {
    error(404, "not_found")
}

/// Counts the request, lets go wrong what shall, and asks for the token.
async fn admit(
    inner: &Inner,
    route: Route,
    vehicle: Option<&str>,
    peer: &Peer,
    headers: &HeaderMap,
) -> Result<Access, Response> {
    if let Some(response) = inner.enter(route, vehicle, peer).await {
        return Err(response);
    }
    let header = headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or(""));
    let access = lock(&inner.auth)
        .open(header)
        .map_err(|denied| match denied {
            Denied::Missing => StatusCode::UNAUTHORIZED.into_response(),
            Denied::Unknown => error(401, "invalid bearer token"),
            Denied::Expired => error(401, "token expired (401)"),
            Denied::OverHttp1 => error(403, faults::OWNER_FORBIDDEN),
        })?;
    if route != Route::Region && !access.has_scope("vehicle_device_data") {
        return Err(error(403, faults::MISSING_SCOPES));
    }
    Ok(access)
}

/// `GET /api/1/products`
pub(super) async fn products(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = admit(&inner, Route::Products, None, &peer, &headers).await {
        return response;
    }
    let now = inner.clock.now_ms();
    let mut products: Vec<String> = (0..inner.cars.len())
        .filter_map(|i| {
            inner.with_car(i, now, |car| {
                body::product(car, car.state(now), &car.moment(now))
            })
        })
        .collect();
    products.push(body::energy_site(now));
    json(format!(
        r#"{{"response":[{}],"count":{}}}"#,
        products.join(","),
        products.len()
    ))
}

/// `GET /api/1/vehicles`: not for owner tokens any more, paged for others.
pub(super) async fn vehicles(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<Fields>,
    headers: HeaderMap,
) -> Response {
    match admit(&inner, Route::Vehicles, None, &peer, &headers).await {
        Ok(access) if access.is_owner() => return error(412, faults::FLEET_ONLY),
        Ok(_) => {}
        Err(response) => return response,
    }
    let number = |name: &str, default: usize| {
        query
            .get(name)
            .and_then(|v| v.parse::<usize>().ok())
            .filter(|n| *n > 0)
            .unwrap_or(default)
    };
    let (page, per_page) = (number("page", 1), number("page_size", 100).min(100));
    let total = inner.cars.len();
    let pages = total.div_ceil(per_page);
    let first = (page - 1).saturating_mul(per_page).min(total);
    let now = inner.clock.now_ms();
    let vehicles: Vec<String> = (first..(first + per_page).min(total))
        .filter_map(|i| inner.with_car(i, now, |car| body::vehicle(car, car.state(now))))
        .collect();
    let pagination = serde_json::json!({
        "previous": (page > 1).then(|| page - 1),
        "next": (page < pages).then_some(page + 1),
        "current": page,
        "per_page": per_page,
        "count": total,
        "pages": pages,
    });
    json(format!(
        r#"{{"response":[{}],"pagination":{pagination},"count":{}}}"#,
        vehicles.join(","),
        vehicles.len()
    ))
}

/// `GET /api/1/vehicles/{id}`: neither wakes nor keeps awake.
pub(super) async fn vehicle(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let car = inner.find(&id);
    let vin = car.map(|i| inner.vins[i].as_str());
    if let Err(response) = admit(&inner, Route::Vehicle, vin, &peer, &headers).await {
        return response;
    }
    let now = inner.clock.now_ms();
    let body = car.and_then(|i| inner.with_car(i, now, |car| body::vehicle(car, car.state(now))));
    body.map_or_else(not_found, |body| json(format!(r#"{{"response":{body}}}"#)))
}

/// `GET /api/1/vehicles/{id}/vehicle_data`: does not wake, but keeps awake.
pub(super) async fn vehicle_data(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
    headers: HeaderMap,
) -> Response {
    let car = inner.find(&id);
    let vin = car.map(|i| inner.vins[i].as_str());
    let access = match admit(&inner, Route::VehicleData, vin, &peer, &headers).await {
        Ok(access) => access,
        Err(response) => return response,
    };
    let mut asked = Endpoints::read(query.get("endpoints").map(String::as_str));
    if !access.has_scope("vehicle_location") {
        asked = asked.without_location();
    }
    let now = inner.clock.now_ms();
    let body = car.and_then(|i| {
        inner.with_car(i, now, |car| {
            (car.state(now) == CarState::Online).then(|| {
                car.disturb(now);
                body::vehicle_data(car, &car.moment(now), asked)
            })
        })
    });
    match body {
        None => not_found(),
        Some(None) => error(408, faults::UNAVAILABLE),
        Some(Some(body)) => json(format!(r#"{{"response":{body}}}"#)),
    }
}

/// `POST /api/1/vehicles/{id}/wake_up`: there so that tests can prove that nobody calls it.
pub(super) async fn wake_up(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let car = inner.find(&id);
    let vin = car.map(|i| inner.vins[i].as_str());
    let access = match admit(&inner, Route::WakeUp, vin, &peer, &headers).await {
        Ok(access) => access,
        Err(response) => return response,
    };
    if !access.has_scope("vehicle_cmds") {
        return error(403, faults::MISSING_SCOPES);
    }
    let now = inner.clock.now_ms();
    let body = car.and_then(|i| {
        inner.with_car(i, now, |car| {
            let before = car.state(now);
            car.wake(now);
            body::vehicle(car, before)
        })
    });
    body.map_or_else(not_found, |body| json(format!(r#"{{"response":{body}}}"#)))
}

/// `GET /api/1/users/region`
pub(super) async fn region(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = admit(&inner, Route::Region, None, &peer, &headers).await {
        return response;
    }
    let base = inner.url.as_str().trim_end_matches('/');
    let region = serde_json::json!({ "region": "na", "fleet_api_base_url": base });
    json(serde_json::json!({ "response": region }).to_string())
}

/// Anything else.
pub(super) async fn other(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Response {
    match inner.enter(Route::Other, None, &peer).await {
        Some(response) => response,
        None => not_found(),
    }
}
