//! The questions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use metric_core::Kind;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::{Answer, Charge, Drive, Health, Metric, Sample, Series, Value, Vehicle};
use super::problem::Problem;
use super::times::{duration, time};
use crate::catalog::{VEHICLE, of_vehicles};
use crate::history::{self, Readers, charges as charges_of, drives as drives_of, samples};
use crate::web::site::{Site, now_ms};

/// How many steps, or values, one answer has at most.
const MOST: i64 = 20_000;
/// How many steps there are if nobody says how long they are to be.
const STEPS: i64 = 600;

type Answered<T> = Result<Json<T>, Problem>;

/// Which metric of which vehicle, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The metric's name.
    metric: String,
    /// The vehicle: its key, name or VIN.
    vehicle: String,
    /// From when: RFC 3339, a date, `-24h`, or milliseconds since the Unix epoch. Default: `-24h`.
    from: Option<String>,
    /// Until when. Default: now.
    to: Option<String>,
    /// How long a step is (`90s`, `5m`, `1h`), or `raw` for the values as they were reported. Default:
    /// as long as makes some 600 steps.
    step: Option<String>,
}

/// Which vehicle, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// The vehicle: its key, name or VIN.
    vehicle: String,
    /// From when. Default: `-30d`.
    from: Option<String>,
    /// Until when. Default: now.
    to: Option<String>,
}

/// The vehicles, with what they have reported last.
#[utoipa::path(get, path = "/api/vehicles", responses((status = OK, body = Vec<Vehicle>)))]
pub(super) async fn vehicles(State(site): State<Site>) -> Json<Vec<Vehicle>> {
    let mut vehicles: BTreeMap<String, Vehicle> = BTreeMap::new();
    for report in site.latest.reports() {
        let values = report.values.iter().map(|own| Value {
            metric: own.metric.name.clone(),
            attributes: own.attributes.iter().cloned().collect(),
            value: own.value,
        });
        let vehicle = Vehicle {
            key: report.vehicle.key(),
            vehicle_id: report.vehicle.vehicle_id.clone(),
            vin: report.vehicle.vin.clone(),
            first_ms: None,
            last_ms: report.time_ms,
            values: values.collect(),
        };
        vehicles.insert(vehicle.key.clone(), vehicle);
    }
    // Those that are only in the history. What is known now is answered also if it cannot be read.
    for entry in site.known().await.unwrap_or_default() {
        let key = entry.vehicle.key();
        vehicles
            .entry(key.clone())
            .or_insert_with(|| Vehicle {
                key,
                vehicle_id: entry.vehicle.vehicle_id.clone(),
                vin: entry.vehicle.vin.clone(),
                first_ms: None,
                last_ms: entry.last_ms,
                values: Vec::new(),
            })
            .first_ms = Some(entry.first_ms);
    }
    Json(vehicles.into_values().collect())
}

/// The metrics that vehicles can have.
#[utoipa::path(get, path = "/api/metrics", responses((status = OK, body = Vec<Metric>)))]
pub(super) async fn metrics() -> Json<Vec<Metric>> {
    let kind = |kind| match kind {
        Kind::Counter => "counter",
        Kind::UpDownCounter => "up-down counter",
        _ => "gauge",
    };
    let metrics = of_vehicles().map(|own| Metric {
        name: own.name.as_str().to_owned(),
        kind: kind(own.metric.kind()).to_owned(),
        unit: own.metric.unit().to_owned(),
        description: own.metric.description().to_owned(),
        attributes: VEHICLE
            .into_iter()
            .chain(own.attributes.iter().map(|attribute| attribute.key()))
            .map(str::to_owned)
            .collect(),
    });
    Json(metrics.collect())
}

/// What a metric of a vehicle was.
#[utoipa::path(
    get,
    path = "/api/series",
    params(Which),
    responses(
        (status = OK, body = Answer),
        (status = BAD_REQUEST, body = Problem, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = Problem, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn series(
    State(site): State<Site>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Answered<Answer> {
    let Query(which) = which.map_err(|error| {
        Problem::question(format!("{}: write ?metric=…&vehicle=…", error.body_text()))
    })?;
    if !of_vehicles().any(|own| own.name == which.metric.as_str()) {
        return Err(Problem::unknown(format!(
            "no metric is called {:?}: /api/metrics lists all",
            which.metric
        )));
    }
    let (from_ms, to_ms) = window(which.from.as_deref(), which.to.as_deref(), "-24h")?;
    let step_ms = step(which.step.as_deref(), from_ms, to_ms)?;
    let readers = history(&site)?;
    let vehicle = site
        .key_of(&which.vehicle)
        .await?
        .ok_or_else(|| nobody(&which.vehicle))?;
    let (key, metric) = (vehicle.clone(), which.metric.clone());
    let found = readers
        .read(move |reader| {
            let (vehicle, metric) = (&*key, &*metric);
            reader.series(history::Query {
                vehicle,
                metric,
                from_ms,
                to_ms,
            })
        })
        .await?;
    let count: usize = found.iter().map(|own| own.values.len()).sum();
    if step_ms == 0 && count as i64 > MOST {
        return Err(Problem::question(format!(
            "there are more than {MOST} values: ask for a shorter time, or with a step"
        )));
    }
    let series = found.into_iter().map(|own| {
        let sampled = || samples(&own.values, step_ms).into_iter().map(Sample::from);
        Series {
            samples: (step_ms > 0).then(|| sampled().collect()),
            values: (step_ms == 0).then(|| own.values.iter().map(|held| (*held).into()).collect()),
            attributes: own.attributes.into_iter().collect(),
        }
    });
    Ok(Json(Answer {
        metric: which.metric,
        vehicle,
        from_ms,
        to_ms,
        step_ms,
        series: series.collect(),
    }))
}

/// The drives of a vehicle, the latest first.
#[utoipa::path(
    get,
    path = "/api/drives",
    params(Whose),
    responses(
        (status = OK, body = Vec<Drive>),
        (status = BAD_REQUEST, body = Problem, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = Problem, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn drives(
    State(site): State<Site>,
    whose: Result<Query<Whose>, axum::extract::rejection::QueryRejection>,
) -> Answered<Vec<Drive>> {
    let (readers, key, from_ms, to_ms) = asked(&site, whose).await?;
    let drives = readers
        .read(move |reader| drives_of(reader, &key, from_ms, to_ms))
        .await?;
    Ok(Json(drives.into_iter().map(Drive::from).collect()))
}

/// The charging sessions of a vehicle, the latest first.
#[utoipa::path(
    get,
    path = "/api/charges",
    params(Whose),
    responses(
        (status = OK, body = Vec<Charge>),
        (status = BAD_REQUEST, body = Problem, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = Problem, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn charges(
    State(site): State<Site>,
    whose: Result<Query<Whose>, axum::extract::rejection::QueryRejection>,
) -> Answered<Vec<Charge>> {
    let (readers, key, from_ms, to_ms) = asked(&site, whose).await?;
    let charges = readers
        .read(move |reader| charges_of(reader, &key, from_ms, to_ms))
        .await?;
    Ok(Json(charges.into_iter().map(Charge::from).collect()))
}

/// How the observer itself is.
#[utoipa::path(get, path = "/api/health", responses((status = OK, body = Health)))]
pub(super) async fn health(State(site): State<Site>) -> Json<Health> {
    Json(site.health.now().into())
}

async fn asked(
    site: &Site,
    whose: Result<Query<Whose>, axum::extract::rejection::QueryRejection>,
) -> Result<(Readers, String, i64, i64), Problem> {
    let Query(whose) = whose
        .map_err(|error| Problem::question(format!("{}: write ?vehicle=…", error.body_text())))?;
    let (from_ms, to_ms) = window(whose.from.as_deref(), whose.to.as_deref(), "-30d")?;
    let readers = history(site)?.clone();
    let key = site
        .key_of(&whose.vehicle)
        .await?
        .ok_or_else(|| nobody(&whose.vehicle))?;
    Ok((readers, key, from_ms, to_ms))
}

fn nobody(vehicle: &str) -> Problem {
    let start: String = vehicle.chars().take(60).collect();
    Problem::unknown(format!(
        "no vehicle is called {start:?}: /api/vehicles lists all"
    ))
}

fn history(site: &Site) -> Result<&Readers, Problem> {
    site.history.as_ref().ok_or_else(|| {
        Problem::no_history("no history is kept: start the observer without --history none")
    })
}

fn window(from: Option<&str>, to: Option<&str>, usual: &str) -> Result<(i64, i64), Problem> {
    let now = now_ms();
    let from = time(from.unwrap_or(usual), now)
        .map_err(|problem| Problem::question(format!("from: {problem}")))?;
    let to = match to {
        Some(to) => time(to, now).map_err(|problem| Problem::question(format!("to: {problem}")))?,
        None => now,
    };
    match from < to {
        true => Ok((from, to)),
        false => Err(Problem::question("from is not before to: exchange them")),
    }
}

/// In milliseconds; 0 for the values as they are.
fn step(step: Option<&str>, from: i64, to: i64) -> Result<i64, Problem> {
    let length = to.saturating_sub(from);
    let step = match step {
        None | Some("auto" | "") => return Ok((length / STEPS).max(1_000)),
        Some("raw" | "0") => return Ok(0),
        Some(step) => duration(step)
            .or_else(|| step.parse().ok())
            .filter(|step| *step > 0),
    };
    let step =
        step.ok_or_else(|| Problem::question("step: write 90s, 5m, 1h, milliseconds, or raw"))?;
    match length / step <= MOST {
        true => Ok(step),
        false => Err(Problem::question(format!(
            "step: there would be more than {MOST} steps: write a longer one, at least {} ms",
            length / MOST + 1
        ))),
    }
}
