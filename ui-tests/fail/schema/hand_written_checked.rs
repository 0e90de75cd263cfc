//! MC070: a hand-written schema that is checked where it is written

use metric_core::{Metric, MetricCollector, Observer, Schema, Shape};

struct Car;

impl MetricCollector for Car {
    const SCHEMA: &'static Schema = &Schema::new("Car", file!(), line!())
        .with_metrics(&[Metric::gauge("car speed", Shape::F64)]);

    fn observe<O: Observer + ?Sized>(&self, _: &mut O) {}
}

const _: () = Car::SCHEMA.check();

fn main() {}
