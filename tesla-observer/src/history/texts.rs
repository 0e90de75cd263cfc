//! The texts that reports have in common: a thousand cars have the same metrics.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use super::report::{Attributes, Metric};

/// So many may be kept without looking which of them nobody has any more.
const FEW: usize = 1024;

/// Metrics and attributes that reports have in common, each kept once, for as long as a report has it.
#[derive(Debug, Default)]
pub struct Texts(Mutex<Kept>);

#[derive(Debug, Default)]
pub(super) struct Kept {
    metrics: Shared<Metric>,
    attributes: Shared<Attributes>,
}

impl Texts {
    pub(super) fn with<T>(&self, take: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut kept)
    }
}

impl Kept {
    pub(super) fn metric(&mut self, metric: Metric) -> Arc<Metric> {
        self.metrics.keep(metric)
    }

    pub(super) fn attributes(&mut self, attributes: Attributes) -> Arc<Attributes> {
        self.attributes.keep(attributes)
    }
}

#[derive(Debug)]
struct Shared<T> {
    all: HashSet<Arc<T>>,
    /// With so many it is looked for those that nobody has.
    many: usize,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            all: HashSet::new(),
            many: FEW,
        }
    }
}

impl<T: Eq + Hash> Shared<T> {
    fn keep(&mut self, one: T) -> Arc<T> {
        if let Some(own) = self.all.get(&one) {
            return Arc::clone(own);
        }
        if self.all.len() >= self.many {
            self.all.retain(|own| Arc::strong_count(own) > 1);
            self.many = FEW.max(self.all.len() * 2);
        }
        let own = Arc::new(one);
        self.all.insert(Arc::clone(&own));
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_kept_once_and_what_nobody_has_is_forgotten() {
        let mut shared = Shared::default();
        let kept = shared.keep("a".to_owned());
        assert!(Arc::ptr_eq(&kept, &shared.keep("a".to_owned())));
        for number in 0..10 * FEW {
            shared.keep(number.to_string());
        }
        assert!(shared.all.len() <= FEW, "{}", shared.all.len());
        assert!(Arc::ptr_eq(&kept, &shared.keep("a".to_owned())));
    }
}
