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
            format!(", (SELECT value FROM json_each(attributes) WHERE key = {key}) AS {column}")
        })
        .collect();
    format!(
        "CREATE VIEW {view} AS
SELECT vehicle_id, greptime_timestamp, greptime_value, vin{own}, held_until
FROM history_value WHERE metric = {metric}"
    )
}

/// What all metrics' views have in common. Each connection keeps them all in memory: they are small.
///
/// That only one metric is asked for is carried inwards by SQLite, as far as to its series, since it is
/// among what each window is partitioned by. The order of the joins says where to begin.
pub(super) fn of_all() -> String {
    let (time, until) = (
        written("p.time"),
        written("min(ifnull(p.next, r.until), r.until)"),
    );
    // The chunks' points are counted up from their differences: see `pack`.
    format!(
        "CREATE VIEW history_value AS
WITH points (metric, vehicle, attributes, series, time, value) AS (
  SELECT s.metric, s.vehicle, s.attributes, s.id, h.time, h.value
  FROM history_series AS s CROSS JOIN history_point AS h ON h.series = s.id
  UNION ALL
  SELECT metric, vehicle, attributes, series, time, value FROM (
    SELECT s.metric AS metric, s.vehicle AS vehicle, s.attributes AS attributes, s.id AS series,
      e.key & 1 AS is_value,
      c.since + sum(CASE e.key & 1 WHEN 0 THEN e.value END) OVER w AS time,
      CASE WHEN e.value IS NULL OR c.scale IS NULL THEN e.value
        ELSE sum(CASE e.key & 1 WHEN 1 THEN e.value END) OVER w / c.scale END AS value
    FROM history_series AS s CROSS JOIN history_chunk AS c ON c.series = s.id
      CROSS JOIN json_each(c.points) AS e
    WINDOW w AS (PARTITION BY s.metric, c.id ORDER BY e.key ROWS UNBOUNDED PRECEDING)
  ) WHERE is_value
),
p AS (
  SELECT metric, vehicle, attributes, time, value,
    lead(time) OVER (PARTITION BY metric, series ORDER BY time) AS next
  FROM points
)
SELECT p.metric AS metric, v.vehicle_id AS vehicle_id, {time} AS greptime_timestamp,
  p.value AS greptime_value, v.vin AS vin, p.attributes AS attributes,
  (SELECT {until} FROM history_run AS r WHERE r.vehicle = p.vehicle AND r.since <= p.time
   ORDER BY r.since DESC LIMIT 1) AS held_until
FROM p CROSS JOIN history_vehicle AS v ON v.id = p.vehicle
WHERE p.value IS NOT NULL;"
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
