//! The file's tables, and whether a file is one of ours.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::OpenError;
use super::views;

/// What marks a file as a history: "TslH".
const APPLICATION_ID: i32 = 0x5473_6c48;

/// The version of the tables below.
const VERSION: i32 = 1;

/// How long a lock of another connection is waited for.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Times are in milliseconds since the Unix epoch. The names are no metric's: each metric has a view
/// ([`super::views`]).
const TABLES: &str = "
CREATE TABLE history_meta (
    key TEXT PRIMARY KEY, -- 'cars': 'real' or 'simulated'
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE history_vehicle (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    vehicle_id TEXT NOT NULL,
    vin TEXT
);
CREATE UNIQUE INDEX history_vehicle_name ON history_vehicle (vehicle_id, ifnull(vin, ''));
CREATE TABLE history_metric (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE TABLE history_series (
    id INTEGER PRIMARY KEY,
    vehicle INTEGER NOT NULL REFERENCES history_vehicle,
    metric INTEGER NOT NULL REFERENCES history_metric,
    attributes TEXT NOT NULL, -- a JSON object, keys sorted
    UNIQUE (metric, vehicle, attributes)
);
-- From when until when a vehicle has reported without a gap.
CREATE TABLE history_run (
    vehicle INTEGER NOT NULL REFERENCES history_vehicle,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (vehicle, since)
) WITHOUT ROWID;
-- What a series has been since when; NULL is its end. A value holds until the next or the end of the run.
CREATE TABLE history_point (
    series INTEGER NOT NULL REFERENCES history_series,
    time INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (series, time)
) WITHOUT ROWID;
-- Older points, packed: [time since the one before, value, ...]; values times scale, as differences.
CREATE TABLE history_chunk (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES history_series,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    scale REAL,
    points TEXT NOT NULL
);
CREATE INDEX history_chunk_series ON history_chunk (series, since);
";

/// Whose cars are in a history. They are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cars {
    /// An account's.
    Real,
    /// Simulated ones.
    Simulated,
}

impl Cars {
    fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Simulated => "simulated",
        }
    }
}

/// Opens the file to write in it. One that is empty becomes a history.
pub(super) fn open_to_write(path: &Path, cars: Cars) -> Result<Connection, OpenError> {
    let failed = |error: rusqlite::Error| opening(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let is_new = match check(&connection, path) {
        Ok(()) => false,
        Err(Unfit::Empty) => true,
        Err(Unfit::Error(error)) => return Err(error),
    };
    if is_new {
        // Only possible before there is anything in it.
        connection
            .execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
            .map_err(failed)?;
    }
    // In a write-ahead log, a transaction is there wholly or not at all, whatever happens; FULL: once
    // it is committed it survives a loss of power, too. The log does not stay larger than it has to be.
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;
             PRAGMA cache_size = -512",
        )
        .map_err(failed)?;
    if is_new {
        create(&connection, cars).map_err(failed)?;
    }
    check_cars(&connection, path, cars)?;
    Ok(connection)
}

/// That a history is of these cars.
pub(super) fn check_cars(
    connection: &Connection,
    path: &Path,
    cars: Cars,
) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| opening(path, &error);
    let found: Option<String> = connection
        .query_row(
            "SELECT value FROM history_meta WHERE key = 'cars'",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if found.as_deref() != Some(cars.as_str()) {
        return Err(OpenError {
            path: path.to_owned(),
            problem: format!(
                "it is of {} cars, and these are {} ones",
                found.unwrap_or_default(),
                cars.as_str()
            ),
            remedy: "give another file with --history",
        });
    }
    Ok(())
}

fn create(connection: &Connection, cars: Cars) -> rusqlite::Result<()> {
    // The marks are part of the transaction: a file is either empty or whole.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch(&views::of_all())?;
    connection.execute(
        "INSERT INTO history_meta (key, value) VALUES ('cars', ?1)",
        [cars.as_str()],
    )?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.execute_batch("COMMIT")
}

/// Opens the file only to read it, beside whoever writes it.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let connection = opened.map_err(|error| opening(path, &error))?;
    let patient = connection.busy_timeout(PATIENCE);
    patient.map_err(|error| opening(path, &error))?;
    match check(&connection, path) {
        Ok(()) => Ok(connection),
        Err(Unfit::Error(error)) => Err(error),
        Err(Unfit::Empty) => Err(OpenError {
            path: path.to_owned(),
            problem: "there is nothing in it yet".to_owned(),
            remedy: "start `tesla-observer` to fill it",
        }),
    }
}

/// Why a file is no history that can be used as it is.
enum Unfit {
    /// It is an empty file.
    Empty,
    /// Anything else.
    Error(OpenError),
}

fn check(connection: &Connection, path: &Path) -> Result<(), Unfit> {
    let wrong = |problem: String, remedy| {
        Unfit::Error(OpenError {
            path: path.to_owned(),
            problem,
            remedy,
        })
    };
    let number = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i32>(0))
            .map_err(|error| Unfit::Error(opening(path, &error)))
    };
    let id = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    if id == 0 && version == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return Err(Unfit::Empty);
    }
    if id != APPLICATION_ID {
        return Err(wrong(
            "it is a database of another program".to_owned(),
            "give another file with --history",
        ));
    }
    if version > VERSION {
        return Err(wrong(
            format!(
                "a newer version of tesla-observer has written it (format {version}; this one knows \
                 up to {VERSION})"
            ),
            "use that version, or give another file with --history",
        ));
    }
    Ok(())
}

/// An error of SQLite while a file was being opened or written.
pub(super) fn opening(path: &Path, error: &rusqlite::Error) -> OpenError {
    let (problem, remedy) = words(error);
    OpenError {
        path: path.to_owned(),
        problem,
        remedy,
    }
}

/// What is wrong, and what to do.
pub(super) fn words(error: &rusqlite::Error) -> (String, &'static str) {
    let problem = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => (
            "it is no SQLite database, or damaged".to_owned(),
            "move it away, or give another file with --history",
        ),
        Some(ErrorCode::DatabaseCorrupt) => (
            format!("it is damaged ({problem})"),
            "move it away (the sqlite3 command line's .recover saves what can be read), or give \
             another file with --history",
        ),
        Some(ErrorCode::DiskFull) => (
            "the disk is full".to_owned(),
            "free some space: it goes on by itself then",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            format!("it cannot be written ({problem})"),
            "correct the permissions, or give another file with --history",
        ),
        Some(ErrorCode::CannotOpen) => (
            format!("it cannot be opened ({problem})"),
            "check that it exists, and the permissions of its directory",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            "another program has locked it".to_owned(),
            "end that one: it goes on by itself then",
        ),
        _ => (
            problem,
            "check the disk, or give another file with --history",
        ),
    }
}

/// Whether it may go well later without anybody doing something about the file itself.
pub(super) fn is_lasting(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}
