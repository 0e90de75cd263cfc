//! MC030: nothing else is said where the generic struct is used

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Reading<'a, T: Clone, const N: usize>
where
    T: Send,
{
    #[metric(unit = "mph")]
    value: &'a T,
}

fn main() {
    metric_core::testing::observe(&Reading::<u64, 2> { value: &1 });
}
