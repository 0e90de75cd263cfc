//! Chance that is the same for the same seed.

/// SplitMix64 (Steele, Lea and Flood, 2014): one multiplication-xor-shift round per number.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// A stream of its own for each `seed` and list of `labels`.
    pub(super) fn new(seed: u64, labels: &[u64]) -> Self {
        let mut random = Self(seed);
        for label in labels {
            random.0 = random.next() ^ label.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// From 0 up to, not including, `end`; 0 if `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_labels_give_the_same_numbers_and_others_give_others() {
        let run = |seed, labels: &[u64]| {
            let mut random = Random::new(seed, labels);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(run(1, &[2, 3]), run(1, &[2, 3]));
        assert_ne!(run(1, &[2, 3]), run(1, &[3, 2]));
        assert_ne!(run(1, &[2, 3]), run(2, &[2, 3]));
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_spread() {
        let mut random = Random::new(7, &[]);
        let numbers: Vec<f64> = (0..10_000).map(|_| random.between(2.0, 4.0)).collect();
        assert!(numbers.iter().all(|n| (2.0..4.0).contains(n)));
        let mean = numbers.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 3.0).abs() < 0.03, "{mean}");
        assert_eq!(random.below(0), 0);
    }
}
