//! Series, made short enough to be drawn or sent.

use super::read::Held;

/// What a series did in one step of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When the step begins, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// The lowest value that held in it.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// The last.
    pub last: f64,
    /// The mean over the time that is known.
    pub mean: f64,
}

/// One sample for each step in which anything is known. Steps are multiples of `step_ms` since the Unix
/// epoch, so that they stay where they are when the window moves.
pub fn samples(values: &[Held], step_ms: i64) -> Vec<Sample> {
    let step = step_ms.max(1);
    let mut samples: Vec<(Sample, f64)> = Vec::new();
    for held in values {
        let mut from = held.from_ms;
        loop {
            let begin = from.div_euclid(step).saturating_mul(step);
            let end = begin.saturating_add(step);
            let until = held.until_ms.min(end);
            // What was reported only once, or at the very end of the step, weighs next to nothing.
            let weight = ((until - from) as f64).max(1e-3);
            match samples.last_mut() {
                Some((sample, weighed)) if sample.from_ms == begin => {
                    sample.min = sample.min.min(held.value);
                    sample.max = sample.max.max(held.value);
                    sample.last = held.value;
                    *weighed += weight;
                    sample.mean += (held.value - sample.mean) * weight / *weighed;
                }
                _ => samples.push((
                    Sample {
                        from_ms: begin,
                        min: held.value,
                        max: held.value,
                        last: held.value,
                        mean: held.value,
                    },
                    weight,
                )),
            }
            if held.until_ms <= end {
                break;
            }
            from = end;
        }
    }
    samples.into_iter().map(|(sample, _)| sample).collect()
}
