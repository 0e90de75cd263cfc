//! What a vehicle was like when it was awake last.

use rusqlite::OptionalExtension as _;

use super::error::ReadError;
use super::pack::{Point, unpack};
use super::read::Reader;
use super::report::{Metric, Observed, Report, Vehicle, from_json};
use super::texts::Texts;

/// The metrics that a vehicle has also while it sleeps.
const ALWAYS: &str = "vehicle_";
/// What ended no earlier than this before the last of it ended with it, in milliseconds.
const TOGETHER_MS: i64 = 1_000;

/// A series, what it was last, and until when that held.
struct Last {
    observed: Observed,
    until: i64,
}

impl Reader {
    /// What each vehicle reported last while it was awake.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn last_awake(&self) -> Result<Vec<Report>, ReadError> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut reports = Vec::new();
        let texts = Texts::default();
        for entry in self.vehicles()? {
            if let Some(report) = self.last_of(&entry.vehicle, &texts)? {
                reports.push(report);
            }
        }
        transaction.finish()?;
        Ok(reports)
    }

    fn last_of(&self, vehicle: &Vehicle, texts: &Texts) -> Result<Option<Report>, ReadError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.id, s.attributes, m.name, m.unit, m.description, s.vehicle
             FROM history_series AS s JOIN history_metric AS m ON m.id = s.metric
             JOIN history_vehicle AS v ON v.id = s.vehicle
             WHERE v.vehicle_id = ?1 AND v.vin IS ?2",
        )?;
        let mut rows = statement.query(rusqlite::params![vehicle.vehicle_id, vehicle.vin])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let Some((value, until)) = self.last_value(row.get(0)?, row.get(5)?)? else {
                continue;
            };
            let metric = Metric {
                name: row.get(2)?,
                unit: row.get(3)?,
                description: row.get(4)?,
            };
            let attributes = from_json(&row.get::<_, String>(1)?);
            let observed = texts.with(|texts| Observed {
                metric: texts.metric(metric),
                attributes: texts.attributes(attributes),
                value,
            });
            all.push(Last { observed, until });
        }
        let of_the_car = all
            .iter()
            .filter(|last| !last.observed.metric.name.starts_with(ALWAYS));
        let Some(time_ms) = of_the_car.map(|last| last.until).max() else {
            return Ok(None);
        };
        // A version of the software that was replaced long ago is no part of it.
        all.retain(|last| last.until >= time_ms - TOGETHER_MS);
        Ok(Some(Report {
            vehicle: vehicle.clone(),
            time_ms,
            values: all.into_iter().map(|last| last.observed).collect(),
        }))
    }

    /// What a series of a vehicle was last, and until when: until it ended, or until the end of the run
    /// in which it was reported.
    fn last_value(&self, series: i64, vehicle: i64) -> Result<Option<(f64, i64)>, ReadError> {
        let mut points: Vec<Point> = self
            .connection
            .prepare_cached(
                "SELECT time, value FROM history_point WHERE series = ?1 ORDER BY time DESC LIMIT 2",
            )?
            .query_map([series], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if points.iter().all(|(_, value)| value.is_none()) {
            let chunk = self
                .connection
                .prepare_cached(
                    "SELECT since, scale, points FROM history_chunk
                     WHERE series = ?1 ORDER BY since DESC LIMIT 1",
                )?
                .query_row([series], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
                })
                .optional()?;
            let packed = chunk.and_then(|(since, scale, text)| unpack(since, scale, &text));
            points.extend(packed.into_iter().flatten().rev().take(2));
        }
        let mut ended = i64::MAX;
        for (time, value) in points {
            let Some(value) = value else {
                ended = time;
                continue;
            };
            let end: Option<i64> = self
                .connection
                .prepare_cached(
                    "SELECT until FROM history_run WHERE vehicle = ?1 AND since <= ?2
                     ORDER BY since DESC LIMIT 1",
                )?
                .query_row([vehicle, time], |row| row.get(0))
                .optional()?;
            return Ok(end.map(|end| (value, end.min(ended))));
        }
        Ok(None)
    }
}
