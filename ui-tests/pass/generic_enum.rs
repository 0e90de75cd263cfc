//! A generic enum, and one whose variants carry something.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// What a job does.
#[derive(MetricState)]
pub enum Job<'a, T: ?Sized, const N: usize>
where
    T: Send,
{
    /// It waits.
    Waiting,
    /// It runs.
    Running(&'a T, [u8; N]),
    /// It failed.
    Failed {
        /// Why.
        error: String,
    },
}

/// One at a time.
#[derive(MetricCollector)]
pub struct Worker<'a> {
    /// What it does.
    #[metric]
    pub job: Job<'a, str, 2>,
}

fn main() {
    assert_eq!(
        <Job<'_, str, 2> as MetricState>::STATES,
        ["waiting", "running", "failed"]
    );
    let _: Job<'_, str, 2> = Job::Failed {
        error: String::new(),
    };
    let job = Job::Running("x", [0; 2]);
    let points = metric_core::testing::observe(&Worker { job });
    assert_eq!(points.iter().count(), 3);
    let _ = Worker { job: Job::Waiting };
}
