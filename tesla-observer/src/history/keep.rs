//! Forgetting what is older than it is to be kept: a few series at a time, so that writing goes on.

use rusqlite::{Connection, OptionalExtension as _};

/// How many series are looked at in one go.
const AT_ONCE: usize = 100;
/// How many pages are given back to the file system in one go.
const PAGES: u32 = 256;

/// A walk over all series.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// The last series that was looked at; `None` when all have been.
    at: Option<i64>,
}

impl Sweep {
    /// Begins again.
    pub(super) fn begin(&mut self) {
        self.at = Some(0);
    }

    /// Whether there is something left to look at.
    pub(super) fn goes_on(&self) -> bool {
        self.at.is_some()
    }

    /// Looks at some more series. What held at `cutoff` is kept from when it began. Returns whether
    /// vehicles were forgotten.
    pub(super) fn go_on(
        &mut self,
        connection: &mut Connection,
        cutoff: i64,
    ) -> rusqlite::Result<bool> {
        let Some(at) = self.at else {
            return Ok(false);
        };
        let transaction = connection.transaction()?;
        let series: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM history_series WHERE id > ?1 ORDER BY id LIMIT ?2")?
            .query_map([at, AT_ONCE as i64], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for series in &series {
            forget_series(&transaction, *series, cutoff)?;
        }
        let next = series.last().copied();
        let gone = match next {
            Some(_) => false,
            None => forget_vehicles(&transaction, cutoff)?,
        };
        transaction.commit()?;
        self.at = next;
        // One step for each page that is given back; the statement must be run to its end.
        let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        Ok(gone)
    }
}

fn forget_series(connection: &Connection, series: i64, cutoff: i64) -> rusqlite::Result<()> {
    // The latest row or chunk that began before it.
    let from: Option<i64> = connection
        .prepare_cached(
            "SELECT max(time) FROM (
               SELECT max(time) AS time FROM history_point WHERE series = ?1 AND time <= ?2
               UNION ALL
               SELECT max(since) FROM history_chunk WHERE series = ?1 AND since <= ?2)",
        )?
        .query_row([series, cutoff], |row| row.get(0))
        .optional()?
        .flatten();
    let Some(from) = from else {
        return Ok(());
    };
    connection
        .prepare_cached("DELETE FROM history_point WHERE series = ?1 AND time < ?2")?
        .execute([series, from])?;
    connection
        .prepare_cached("DELETE FROM history_chunk WHERE series = ?1 AND until < ?2")?
        .execute([series, from])?;
    Ok(())
}

/// Vehicles that have not reported since, and times in which the others have.
fn forget_vehicles(connection: &Connection, cutoff: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("DELETE FROM history_run WHERE until < ?1")?
        .execute([cutoff])?;
    let gone = "SELECT s.id FROM history_series AS s
                WHERE NOT EXISTS (SELECT 1 FROM history_run AS r WHERE r.vehicle = s.vehicle)";
    for (table, column) in [
        ("history_point", "series"),
        ("history_chunk", "series"),
        ("history_series", "id"),
    ] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE {column} IN ({gone})"),
            [],
        )?;
    }
    let gone = connection.execute(
        "DELETE FROM history_vehicle AS v
         WHERE NOT EXISTS (SELECT 1 FROM history_run AS r WHERE r.vehicle = v.id)",
        [],
    )?;
    Ok(gone > 0)
}
