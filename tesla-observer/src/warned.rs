//! What goes wrong again and again is said rarely.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::fetch::Problem;

/// The least time from one warning to the next of the same kind, also if it went well in between.
const AGAIN: Duration = Duration::from_secs(900);

/// Which problems were said, and when last.
#[derive(Debug, Default)]
pub(crate) struct Warned(HashMap<Problem, Instant>);

impl Warned {
    /// Whether it is to be said now; then it counts as said.
    pub(crate) fn is_due(&mut self, problem: Problem) -> bool {
        let now = Instant::now();
        let said = self.0.get(&problem);
        let due = said.is_none_or(|said| now.duration_since(*said) >= AGAIN);
        if due {
            self.0.insert(problem, now);
        }
        due
    }
}
