//! A view for each metric, so that SQL finds it under its own name.

use std::collections::BTreeSet;

use rusqlite::Connection;

/// The columns that every view has, besides one for each attribute.
const COLUMNS: [&str; 5] = [
    "vehicle_id",
    "greptime_timestamp",
    "greptime_value",
    "vin",
    "held_until",
];

/// SQLite's own way to write a time, in UTC, so that `datetime('now')` can be compared with it.
fn written(time: &str) -> String {
    format!("strftime('%Y-%m-%d %H:%M:%f', {time} / 1000.0, 'unixepoch')")
}

/// Makes the view of a metric anew, with these attributes.
pub(super) fn make(
    connection: &Connection,
    name: &str,
    metric: i64,
    attributes: &BTreeSet<String>,
) -> rusqlite::Result<()> {
    let view = quoted(name);
    connection.execute_batch(&format!(
        "DROP VIEW IF EXISTS {view}; {}",
        definition(&view, metric, attributes)
    ))
}

fn definition(view: &str, metric: i64, attributes: &BTreeSet<String>) -> String {
    let own: String = attributes
        .iter()
        .map(|key| {
            let clashes = COLUMNS
                .iter()
                .any(|column| column.eq_ignore_ascii_case(key));
            let column = match clashes {
                true => quoted(&format!("attribute_{key}")),
                false => quoted(key),
            };
            let key = text(key);
            format!(", (SELECT value FROM json_each(s.attributes) WHERE key = {key}) AS {column}")
        })
        .collect();
    let (time, until) = (
        written("p.time"),
        written("min(ifnull(p.next, r.until), r.until)"),
    );
    // The chunks' points are counted up from their differences: see `pack`.
    format!(
        "CREATE VIEW {view} AS
WITH s AS (SELECT id, vehicle, attributes FROM history_series WHERE metric = {metric}),
points (series, time, value) AS (
  SELECT series, time, value FROM history_point WHERE series IN (SELECT id FROM s)
  UNION ALL
  SELECT series, time, value FROM (
    SELECT c.series AS series, e.key & 1 AS is_value,
      c.since + sum(CASE e.key & 1 WHEN 0 THEN e.value END) OVER w AS time,
      CASE WHEN e.value IS NULL OR c.scale IS NULL THEN e.value
        ELSE sum(CASE e.key & 1 WHEN 1 THEN e.value END) OVER w / c.scale END AS value
    FROM history_chunk AS c, json_each(c.points) AS e WHERE c.series IN (SELECT id FROM s)
    WINDOW w AS (PARTITION BY c.id ORDER BY e.key ROWS UNBOUNDED PRECEDING)
  ) WHERE is_value
),
p AS (
  SELECT series, time, value, lead(time) OVER (PARTITION BY series ORDER BY time) AS next FROM points
)
SELECT v.vehicle_id AS vehicle_id, {time} AS greptime_timestamp, p.value AS greptime_value,
  v.vin AS vin{own},
  (SELECT {until} FROM history_run AS r WHERE r.vehicle = s.vehicle AND r.since <= p.time
   ORDER BY r.since DESC LIMIT 1) AS held_until
FROM p JOIN s ON s.id = p.series JOIN history_vehicle AS v ON v.id = s.vehicle
WHERE p.value IS NOT NULL"
    )
}

/// An SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// An SQL string.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\0', "").replace('\'', "''"))
}
