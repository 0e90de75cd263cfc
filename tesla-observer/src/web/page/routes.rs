//! The pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use maud::{Markup, PreEscaped, html};

use super::car::Car;
use super::charts::{charts, metrics};
use super::range::{Asked, Range};
use super::units::Units;
use super::{layout, look, observer, preferences, trips};
use crate::history::{self, Known, ReadError};
use crate::web::health::Health;
use crate::web::site::{Site, now_ms};

/// All cars.
pub(super) async fn cars(State(site): State<Site>, headers: HeaderMap, here: Uri) -> Markup {
    let known = site.latest.known();
    let awake = known.iter().find_map(|own| own.awake.as_deref());
    let units = preferences::units(&headers, Units::of_the_car(awake));
    let health = site.health.now();
    let content = html! {
        h1.visually-hidden { "Cars" }
        div.live data-every="1" { (observer::failure(&health)) }
        @if known.is_empty() {
            p.nothing { "No car has reported yet." }
        }
        div.cars {
            @for own in &known {
                div.live data-every="1" { (car_of(&site, own, &health, units).card(true)) }
            }
        }
        div.live data-every="2" { (observer::section(&health)) }
    };
    layout::page("Tesla observer", units, &here.to_string(), &content)
}

fn car_of<'a>(site: &Site, known: &'a Known, health: &'a Health, units: Units) -> Car<'a> {
    let key = known.vehicle.key();
    let turns = health.vehicles.iter();
    let mut turns = turns.filter(|own| own.key.as_deref() == Some(&key));
    let problem = turns.find_map(|own| own.problem.as_deref());
    let awake = known.awake.as_deref();
    let is_somewhere = awake.is_some_and(|own| own.value("drivestate_latitude").is_some());
    Car {
        // Of one whose place is unknown nobody asks how far from home that is.
        home: is_somewhere
            .then(|| site.homes.of(&key, site.history.as_ref(), now_ms()))
            .flatten(),
        key,
        now: known.now.as_deref(),
        awake,
        name: &known.vehicle.vehicle_id,
        problem,
        units,
    }
}

/// One car, its charts and its trips.
pub(super) async fn car(
    State(site): State<Site>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    here: Uri,
) -> Response {
    let mut known = site.latest.known();
    known.retain(|own| own.vehicle.key() == key);
    let Some(known) = known.into_iter().next() else {
        let units = preferences::units(&headers, Units::of_the_car(None));
        let content = html! {
            h1 { "There is no such car" }
            p { "It may have another name now. " a href="/" { "All cars" } }
        };
        let page = layout::page("No such car", units, "/", &content);
        return (StatusCode::NOT_FOUND, page).into_response();
    };
    let units = preferences::units(&headers, Units::of_the_car(known.awake.as_deref()));
    // If it cannot be read, that is said where the charts would be.
    let entries = site.known().await.unwrap_or_default();
    let entry = entries.iter().find(|own| own.vehicle.key() == key);
    let (range, mut problem) = Range::of(&asked, now_ms(), entry.map(|own| own.first_ms));
    let metric = asked.metric.filter(|metric| !metric.is_empty());
    let unknown = metric
        .as_ref()
        .filter(|metric| !metrics().any(|own| own == **metric));
    if let Some(unknown) = unknown {
        problem = Some(format!("No metric is called {:?}.", look::name(unknown)));
    }
    let metric = metric.as_ref().filter(|_| unknown.is_none()).cloned();
    let path = format!("/vehicles/{key}");
    let health = site.health.now();
    let title = format!("{} – Tesla observer", look::name(&known.vehicle.vehicle_id));
    let (before, after) = layout::around(&title, units, &here.to_string());
    // What is quick is sent before the history is read.
    let quick = html! {
        (PreEscaped(before))
        div.live data-every="1" { (observer::failure(&health)) }
        div.live data-every="1" { (car_of(&site, &known, &health, units).card(false)) }
        h2 { "History" }
        (range.picker(&path, metric.as_deref()))
        @if let Some(problem) = problem { p.failure role="alert" { (problem) } }
        (metric_form(&path, &range, metric.as_deref()))
    };
    let is_asked_for = !headers.contains_key("x-charts");
    let slow = async move {
        let every = if range.name.is_some() { "30" } else { "0" };
        let drawn = match is_asked_for {
            true => Some(drawn(&site, &key, &range, units, metric).await),
            false => None,
        };
        html! {
            div.live data-every=(every) data-same[drawn.is_none()] {
                @match drawn {
                    Some(Ok(drawn)) => (drawn),
                    Some(Err(why)) => p.failure role="alert" { (why) },
                    None => {}
                }
            }
            (PreEscaped(after))
        }
    };
    let chunks = stream::iter([quick]).chain(stream::once(slow));
    let body = Body::from_stream(chunks.map(|chunk| Ok::<_, Infallible>(chunk.into_string())));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// Charts and trips, or why there are none.
async fn drawn(
    site: &Site,
    key: &str,
    range: &Range,
    units: Units,
    metric: Option<String>,
) -> Result<Markup, String> {
    let Some(readers) = &site.history else {
        return Err("No history is kept: the observer was started with --history none.".to_owned());
    };
    let (key, range) = (Arc::<str>::from(key), range.clone());
    let read = readers.read(move |reader| {
        let charts = charts(reader, &key, &range, units, metric.as_deref())?;
        let drives = history::drives(reader, &key, range.from_ms, range.to_ms)?;
        let charges = history::charges(reader, &key, range.from_ms, range.to_ms)?;
        Ok::<_, ReadError>(html! {
            div.charts {
                @for chart in &charts { (chart.figure()) }
            }
            h2 { "Drives" }
            (trips::drives(&drives, units))
            h2 { "Charging" }
            (trips::charges(&charges, units))
        })
    });
    read.await.map_err(|error| error.to_string())
}

/// Any metric by name.
fn metric_form(path: &str, range: &Range, metric: Option<&str>) -> Markup {
    html! {
        form.metric method="get" action=(path) aria-label="Any metric" {
            @match range.name {
                Some(name) => input type="hidden" name="range" value=(name);,
                None => {
                    input type="hidden" name="from" value=(range.from_ms);
                    input type="hidden" name="to" value=(range.to_ms);
                }
            }
            label {
                "Any metric "
                input name="metric" list="metrics" autocomplete="off" spellcheck="false"
                    value=(metric.unwrap_or_default());
            }
            datalist #metrics {
                @for name in metrics() { option value=(name) {} }
            }
            button { "Draw" }
        }
    }
}
