//! The observer's own metrics as sources of the catalogue.

use metric_core::catalog::{CatalogMetric, Instrument, Source};

use crate::telemetry;

/// The observer's own metrics, and the attributes that they have.
pub(super) fn sources() -> Vec<Source> {
    let schemas = telemetry::own_schemas().into_iter();
    let mut sources: Vec<Source> = schemas
        .map(|(title, schema, attributes)| {
            let source = Source::new(schema).with_title(title);
            attributes
                .iter()
                .fold(source, |source, key| source.with_attribute(*key))
        })
        .collect();
    let histograms = telemetry::own_histograms().map(|histogram| {
        let metric = CatalogMetric::new(histogram.name, Instrument::Histogram)
            .with_unit(histogram.unit)
            .with_description(histogram.description);
        let keys = histogram.attributes.iter();
        keys.fold(metric, |metric, key| metric.with_attribute(*key))
    });
    sources.push(Source::of("Durations", histograms));
    sources
}
