//! MC073: a parameter whose attribute is given already

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
    #[metric(attribute)]
    place: String,
}

#[derive(MetricCollector)]
#[metric(attributes(place = "garage"))]
struct With<T> {
    #[metric(flatten)]
    of: T,
}

fn main() {
    Family::<With<Motor>>::new();
}
