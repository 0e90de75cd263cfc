//! MC030: nothing else is said where the struct is used

use metric_core::{Family, MetricCollector};

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric(unit = "mph")]
    speed: f64,
}

fn main() {
    let family = Family::<Car>::new();
    let member = family.member([]);
    member.set(Car { speed: 3.0 });
    member.update(|car| car.speed = 4.0);
}
