//! MC070: a name that was not checked by the derive

use metric_core::{Family, Metric, MetricCollector, Observer, Schema, Shape};

struct Car;

impl MetricCollector for Car {
    const SCHEMA: &'static Schema = &Schema::new("Car", file!(), line!())
        .with_metrics(&[Metric::gauge("car speed", Shape::F64)]);

    fn observe<O: Observer + ?Sized>(&self, _: &mut O) {}
}

fn main() {
    Family::<Car>::new();
}
