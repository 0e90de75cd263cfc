//! MC063: a type that is no set of states

use metric_core::MetricState;

fn states<S: MetricState>() -> usize {
    S::STATES.len()
}

fn main() {
    states::<bool>();
}
