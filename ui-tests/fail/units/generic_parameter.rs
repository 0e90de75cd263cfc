//! MC067: a parameter that implies another unit

use std::time::Duration;

use metric_core::{MetricCollector, Schema};

#[derive(MetricCollector)]
struct Reading<T> {
    #[metric(unit = "ms")]
    value: T,
}

const SCHEMA: &Schema = Reading::<Duration>::SCHEMA;

fn main() {}
