//! The SDK view that raises the cardinality limit to what a family declares.

use std::collections::HashMap;

use opentelemetry_sdk::metrics::{Instrument, Stream};

use super::Family;
use super::register::view_is_asked;
use crate::{MetricCollector, Shape};

impl<T: MetricCollector + Send + Sync + 'static> Family<T> {
    /// A view for the provider on which the family will be registered
    /// (`SdkMeterProvider::builder().with_view(family.view())`): it sets the cardinality limit of
    /// the family's instruments to twice its [`capacity`](Self::capacity), so that all members
    /// can be replaced between two collections.
    ///
    /// The SDK sets aside memory for that many series at once, in each instrument: declare the
    /// fleet's size, not a huge number.
    pub fn view(&self) -> impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static {
        let limits: HashMap<String, usize> = T::SCHEMA
            .entries()
            .map(|entry| {
                let points = match entry.metric.shape() {
                    Shape::States(states) => states.len(),
                    _ => 1,
                };
                (
                    entry.name.as_str().to_owned(),
                    self.shared.view_limit(points).max(1),
                )
            })
            .collect();
        move |instrument| {
            let limit = *limits.get(instrument.name())?;
            view_is_asked();
            Stream::builder().with_cardinality_limit(limit).build().ok()
        }
    }
}
