//! Temperatures: outside over day and year, and inside a car.

use std::f64::consts::TAU;

use super::random::Random;

pub(super) const DAY_MS: i64 = 86_400_000;

/// The temperature outside, °C: warm in the afternoon and in July, another each day.
///
/// `local_ms` is the local time as if it were UTC; `mean` the year's mean.
pub(super) fn outside(seed: u64, mean: f64, local_ms: i64) -> f64 {
    let day = local_ms.div_euclid(DAY_MS);
    let part = local_ms.rem_euclid(DAY_MS) as f64 / DAY_MS as f64;
    // Mid-January is the coldest; day 0 of the epoch was the first of January.
    let season = -8.0 * ((day as f64 - 15.0) / 365.25 * TAU).cos();
    let of_day = |day: i64| Random::new(seed, &[0x77, day.unsigned_abs()]).between(-3.0, 3.0);
    // Blended, so that midnight makes no step.
    let weather = of_day(day) * (1.0 - part) + of_day(day + 1) * part;
    mean + season + weather + 5.0 * ((part - 15.0 / 24.0) * TAU).cos()
}

/// The temperature inside after `seconds`, °C, from `start` towards `goal`.
pub(super) fn inside(start: f64, goal: f64, seconds: f64, climate_on: bool) -> f64 {
    let time_constant = if climate_on { 240.0 } else { 2_700.0 };
    goal + (start - goal) * (-seconds.max(0.0) / time_constant).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn afternoons_and_summers_are_warmer_and_nothing_jumps() {
        let hour = DAY_MS / 24;
        let mean_at = |h: i64, from: i64| {
            (from..from + 28)
                .map(|d| outside(1, 10.0, d * DAY_MS + h * hour))
                .sum::<f64>()
                / 28.0
        };
        assert!(mean_at(15, 180) > mean_at(3, 180) + 5.0);
        assert!(mean_at(15, 180) > mean_at(15, 0) + 8.0);
        let minute = 60_000;
        for m in 0..4 * 1440 {
            let step = outside(1, 10.0, (m + 1) * minute) - outside(1, 10.0, m * minute);
            assert!(step.abs() < 0.1, "{step} at minute {m}");
        }
    }

    #[test]
    fn climate_brings_the_inside_to_its_goal_sooner() {
        assert!((inside(0.0, 21.0, 900.0, true) - 21.0).abs() < 1.0);
        assert!((inside(21.0, 0.0, 900.0, false) - 0.0).abs() > 10.0);
        assert_eq!(inside(18.0, 21.0, -5.0, true), 18.0);
    }
}
