//! Connections to read with, for many at once.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::error::{OpenError, ReadError};
use super::read::Reader;
use super::schema::{self, Cars};

/// How many read at a time; others wait. Each has a connection of its own, for a few milliseconds: one
/// that is kept takes megabytes, and would go on reading a file that has been moved away.
const AT_ONCE: usize = 4;

/// Connections to read with, opened when they are needed. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    cars: Cars,
    places: Arc<Semaphore>,
}

impl Readers {
    /// For this file, which need not exist yet. One of other cars is not read.
    pub fn new(path: PathBuf, cars: Cars) -> Self {
        Self(Arc::new(Inner {
            path,
            cars,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }))
    }

    /// Reads, on a thread that may wait.
    ///
    /// # Errors
    ///
    /// What `read` says, or that the history cannot be opened.
    pub async fn read<T, F>(&self, read: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let reading = tokio::task::spawn_blocking(move || {
            // Also if whoever asked has gone meanwhile.
            let _place = place;
            let reader = inner.open().map_err(|error| ReadError(error.to_string()))?;
            read(&reader)
        });
        reading
            .await
            .unwrap_or_else(|_| Err(ReadError("the code that reads it panicked".to_owned())))
    }
}

impl Inner {
    fn open(&self) -> Result<Reader, OpenError> {
        let reader = Reader::open(&self.path)?;
        schema::check_cars(&reader.connection, &self.path, self.cars)?;
        Ok(reader)
    }
}
