//! Whether a receiver has ever taken a signal: remembered beside what waits for it.
//!
//! One that never has is taken at its word: it does not know the path, the password or the signal. One
//! that has is believed to be away when it says so, or something else in its place: a proxy whose
//! backend is stopped says 404 or shows a page, and who has no password at hand for an hour should not
//! lose that hour.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::private;

use super::super::queue::Queue;

/// Whether it has.
#[derive(Debug)]
pub(super) struct Known(bool);

/// The file that says so.
const FILE: &str = "known";

impl Known {
    /// What is known of the receiver that this queue is for.
    pub(super) fn of(queue: &Queue) -> Self {
        let is_there = |directory: &Path| fs::symlink_metadata(directory.join(FILE)).is_ok();
        Known(queue.directory().is_some_and(|own| is_there(&own)))
    }

    pub(super) fn is_known(&self) -> bool {
        self.0
    }

    /// It has taken something.
    pub(super) fn has_taken(&mut self, queue: &Arc<Queue>) {
        if std::mem::replace(&mut self.0, true) {
            return;
        }
        let queue = Arc::clone(queue);
        // Where it cannot be kept, it is found out again.
        tokio::task::spawn_blocking(move || {
            let directory = queue.directory()?;
            private::open_or_create_file(&directory.join(FILE)).ok()
        });
    }
}
