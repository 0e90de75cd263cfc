//! MC060: a mistake of one type on two fields is said at both

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Car {
    #[metric]
    name: String,
    #[metric]
    model: String,
}

fn main() {
    Family::<Car>::new();
}
