//! MC061: a counter of signed numbers

use metric_core::{Family, Metric, MetricCollector, Observer, Schema, Shape};

struct Car;

impl MetricCollector for Car {
    const SCHEMA: &'static Schema = &Schema::new("Car", file!(), line!())
        .with_metrics(&[Metric::counter("car.speed", Shape::I64)]);

    fn observe<O: Observer + ?Sized>(&self, _: &mut O) {}
}

fn main() {
    Family::<Car>::new();
}
