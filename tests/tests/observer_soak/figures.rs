//! The observer's own metrics, added up.

use std::collections::BTreeMap;
use std::fmt;

use crate::record::{Compared, Own, Record};

pub(crate) const MIB: f64 = 1024.0 * 1024.0;

/// The observer's own metrics: the last value of each series, and the largest.
pub(crate) struct Figures(BTreeMap<Own, (f64, f64)>);

impl Figures {
    /// As this receiver got them.
    pub(crate) fn of(record: &Record) -> Self {
        Self(record.own())
    }

    /// Those of this metric with this attribute.
    pub(crate) fn with(&self, metric: &str, key: &str, value: &str) -> Self {
        let all = self.0.iter().filter(|((name, attributes), _)| {
            name == metric && attributes.get(key).is_some_and(|own| own == value)
        });
        Self(all.map(|(own, values)| (own.clone(), *values)).collect())
    }

    /// The sum of a metric's series that have these attributes.
    pub(crate) fn sum(&self, metric: &str, wanted: &[(&str, &str)]) -> f64 {
        self.values(metric, wanted).map(|(last, _)| last).sum()
    }

    /// The most that any of these series ever was.
    pub(crate) fn most(&self, metric: &str, wanted: &[(&str, &str)]) -> f64 {
        let most = self.values(metric, wanted).map(|(_, most)| most);
        most.fold(0.0, f64::max)
    }

    /// The sums of a metric's series by this attribute, of those that have it.
    pub(crate) fn by(&self, metric: &str, key: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for ((name, attributes), (last, _)) in &self.0 {
            if let (true, Some(value)) = (name == metric, attributes.get(key)) {
                *sums.entry(value.clone()).or_default() += last;
            }
        }
        sums
    }

    fn values<'a>(
        &'a self,
        metric: &'a str,
        wanted: &'a [(&str, &str)],
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        let has = |attributes: &BTreeMap<String, String>| {
            let mut wanted = wanted.iter();
            wanted.all(|(key, value)| attributes.get(*key).is_some_and(|own| own == value))
        };
        let all = self.0.iter();
        let all = all.filter(move |((name, attributes), _)| name == metric && has(attributes));
        all.map(|(_, values)| *values)
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} samples taken, {} rejected, {} lost, {} came more than once",
            self.taken, self.rejected, self.lost, self.repeated
        )
    }
}
