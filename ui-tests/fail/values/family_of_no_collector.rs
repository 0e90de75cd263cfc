//! MC065: a family of something that does not derive `MetricCollector`

use metric_core::Family;

struct Car {
    speed: f64,
}

fn main() {
    let family = Family::<Car>::new();
    family.member([]).set(Car { speed: 1.0 });
}
