//! Whether a receiver has ever taken a signal: remembered beside what waits for it.
//!
//! One that never has is taken at its word: it does not know the path, the password or the signal. One
//! that has is believed to be away when it says so, or something else in its place: a proxy whose
//! backend is stopped says 404 or shows a page, and who has no password at hand for an hour should not
//! lose that hour.

use std::fs;
use std::path::PathBuf;

use crate::private;

/// Whether it has, and the file that says so.
#[derive(Debug)]
pub(super) struct Known {
    is_known: bool,
    file: Option<PathBuf>,
}

impl Known {
    /// The file is in this directory, if there is one.
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        let file = directory.map(|directory| directory.join("known"));
        let exists = |file: &PathBuf| fs::symlink_metadata(file).is_ok();
        Known {
            is_known: file.as_ref().is_some_and(exists),
            file,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// It has taken something.
    pub(super) fn has_taken(&mut self) {
        if std::mem::replace(&mut self.is_known, true) {
            return;
        }
        if let Some(file) = self.file.take() {
            // Where it cannot be kept, it is found out again.
            tokio::task::spawn_blocking(move || private::open_or_create_file(&file).is_ok());
        }
    }
}
