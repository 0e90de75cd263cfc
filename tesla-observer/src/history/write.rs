//! Writing the history: what changed, in one transaction for each export.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::keep::Sweep;
use super::pack::{Point, pack};
use super::report::{Attributes, Metric, Observed, Report, Vehicle, to_json};
use super::views;

/// A vehicle of which nothing was heard for longer than this has a gap in its history: what it
/// reported is not known to have held. Longer where it is asked more rarely.
const GAP_MS: i64 = 20 * 60 * 1000;
/// Nobody asks so rarely.
const LONGEST_GAP_MS: i64 = 6 * 60 * 60 * 1000;

/// How many points of a series are packed at once; the latest stay rows.
pub(super) const PACKED: usize = 1024;

/// What is written, and what has been, so that only changes are.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    metrics: HashMap<String, Known>,
    vehicles: HashMap<Vehicle, OnRecord>,
}

/// A metric on record.
#[derive(Debug)]
struct Known {
    id: i64,
    of: Arc<Metric>,
    /// The attributes that its view has columns for.
    attributes: BTreeSet<String>,
}

/// A vehicle on record, and what it reported last.
#[derive(Debug)]
struct OnRecord {
    id: i64,
    run: Option<Run>,
    /// Sorted by metric.
    series: Vec<Series>,
    reports: u32,
}

/// A time in which it has reported without a gap.
#[derive(Clone, Copy, Debug)]
struct Run {
    since: i64,
    until: i64,
    /// How long it was between its last reports.
    pause: i64,
}

#[derive(Debug)]
struct Series {
    id: i64,
    metric: i64,
    attributes: Arc<Attributes>,
    value: Option<f64>,
    /// The number of the report that had it last.
    reported: u32,
    /// How many of its points are rows.
    rows: u32,
}

impl OnRecord {
    /// The place of a series, or the one for it.
    fn place(&self, metric: i64, attributes: &Arc<Attributes>) -> Result<usize, usize> {
        let first = self.series.partition_point(|own| own.metric < metric);
        let same = self.series.iter().skip(first);
        let mut same = same.take_while(|own| own.metric == metric);
        same.position(|own| {
            Arc::ptr_eq(&own.attributes, attributes) || own.attributes == *attributes
        })
        .map_or(Err(first), |index| Ok(first + index))
    }
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(32);
        Self {
            connection,
            metrics: HashMap::new(),
            vehicles: HashMap::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Forgets some more of what is older than `cutoff`.
    pub(super) fn sweep(&mut self, sweep: &mut Sweep, cutoff: i64) -> rusqlite::Result<()> {
        if !sweep.goes_on() {
            return Ok(());
        }
        if sweep.go_on(&mut self.connection, cutoff)? {
            self.forget();
        }
        Ok(())
    }

    /// Writes reports in one transaction: wholly, or not at all.
    pub(super) fn write(&mut self, reports: &[Arc<Report>]) -> rusqlite::Result<()> {
        let Self {
            connection,
            metrics,
            vehicles,
        } = self;
        let written = connection.transaction().and_then(|transaction| {
            for report in reports {
                Export {
                    transaction: &transaction,
                    metrics,
                }
                .write(vehicles, report)?;
            }
            transaction.commit()
        });
        if written.is_err() {
            // Nothing of it is on record; what is in memory says otherwise.
            self.forget();
        }
        written
    }

    /// Forgets what is on record: it is looked up anew, and vehicles begin a new run.
    pub(super) fn forget(&mut self) {
        self.metrics.clear();
        self.vehicles.clear();
    }
}

struct Export<'a, 'c> {
    transaction: &'a Transaction<'c>,
    metrics: &'a mut HashMap<String, Known>,
}

impl Export<'_, '_> {
    fn write(
        &mut self,
        vehicles: &mut HashMap<Vehicle, OnRecord>,
        report: &Report,
    ) -> rusqlite::Result<()> {
        if !vehicles.contains_key(&report.vehicle) {
            let vehicle = self.vehicle(&report.vehicle)?;
            vehicles.insert(report.vehicle.clone(), vehicle);
        }
        let Some(vehicle) = vehicles.get_mut(&report.vehicle) else {
            return Ok(());
        };
        self.run(vehicle, report.time_ms)?;
        vehicle.reports = vehicle.reports.wrapping_add(1);
        for observed in report.values.iter().filter(|own| own.value.is_finite()) {
            let metric = self.metric(&observed.metric)?;
            let place = match vehicle.place(metric, &observed.attributes) {
                Ok(place) => place,
                Err(place) => {
                    let series = self.series(vehicle.id, metric, observed)?;
                    vehicle.series.insert(place, series);
                    place
                }
            };
            let Some(series) = vehicle.series.get_mut(place) else {
                continue;
            };
            series.reported = vehicle.reports;
            if series.value != Some(observed.value) {
                self.point(series, report.time_ms, Some(observed.value))?;
            }
        }
        for series in &mut vehicle.series {
            if series.reported != vehicle.reports && series.value.is_some() {
                self.point(series, report.time_ms, None)?;
            }
        }
        Ok(())
    }

    /// The vehicle has reported at this time: its run goes on, or another begins.
    fn run(&self, vehicle: &mut OnRecord, now: i64) -> rusqlite::Result<()> {
        if let Some(run) = &mut vehicle.run {
            let pause = now - run.until;
            let allowed = run.pause.saturating_mul(3).clamp(GAP_MS, LONGEST_GAP_MS);
            // A clock that was put back begins a new one, too.
            if (0..=allowed).contains(&pause) {
                run.until = now;
                run.pause = pause;
                self.transaction
                    .prepare_cached(
                        "UPDATE history_run SET until = ?3 WHERE vehicle = ?1 AND since = ?2",
                    )?
                    .execute([vehicle.id, run.since, now])?;
                return Ok(());
            }
            // What held before is not known to hold: all is written anew.
            for series in &mut vehicle.series {
                series.value = None;
            }
        }
        self.transaction
            .prepare_cached(
                "INSERT INTO history_run (vehicle, since, until) VALUES (?1, ?2, ?2)
                 ON CONFLICT DO NOTHING",
            )?
            .execute([vehicle.id, now])?;
        vehicle.run = Some(Run {
            since: now,
            until: now,
            pause: 0,
        });
        Ok(())
    }

    fn point(&self, series: &mut Series, time: i64, value: Option<f64>) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO history_point (series, time, value) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![series.id, time, value])?;
        series.value = value;
        series.rows = series.rows.saturating_add(1);
        if series.rows as usize > PACKED {
            series.rows = self.pack(series.id)?;
        }
        Ok(())
    }

    /// Packs all rows of a series but the latest. Returns how many are left.
    fn pack(&self, series: i64) -> rusqlite::Result<u32> {
        let points: Vec<Point> = self
            .transaction
            .prepare_cached(
                "SELECT time, value FROM history_point WHERE series = ?1 ORDER BY time",
            )?
            .query_map([series], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
        let Some((latest, older)) = points.split_last() else {
            return Ok(count);
        };
        let Some(packed) = pack(older) else {
            return Ok(count);
        };
        self.transaction
            .prepare_cached(
                "INSERT INTO history_chunk (series, since, until, scale, points)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                series,
                packed.since,
                packed.until,
                packed.scale,
                packed.text
            ])?;
        self.transaction
            .prepare_cached("DELETE FROM history_point WHERE series = ?1 AND time < ?2")?
            .execute([series, latest.0])?;
        Ok(1)
    }

    fn vehicle(&self, vehicle: &Vehicle) -> rusqlite::Result<OnRecord> {
        self.transaction
            .prepare_cached(
                "INSERT INTO history_vehicle (key, vehicle_id, vin) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![vehicle.key(), vehicle.vehicle_id, vehicle.vin])?;
        let id = self
            .transaction
            .prepare_cached("SELECT id FROM history_vehicle WHERE vehicle_id = ?1 AND vin IS ?2")?
            .query_row(params![vehicle.vehicle_id, vehicle.vin], |row| row.get(0))?;
        Ok(OnRecord {
            id,
            run: None,
            series: Vec::new(),
            reports: 0,
        })
    }

    fn series(
        &mut self,
        vehicle: i64,
        metric: i64,
        observed: &Observed,
    ) -> rusqlite::Result<Series> {
        let attributes = &observed.attributes;
        self.columns(&observed.metric.name, attributes)?;
        let json = to_json(attributes);
        self.transaction
            .prepare_cached(
                "INSERT INTO history_series (vehicle, metric, attributes) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![vehicle, metric, json])?;
        let id = self
            .transaction
            .prepare_cached(
                "SELECT id FROM history_series
                 WHERE vehicle = ?1 AND metric = ?2 AND attributes = ?3",
            )?
            .query_row(params![vehicle, metric, json], |row| row.get(0))?;
        let rows: i64 = self
            .transaction
            .prepare_cached("SELECT count(*) FROM history_point WHERE series = ?1")?
            .query_row([id], |row| row.get(0))?;
        Ok(Series {
            id,
            metric,
            attributes: Arc::clone(attributes),
            value: None,
            reported: 0,
            rows: u32::try_from(rows).unwrap_or(0),
        })
    }

    /// A metric's id.
    fn metric(&mut self, metric: &Arc<Metric>) -> rusqlite::Result<i64> {
        if let Some(known) = self.metrics.get(&metric.name) {
            if Arc::ptr_eq(&known.of, metric) {
                return Ok(known.id);
            }
        } else {
            let known = self.known(metric)?;
            self.metrics.insert(metric.name.clone(), known);
        }
        let Some(known) = self.metrics.get_mut(&metric.name) else {
            return Ok(0);
        };
        if known.of != *metric {
            self.transaction
                .prepare_cached(
                    "UPDATE history_metric SET unit = ?2, description = ?3 WHERE id = ?1",
                )?
                .execute(params![known.id, metric.unit, metric.description])?;
        }
        known.of = Arc::clone(metric);
        Ok(known.id)
    }

    /// A metric's view is made anew where it has no columns for these attributes.
    fn columns(&mut self, metric: &str, attributes: &Attributes) -> rusqlite::Result<()> {
        let Some(known) = self.metrics.get_mut(metric) else {
            return Ok(());
        };
        let before = known.attributes.len();
        let keys = attributes.iter().map(|(key, _)| key.clone());
        known.attributes.extend(keys);
        if known.attributes.len() > before {
            views::make(self.transaction, metric, known.id, &known.attributes)?;
        }
        Ok(())
    }

    /// A metric as it is on record, where it is put if it is new.
    fn known(&self, metric: &Arc<Metric>) -> rusqlite::Result<Known> {
        let found = self
            .transaction
            .prepare_cached("SELECT id, unit, description FROM history_metric WHERE name = ?1")?
            .query_row([&metric.name], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        if let Some((id, unit, description)) = found {
            let attributes = self
                .transaction
                .prepare_cached(
                    "SELECT DISTINCT key FROM history_series, json_each(attributes)
                     WHERE metric = ?1",
                )?
                .query_map([id], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let name = metric.name.clone();
            return Ok(Known {
                id,
                of: Arc::new(Metric {
                    name,
                    unit,
                    description,
                }),
                attributes,
            });
        }
        self.transaction
            .prepare_cached(
                "INSERT INTO history_metric (name, unit, description) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![metric.name, metric.unit, metric.description])?;
        let known = Known {
            id: self.transaction.last_insert_rowid(),
            of: Arc::clone(metric),
            attributes: BTreeSet::new(),
        };
        views::make(self.transaction, &metric.name, known.id, &known.attributes)?;
        Ok(known)
    }
}
