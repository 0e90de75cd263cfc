//! Anybody's SQL on a history: it can read all, change nothing, and must come to an end.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, ErrorCode};

use super::error::{OpenError, ReadError};
use super::schema;

/// How often, in steps of SQLite's machine, it is looked whether the time is up.
const STEPS: i32 = 10_000;
/// No text is longer, in bytes, no statement either.
const LONGEST: i32 = 16 * 1024 * 1024;
/// All that SQLite may take of memory, in bytes.
const MEMORY: &str = "PRAGMA hard_heap_limit = 536870912; PRAGMA temp_store = MEMORY";
/// What is asked for without an argument, and only told.
const PRAGMAS: [&str; 3] = ["table_info", "table_list", "table_xinfo"];

/// A history that anybody's SQL can be asked of.
pub struct Guarded {
    connection: Connection,
    refused: Arc<Mutex<Option<String>>>,
    timeout: Duration,
}

/// Takes what a statement finds.
pub trait Rows {
    /// The names of the columns, once, first.
    ///
    /// # Errors
    ///
    /// If it can take no more: then there is no more.
    fn columns(&mut self, names: &[String]) -> Result<(), std::io::Error>;

    /// A row.
    ///
    /// # Errors
    ///
    /// If it can take no more: then there is no more.
    fn row(&mut self, values: &[ValueRef<'_>]) -> Result<(), std::io::Error>;
}

/// Why a statement was not answered, or not wholly.
#[derive(Debug)]
pub enum QueryError {
    /// It would have done something else than read.
    Refused(String),
    /// It took too long.
    TooLong(Duration),
    /// SQLite does not understand it, or could not do it.
    Failed(String),
    /// What it found could not be handed on.
    Output(std::io::Error),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(
                f,
                "the query was refused: {why}; only one SELECT is answered"
            ),
            Self::TooLong(timeout) => write!(
                f,
                "the query was stopped after {} s: ask for less, or give it more with --timeout",
                timeout.as_secs_f64()
            ),
            Self::Failed(why) => write!(f, "the query failed: {why}"),
            Self::Output(error) => write!(f, "writing what was found: {error}"),
        }
    }
}

impl std::error::Error for QueryError {}

impl Guarded {
    /// Opens a history, only to read it.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be read.
    pub fn open(path: &Path, timeout: Duration) -> Result<Self, OpenError> {
        let mut connection = schema::open_to_read(path)?;
        let refused: Arc<Mutex<Option<String>>> = Arc::default();
        let reason = Arc::clone(&refused);
        let guard = |connection: &mut Connection| {
            connection.execute_batch(MEMORY)?;
            connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF")?;
            connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
            connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
            connection.authorizer(Some(move |context: AuthContext<'_>| {
                match forbidden(&context.action) {
                    None => Authorization::Allow,
                    Some(why) => {
                        let mut reason = reason.lock().unwrap_or_else(PoisonError::into_inner);
                        *reason = Some(why);
                        Authorization::Deny
                    }
                }
            }))
        };
        guard(&mut connection).map_err(|error| schema::opening(path, &error))?;
        Ok(Self {
            connection,
            refused,
            timeout,
        })
    }

    /// Asks one statement. Returns how many rows it found.
    ///
    /// # Errors
    ///
    /// See [`QueryError`]. Some rows may have been handed on before.
    pub fn ask(&mut self, sql: &str, rows: &mut dyn Rows) -> Result<u64, QueryError> {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let end = Instant::now() + self.timeout;
        let set = self
            .connection
            .progress_handler(STEPS, Some(move || Instant::now() >= end));
        set.map_err(|error| QueryError::Failed(error.to_string()))?;
        self.answer(sql, rows)
    }

    fn answer(&self, sql: &str, rows: &mut dyn Rows) -> Result<u64, QueryError> {
        let failed = |error: rusqlite::Error| self.explained(&error);
        let mut batch = Batch::new(&self.connection, sql);
        let Some(mut statement) = batch.next().map_err(failed)? else {
            return Err(QueryError::Refused(
                "there is no statement in it".to_owned(),
            ));
        };
        match batch.next() {
            Ok(None) => {}
            _ => {
                return Err(QueryError::Refused(
                    "there are several statements".to_owned(),
                ));
            }
        }
        let columns = statement.column_names();
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        rows.columns(&columns).map_err(QueryError::Output)?;
        let mut found = statement.query([]).map_err(failed)?;
        let mut count = 0;
        while let Some(row) = found.next().map_err(failed)? {
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                values.push(row.get_ref(index).map_err(failed)?);
            }
            rows.row(&values).map_err(QueryError::Output)?;
            count += 1;
        }
        Ok(count)
    }

    fn explained(&self, error: &rusqlite::Error) -> QueryError {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let code = error.sqlite_error_code();
        match (&*refused, code) {
            (Some(why), _) => QueryError::Refused(why.clone()),
            (None, Some(ErrorCode::OperationInterrupted)) => QueryError::TooLong(self.timeout),
            (None, Some(ErrorCode::ReadOnly)) => QueryError::Refused("it would write".to_owned()),
            (None, Some(ErrorCode::OutOfMemory)) => {
                QueryError::Failed("it needs more than 512 MiB of memory: ask for less".to_owned())
            }
            (None, Some(ErrorCode::TooBig)) => {
                QueryError::Failed("a text in it is longer than 16 MiB".to_owned())
            }
            _ => QueryError::Failed(self.with_a_hint(&error.to_string())),
        }
    }

    /// What SQLite says, and for a table that there is not, which one was meant.
    fn with_a_hint(&self, said: &str) -> String {
        let Some((_, rest)) = said.split_once("no such table: ") else {
            return said.to_owned();
        };
        let name = rest.split_whitespace().next().unwrap_or_default();
        let tables = self.metrics().unwrap_or_default();
        let nearest = tables
            .iter()
            .map(|table| (strsim::jaro_winkler(name, &table.0), &table.0))
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let said = format!("there is no table {name:?}");
        match nearest {
            Some((near, table)) if near > 0.8 => format!("{said}: do you mean {table}?"),
            _ => format!("{said}: `tesla-observer query` without SQL lists all"),
        }
    }

    /// The metrics that have a view: name, unit, description.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn metrics(&self) -> Result<Vec<(String, String, String)>, ReadError> {
        let sql = "SELECT name, unit, description FROM history_metric ORDER BY name";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Why something may not be done; `None` if it only reads.
fn forbidden(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => None,
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            let bad = [
                "load_extension",
                "fts3_tokenizer",
                "sqlite_compileoption_get",
            ];
            bad.contains(&&*name)
                .then(|| format!("the function {name} is not for queries"))
        }
        AuthAction::Pragma { pragma_name, .. } => {
            let told = PRAGMAS
                .iter()
                .any(|own| own.eq_ignore_ascii_case(pragma_name));
            let why = || format!("PRAGMA {pragma_name} changes how the database works");
            (!told).then(why)
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("it would use another database".to_owned())
        }
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::DropTable { table_name }
        | AuthAction::CreateTable { table_name } => Some(format!("it would write ({table_name})")),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("it is a transaction".to_owned())
        }
        _ => Some("it would write".to_owned()),
    }
}
