//! MC060: nothing else is said where the struct is used

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Car {
    #[metric]
    name: String,
}

fn main() {
    let family = Family::<Car>::new();
    let member = family.member([]);
    member.set(Car { name: "Ju".into() });
    metric_core::testing::observe(&Car { name: "Ju".into() });
}
