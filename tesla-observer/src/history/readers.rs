//! Connections to read with, for many at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::ReadError;
use super::read::Reader;

/// How many connections are kept for the next reader; each has a cache of its own.
const KEPT: usize = 4;

/// Connections to read with, opened when they are needed. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

impl Readers {
    /// For this file, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self(Arc::new(Inner {
            path,
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
        let reading = tokio::task::spawn_blocking(move || {
            let idle = inner.take();
            let reader = match idle {
                Some(reader) => reader,
                None => Reader::open(&inner.path).map_err(|error| ReadError(error.to_string()))?,
            };
            let found = read(&reader);
            // After an error it is not known what is wrong with it.
            if found.is_ok() {
                inner.give_back(reader);
            }
            found
        });
        reading
            .await
            .unwrap_or_else(|_| Err(ReadError("the code that reads it panicked".to_owned())))
    }
}

impl Inner {
    fn take(&self) -> Option<Reader> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn give_back(&self, reader: Reader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(reader);
        }
    }
}
