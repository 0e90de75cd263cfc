//! Comparing two things on a machine that does other things too: many short rounds, both in each,
//! and the ratio of each round by itself.

use std::time::{Duration, Instant};

/// What the rounds gave.
#[derive(Default)]
pub(crate) struct Paired {
    first: Vec<f64>,
    second: Vec<f64>,
    ratios: Vec<f64>,
}

impl Paired {
    /// Runs both in turn until the time is over: three times at least, once if there is no time.
    pub(crate) fn run(
        &mut self,
        time: Duration,
        mut first: impl FnMut() -> Duration,
        mut second: impl FnMut() -> Duration,
    ) {
        let start = Instant::now();
        let least = if time.is_zero() { 1 } else { 3 };
        let mut round = 0;
        while round < least || start.elapsed() < time {
            // Always in this order: each then finds the caches as the other one has left them.
            let (first, second) = (first(), second());
            self.add(first.as_secs_f64(), second.as_secs_f64());
            round += 1;
        }
    }

    fn add(&mut self, first: f64, second: f64) {
        self.first.push(first);
        self.second.push(second);
        self.ratios.push(first / second);
    }

    /// The ratio first ÷ second: median and quartiles.
    pub(crate) fn ratio(&self) -> [f64; 3] {
        [0.5, 0.25, 0.75].map(|part| quantile(&self.ratios, part))
    }

    pub(crate) fn rounds(&self) -> usize {
        self.ratios.len()
    }

    /// The median of the first, in nanoseconds.
    pub(crate) fn first_ns(&self) -> f64 {
        quantile(&self.first, 0.5) * 1e9
    }

    /// The median of the second, in nanoseconds.
    pub(crate) fn second_ns(&self) -> f64 {
        quantile(&self.second, 0.5) * 1e9
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
