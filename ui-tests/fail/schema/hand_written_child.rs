//! MC070: a name that was not checked by the derive, in a derived struct

use metric_core::{Family, Metric, MetricCollector, Observer, Schema, Shape};

struct Wheel;

impl MetricCollector for Wheel {
    const SCHEMA: &'static Schema = &Schema::new("Wheel", file!(), line!())
        .with_metrics(&[Metric::gauge("wheel pressure", Shape::F64)]);

    fn observe<O: Observer + ?Sized>(&self, _: &mut O) {}
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheel: Wheel,
}

fn main() {
    Family::<Car>::new();
}
