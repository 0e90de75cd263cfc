//! MC072: two parameters that are one type

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Pair<A, B> {
    #[metric(flatten)]
    a: A,
    #[metric(flatten)]
    b: B,
}

fn main() {
    let motors = Pair {
        a: Motor { torque: 1.0 },
        b: Motor { torque: 2.0 },
    };
    metric_core::testing::observe(&motors);
}
