//! The history as a whole: what is written can be read, whatever happens.

mod asking;
mod damage;
mod forgetting;
mod holding;
mod losses;
mod sql;
mod trips;

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;

/// A history in a directory of its own.
pub(super) struct Place {
    _directory: TempDir,
    pub(super) settings: Settings,
}

impl Place {
    pub(super) fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("history.sqlite");
        Self {
            _directory: directory,
            settings: Settings { path, keep: None },
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.settings.path.clone()
    }

    pub(super) fn recorder(&self) -> Recorder {
        Recorder::open(&self.settings, Cars::Real).expect("it can be opened")
    }

    pub(super) fn reader(&self) -> Reader {
        Reader::open(&self.settings.path).expect("it can be read")
    }

    /// How long each value of a metric held, always.
    pub(super) fn held(&self, metric: &str) -> Vec<(i64, i64, f64)> {
        let series = self.series(metric, i64::MIN, i64::MAX);
        let values = series.into_iter().flat_map(|series| series.values);
        values
            .map(|held| (held.from_ms, held.until_ms, held.value))
            .collect()
    }

    pub(super) fn series(&self, metric: &str, from_ms: i64, to_ms: i64) -> Vec<Series> {
        let query = Query {
            vehicle: &car().key(),
            metric,
            from_ms,
            to_ms,
        };
        self.reader().series(query).expect("it can be read")
    }
}

pub(super) fn car() -> Vehicle {
    Vehicle {
        vehicle_id: "Ju".to_owned(),
        vin: Some("5YJ3E1EA7KF000316".to_owned()),
    }
}

/// A report of some metrics without attributes.
pub(super) fn report(time_ms: i64, values: &[(&str, f64)]) -> Arc<Report> {
    report_of(car(), time_ms, values)
}

pub(super) fn report_of(vehicle: Vehicle, time_ms: i64, values: &[(&str, f64)]) -> Arc<Report> {
    let values = values
        .iter()
        .map(|(name, value)| observed(name, &[], *value))
        .collect();
    Arc::new(Report {
        vehicle,
        time_ms,
        values,
    })
}

pub(super) fn observed(name: &str, attributes: &[(&str, &str)], value: f64) -> Observed {
    Observed {
        metric: Arc::new(Metric {
            name: name.to_owned(),
            unit: "%".to_owned(),
            description: "What it means.".to_owned(),
        }),
        attributes: Arc::new(
            attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        ),
        value,
    }
}
