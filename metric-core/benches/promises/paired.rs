//! Comparing two things on a machine that does other things too: many short rounds, both in each,
//! and the ratio of each round by itself.

use std::time::{Duration, Instant};

use crate::table::Row;

/// What the rounds gave.
#[derive(Default)]
pub(crate) struct Paired {
    first: Vec<f64>,
    second: Vec<f64>,
    failed: usize,
}

impl Paired {
    /// Runs both in turn until the time is over: three times at least, once if there is no time.
    pub(crate) fn run(
        &mut self,
        time: Duration,
        mut first: impl FnMut() -> Duration,
        mut second: impl FnMut() -> Duration,
    ) {
        self.run_if(time, || Some(first()), || Some(second()));
    }

    /// The same, without the rounds that fail.
    pub(crate) fn run_if(
        &mut self,
        time: Duration,
        mut first: impl FnMut() -> Option<Duration>,
        mut second: impl FnMut() -> Option<Duration>,
    ) {
        let start = Instant::now();
        let least = if time.is_zero() { 1 } else { 3 };
        let mut rounds = 0;
        while rounds < least || start.elapsed() < time {
            // Always in this order: each then finds the caches as the other one has left them.
            if let (Some(first), Some(second)) = (first(), second()) {
                self.first.push(first.as_secs_f64());
                self.second.push(second.as_secs_f64());
            } else {
                self.failed += 1;
            }
            rounds += 1;
        }
    }

    /// A row of the ratio first ÷ second. The times beside it are told in `unit`, nanoseconds per
    /// `per` of what was timed.
    pub(crate) fn row(&self, what: String, per: f64, unit: &str) -> Row {
        self.row_of(what, per, unit, |first, second| first / second)
    }

    /// A row of how much was done per time in the first ÷ in the second.
    pub(crate) fn throughput_row(&self, what: String, per: f64, unit: &str) -> Row {
        self.row_of(what, per, unit, |first, second| second / first)
    }

    fn row_of(&self, what: String, per: f64, unit: &str, ratio: fn(f64, f64) -> f64) -> Row {
        if self.first.len() <= self.failed {
            return Row {
                what,
                must: "",
                measured: "?".to_owned(),
                details: "the machine is too busy to tell".to_owned(),
            };
        }
        let rounds = self.first.iter().zip(&self.second);
        let ratios: Vec<f64> = rounds
            .map(|(&first, &second)| ratio(first, second))
            .collect();
        let [low, median, high] = [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part));
        let [first, second] =
            [&self.first, &self.second].map(|times| quantile(times, 0.5) * 1e9 / per);
        Row {
            what,
            must: "",
            measured: format!("{median:.3}"),
            details: format!(
                "{low:.3} to {high:.3}, {} rounds; {first:.0} and {second:.0} {unit}",
                ratios.len(),
            ),
        }
    }
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = (values.len() - 1) as f64 * part;
    let (below, above) = (
        values[place.floor() as usize],
        values[place.ceil() as usize],
    );
    below + (above - below) * place.fract()
}
