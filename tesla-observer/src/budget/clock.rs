//! What time it is, by both clocks.

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// One moment by both clocks: the one on the wall, which decides about periods and can be put
/// forward and back, and the one that only runs.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The clock on the wall.
    pub wall: SystemTime,
    /// The clock that only runs.
    pub runs: Instant,
}

/// Tells the time. Tests have one that they set.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// The machine's.
    pub fn system() -> Self {
        Self::from_fn(|| Moment {
            wall: SystemTime::now(),
            runs: Instant::now(),
        })
    }

    /// What `tell` says.
    pub fn from_fn(tell: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn now(&self) -> Moment {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
