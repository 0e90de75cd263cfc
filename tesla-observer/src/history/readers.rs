//! Connections to read with, for many at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::error::{OpenError, ReadError};
use super::place::{FileId, file_id};
use super::read::Reader;
use super::schema::{self, Cars};

/// How many read at a time; others wait. Each has a connection with a cache of its own.
const AT_ONCE: usize = 4;

/// Connections to read with, opened when they are needed. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    cars: Cars,
    places: Arc<Semaphore>,
    /// Each with the file that it has open.
    idle: Mutex<Vec<(Option<FileId>, Reader)>>,
}

impl Readers {
    /// For this file, which need not exist yet. One of other cars is not read.
    pub fn new(path: PathBuf, cars: Cars) -> Self {
        Self(Arc::new(Inner {
            path,
            cars,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            idle: Mutex::default(),
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
            let (file, reader) = inner.take().map_err(|error| ReadError(error.to_string()))?;
            let found = read(&reader);
            // After an error it is not known what is wrong with it.
            if found.is_ok() {
                let mut idle = inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.push((file, reader));
            }
            found
        });
        reading
            .await
            .unwrap_or_else(|_| Err(ReadError("the code that reads it panicked".to_owned())))
    }
}

impl Inner {
    /// A connection to the file that has this path now.
    fn take(&self) -> Result<(Option<FileId>, Reader), OpenError> {
        let file = file_id(&self.path);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(own, _)| *own == file);
        if let Some(reader) = idle.pop() {
            return Ok(reader);
        }
        drop(idle);
        let reader = Reader::open(&self.path)?;
        schema::check_cars(&reader.connection, &self.path, self.cars)?;
        Ok((file, reader))
    }
}
