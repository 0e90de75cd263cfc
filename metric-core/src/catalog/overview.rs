//! The dashboard of a whole catalogue: a row for each group, panels by kind and unit.

use std::collections::BTreeMap;

use super::group::words;
use super::naming::escaped;
use super::units;
use super::{
    Catalog, CatalogGroup, CatalogMetric, Dashboard, Instrument, Panel, Row, Values, Visual,
};

/// More lines than these are no picture.
const TOGETHER: usize = 6;

/// What is shown in one panel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Numbers,
    Rates,
    Truths,
}

impl Dashboard {
    /// A dashboard of all that is in the catalogue: a row for each group, in it panels by kind and unit,
    /// and a variable for each attribute that tells members apart.
    pub fn of(catalog: &Catalog) -> Self {
        let title = words(catalog.name());
        let uid = escaped(catalog.name()).replace('_', "-").to_lowercase();
        let mut dashboard = Self::new(uid.chars().take(40).collect::<String>(), title)
            .with_description(format!("All metrics of {}.", catalog.name()))
            .with_tag(catalog.name());
        for key in variables(catalog) {
            dashboard = dashboard.with_variable(key);
        }
        catalog
            .groups()
            .fold(dashboard, |dashboard, group| dashboard.with_row(row(group)))
    }
}

/// The attributes that tell members apart: not those that a metric has for itself.
fn variables(catalog: &Catalog) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for group in catalog.groups() {
        let own = group
            .metrics()
            .iter()
            .filter(|metric| *metric.values() != Values::Info);
        let own = own.flat_map(CatalogMetric::attributes);
        for attribute in group.attributes().iter().chain(own) {
            let key = attribute.key();
            if key != crate::schema::STATE && !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

fn row(group: &CatalogGroup) -> Row {
    let start = common_start(group.metrics());
    let named = |metric: &CatalogMetric| words(&metric.name()[start..]);
    let mut row = Row::new(group.title());
    let mut together: BTreeMap<(Class, &str), Vec<&CatalogMetric>> = BTreeMap::new();
    let mut alone = Vec::new();
    for metric in group.metrics() {
        match (metric.values(), metric.instrument()) {
            (Values::States(_), _) => {
                alone.push(Panel::states(named(metric), escaped(metric.name())));
            }
            (Values::Info, _) => alone.push(Panel::info(named(metric), escaped(metric.name()))),
            (Values::Truth, _) => together
                .entry((Class::Truths, ""))
                .or_default()
                .push(metric),
            (_, Instrument::Histogram) => alone.push(histogram(metric, named(metric))),
            (_, Instrument::Counter) => together
                .entry((Class::Rates, metric.unit()))
                .or_default()
                .push(metric),
            _ => together
                .entry((Class::Numbers, metric.unit()))
                .or_default()
                .push(metric),
        }
    }
    for ((class, unit), metrics) in together {
        for metrics in metrics.chunks(TOGETHER) {
            row = row.with_panel(panel(class, unit, metrics, &named));
        }
    }
    alone.into_iter().fold(row, Row::with_panel)
}

fn panel(
    class: Class,
    unit: &str,
    metrics: &[&CatalogMetric],
    named: &dyn Fn(&CatalogMetric) -> String,
) -> Panel {
    let title = match metrics {
        [one] => named(one),
        [first, .., last] => match units::shown(unit) {
            unit if unit.is_empty() => {
                format!("{} to {}", named(first), named(last).to_lowercase())
            }
            unit => format!(
                "{} to {} ({unit})",
                named(first),
                named(last).to_lowercase()
            ),
        },
        [] => String::new(),
    };
    let visual = match class {
        Class::Truths => Visual::StateTimeline,
        _ => Visual::TimeSeries,
    };
    let mut panel = Panel::new(title, visual);
    if class == Class::Truths {
        panel = panel
            .with_text(0.0, "no")
            .with_text(1.0, "yes")
            .with_step(1.0, "blue");
    }
    for metric in metrics {
        let name = escaped(metric.name());
        let query = match class {
            Class::Rates => format!("rate({name}[$__rate_interval])"),
            _ => name,
        };
        let mut legend: Vec<String> = match metrics {
            [_] => Vec::new(),
            _ => vec![named(metric)],
        };
        let keys = metric.attributes().iter();
        legend.extend(keys.map(|attribute| format!("{{{{{}}}}}", attribute.key())));
        panel = panel.with_query(query, legend.join(" "));
    }
    match class {
        Class::Rates => panel.with_unit(format!("{unit}/s")),
        Class::Truths => panel,
        Class::Numbers => panel.with_unit(unit),
    }
}

fn histogram(metric: &CatalogMetric, title: String) -> Panel {
    let name = escaped(metric.name());
    let mut panel = Panel::new(title, Visual::TimeSeries).with_unit(metric.unit());
    for (quantile, called) in [("0.5", "median"), ("0.95", "95 %"), ("0.99", "99 %")] {
        panel = panel.with_query(
            format!("histogram_quantile({quantile}, sum by (le) (rate({name}_bucket[$__rate_interval])))"),
            called,
        );
    }
    panel
}

/// How many bytes of the names are the same prefix, separator included.
fn common_start(metrics: &[CatalogMetric]) -> usize {
    let Some((first, rest)) = metrics.split_first() else {
        return 0;
    };
    let separators = first.name().char_indices();
    let separators = separators.filter(|(_, character)| matches!(character, '_' | '.' | '-' | '/'));
    separators
        .map(|(at, _)| at + 1)
        .take_while(|end| {
            rest.iter().all(|other| {
                let name = other.name();
                name.len() > *end && name.starts_with(&first.name()[..*end])
            })
        })
        .filter(|end| *end < first.name().len())
        .last()
        .filter(|_| !rest.is_empty())
        .unwrap_or(0)
}
