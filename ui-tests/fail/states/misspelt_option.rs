//! MC010: a state has the option `name`

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    #[metric(rename = "idle")]
    Off,
    #[metric(nam = "busy")]
    On,
}

fn main() {}
