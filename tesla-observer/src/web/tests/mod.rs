//! The page and the API, over real HTTP.

mod guarding;
mod page;
mod questions;
mod streams;

use std::sync::Arc;

use axum::response::IntoResponse as _;
use tempfile::TempDir;

use super::health::{Health, HealthSource};
use super::server::{Scrape, Server};
use super::settings::Settings;
use super::site::{Site, now_ms};
use crate::history::{
    Attributes, Cars, Latest, Metric, Observed, Readers, Recorder, Report, Standing, Vehicle,
};

/// A page of some cars with a history.
pub(super) struct Shown {
    pub(super) server: Server,
    pub(super) latest: Latest,
    pub(super) recorder: Option<Recorder>,
    client: reqwest::Client,
    _directory: TempDir,
}

pub(super) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(super) fn car(name: &str) -> Vehicle {
    Vehicle {
        vehicle_id: name.to_owned(),
        vin: Some("5YJ3E1EA7KF000316".to_owned()),
    }
}

/// A value with its unit and attributes.
pub(super) type Value<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], f64);

pub(super) fn report(name: &str, time_ms: i64, values: &[Value<'_>]) -> Arc<Report> {
    let values = values
        .iter()
        .map(|(metric, unit, attributes, value)| Observed {
            metric: Arc::new(Metric {
                name: (*metric).to_owned(),
                unit: (*unit).to_owned(),
                description: String::new(),
            }),
            attributes: Arc::new(
                attributes
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect::<Attributes>(),
            ),
            value: *value,
        });
    Arc::new(Report {
        vehicle: car(name),
        time_ms,
        values: values.collect(),
    })
}

/// A car that is awake.
pub(super) const AWAKE: &[Value<'_>] = &[
    ("vehicle_state", "", &[("state", "online")], 1.0),
    ("vehicle_activity", "", &[("state", "charging")], 1.0),
    ("chargestate_battery_level", "%", &[], 71.0),
    ("chargestate_battery_range", "[mi_i]", &[], 200.0),
    (
        "chargestate_charging_state",
        "",
        &[("state", "charging")],
        1.0,
    ),
    ("chargestate_charger_power", "kW", &[], 11.0),
    ("climatestate_inside_temp", "Cel", &[], 20.0),
    ("vehiclestate_tpms_pressure_fl", "bar", &[], 2.9),
    ("vehiclestate_tpms_soft_warning_fl", "", &[], 1.0),
    ("vehiclestate_df", "", &[], 1.0),
    ("vehiclestate_pf", "", &[], 0.0),
    ("vehiclestate_locked", "", &[], 1.0),
    ("vehiclestate_odometer", "[mi_i]", &[], 12_345.6),
];

impl Shown {
    pub(super) fn new() -> Result<Self> {
        Self::with(None, Standing::Off)
    }

    pub(super) fn with(token: Option<&str>, standing: Standing) -> Result<Self> {
        let directory = TempDir::new()?;
        let settings = crate::history::Settings {
            path: directory.path().join("history.sqlite"),
            keep: None,
        };
        let recorder = Recorder::open(&settings, Cars::Real)?;
        let latest = Latest::default();
        let health = HealthSource::new(move || Self::health(standing.clone()));
        let readers = Readers::new(settings.path, Cars::Real);
        let site = Site::new(latest.clone(), Some(readers), health);
        let settings = Settings {
            address: ([127, 0, 0, 1], 0).into(),
            any_port: false,
            token: token.map(Into::into),
        };
        let scrape: Scrape = Arc::new(|| Box::pin(async { Some("up 1\n".into_response()) }));
        let redirects = reqwest::redirect::Policy::none();
        Ok(Self {
            server: Server::start(&settings, site, scrape)?,
            latest,
            recorder: Some(recorder),
            client: reqwest::Client::builder()
                .redirect(redirects)
                .no_proxy()
                .build()?,
            _directory: directory,
        })
    }

    pub(super) fn health(history: Standing) -> Health {
        Health {
            uptime_seconds: 90.0,
            simulated: false,
            vehicles: Vec::new(),
            token: None,
            exports: Vec::new(),
            history,
            history_lost: 0,
            history_size: 0,
        }
    }

    /// All that a car reported, also into its history.
    pub(super) fn reports(&mut self, reports: Vec<Arc<Report>>) -> Result {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&reports).map_err(|error| error.error)?;
        }
        self.latest.put(reports);
        Ok(())
    }

    /// A car that has charged for an hour until now.
    pub(super) fn charging(&mut self, name: &str) -> Result<String> {
        let now = now_ms();
        let reports = (0..=60).map(|minute| {
            let level = 50.0 + f64::from(minute) / 4.0;
            let mut values = AWAKE.to_vec();
            values[2].3 = level;
            report(name, now - i64::from(60 - minute) * 60_000, &values)
        });
        self.reports(reports.collect())?;
        Ok(car(name).key())
    }

    pub(super) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.ask(reqwest::Method::GET, path)
    }

    pub(super) fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let address = self.server.address();
        self.client
            .request(method, format!("http://{address}{path}"))
    }

    pub(super) async fn text(&self, path: &str) -> Result<String> {
        Ok(self
            .get(path)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?)
    }
}
