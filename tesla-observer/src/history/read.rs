//! Reading the history, beside the observer that writes it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use rusqlite::params;

use super::error::{OpenError, ReadError};
use super::pack::{Point, unpack};
use super::report::{Attributes, Metric, Vehicle, from_json};
use super::schema;

/// A connection that only reads. It can be used while the observer runs, by any number of others.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: rusqlite::Connection,
}

/// A vehicle in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleEntry {
    /// Its latest name and its VIN.
    pub vehicle: Vehicle,
    /// When it was seen first, in milliseconds since the Unix epoch.
    pub first_ms: i64,
    /// When it was seen last.
    pub last_ms: i64,
}

/// Which series, and when.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The vehicle's [key](Vehicle::key).
    pub vehicle: &'a str,
    /// The metric's name.
    pub metric: &'a str,
    /// From when, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// Until when.
    pub to_ms: i64,
}

/// One series of a metric, within a query's times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its attributes besides the vehicle's.
    pub attributes: Attributes,
    /// Its values, by time. They do not overlap; between them there may be gaps, in which nothing is
    /// known.
    pub values: Vec<Held>,
}

/// A value, and how long it is known to have held: from when it was first reported until another was,
/// or until the last report with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// From when, in milliseconds since the Unix epoch; not before the query's.
    pub from_ms: i64,
    /// Until when; not after the query's. The same as `from_ms` if it was reported only once.
    pub until_ms: i64,
    /// The value.
    pub value: f64,
}

impl Reader {
    /// Opens a history.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let connection = schema::open_to_read(path)?;
        Ok(Self { connection })
    }

    /// All vehicles, by name.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn vehicles(&self) -> Result<Vec<VehicleEntry>, ReadError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT v.key, v.vehicle_id, v.vin, min(r.since), max(r.until)
             FROM history_vehicle AS v JOIN history_run AS r ON r.vehicle = v.id
             GROUP BY v.id ORDER BY max(r.until)",
        )?;
        let rows = statement.query_map([], |row| {
            let entry = VehicleEntry {
                vehicle: Vehicle {
                    vehicle_id: row.get(1)?,
                    vin: row.get(2)?,
                },
                first_ms: row.get(3)?,
                last_ms: row.get(4)?,
            };
            Ok((row.get::<_, String>(0)?, entry))
        })?;
        // One that was renamed is one, with its latest name.
        let mut vehicles: BTreeMap<String, VehicleEntry> = BTreeMap::new();
        for row in rows {
            let (key, mut entry) = row?;
            if let Some(before) = vehicles.get(&key) {
                entry.first_ms = entry.first_ms.min(before.first_ms);
            }
            vehicles.insert(key, entry);
        }
        let mut vehicles: Vec<_> = vehicles.into_values().collect();
        vehicles.sort_by(|one, other| one.vehicle.cmp(&other.vehicle));
        Ok(vehicles)
    }

    /// All metrics, by name.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn metrics(&self) -> Result<Vec<Metric>, ReadError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, unit, description FROM history_metric ORDER BY name")?;
        let metrics = statement.query_map([], |row| {
            Ok(Metric {
                name: row.get(0)?,
                unit: row.get(1)?,
                description: row.get(2)?,
            })
        })?;
        Ok(metrics.collect::<Result<_, _>>()?)
    }

    /// All series of a metric of a vehicle; none if there is no such metric or vehicle.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn series(&self, query: Query<'_>) -> Result<Vec<Series>, ReadError> {
        // All of one moment, also while it is being written.
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = transaction.prepare_cached(
            "SELECT s.id, s.vehicle, s.attributes FROM history_series AS s
             JOIN history_vehicle AS v ON v.id = s.vehicle
             JOIN history_metric AS m ON m.id = s.metric
             WHERE v.key = ?1 AND m.name = ?2",
        )?;
        let found = statement.query_map([query.vehicle, query.metric], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        let mut runs: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
        let mut series: BTreeMap<Attributes, Vec<Held>> = BTreeMap::new();
        for row in found {
            let (id, vehicle, json): (i64, i64, String) = row?;
            let runs = match runs.entry(vehicle) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.runs(vehicle, query)?),
            };
            let points = self.points(id, query)?;
            let values = series.entry(from_json(&json)).or_default();
            values.extend(held(&points, runs, query));
        }
        Ok(series
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(attributes, mut values)| {
                // A car that was renamed has several, one after the other.
                values.sort_by_key(|value| value.from_ms);
                Series { attributes, values }
            })
            .collect())
    }

    /// The runs of a vehicle that a query touches.
    fn runs(&self, vehicle: i64, query: Query<'_>) -> rusqlite::Result<Vec<(i64, i64)>> {
        self.connection
            .prepare_cached(
                "SELECT since, until FROM history_run
                 WHERE vehicle = ?1 AND since <= ?2 AND until >= ?3 ORDER BY since",
            )?
            .query_map([vehicle, query.to_ms, query.from_ms], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect()
    }

    /// The points of a series in a query's times, sorted, and the one before.
    fn points(&self, series: i64, query: Query<'_>) -> Result<Vec<Point>, ReadError> {
        let mut points: Vec<Point> = Vec::new();
        let mut chunks = self.connection.prepare_cached(
            "SELECT since, scale, points FROM history_chunk
             WHERE series = ?1 AND since <= ?3 AND since >= ifnull(
               (SELECT max(since) FROM history_chunk WHERE series = ?1 AND since <= ?2), ?2)
             ORDER BY since",
        )?;
        let mut chunks = chunks.query([series, query.from_ms, query.to_ms])?;
        while let Some(row) = chunks.next()? {
            let text = row.get_ref(2)?.as_str().unwrap_or_default();
            let unpacked = unpack(row.get(0)?, row.get(1)?, text).ok_or_else(|| {
                ReadError(format!(
                    "it is damaged: series {series} has points that cannot be read; move it away \
                     (the sqlite3 command line's .recover saves what can be read)"
                ))
            })?;
            points.extend(unpacked);
        }
        self.connection
            .prepare_cached(
                "SELECT time, value FROM history_point
                 WHERE series = ?1 AND time <= ?3 AND time >= ifnull(
                   (SELECT max(time) FROM history_point WHERE series = ?1 AND time <= ?2), ?2)
                 ORDER BY time",
            )?
            .query_map(params![series, query.from_ms, query.to_ms], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .try_for_each(|point| {
                points.push(point?);
                Ok::<_, rusqlite::Error>(())
            })?;
        // Only a clock that was put back has mixed them up. The later row is the one that counts.
        points.sort_by_key(|(time, _)| *time);
        Ok(points)
    }
}

/// How long each value held, in a query's times.
fn held(points: &[Point], runs: &[(i64, i64)], query: Query<'_>) -> Vec<Held> {
    let mut values = Vec::with_capacity(points.len());
    let mut run = 0;
    for (index, (time, value)) in points.iter().enumerate() {
        let Some(value) = value else {
            continue;
        };
        // The last run that began before it.
        while runs.get(run + 1).is_some_and(|(since, _)| since <= time) {
            run += 1;
        }
        let Some((_, end)) = runs
            .get(run)
            .filter(|(since, until)| (since..=until).contains(&time))
        else {
            continue;
        };
        let next = points.get(index + 1).map_or(i64::MAX, |(next, _)| *next);
        let until_ms = next.min(*end).min(query.to_ms);
        let from_ms = (*time).max(query.from_ms);
        // One that was replaced at once never held.
        if until_ms > from_ms || (until_ms == from_ms && next > *time) {
            values.push(Held {
                from_ms,
                until_ms,
                value: *value,
            });
        }
    }
    values
}
