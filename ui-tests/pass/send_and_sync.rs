//! A collector is as `Send` as its fields; only a family asks for that.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// Not `Send`.
#[derive(MetricCollector)]
pub struct Local {
    /// An rc.
    #[metric]
    pub value: std::rc::Rc<u64>,
    /// A cell.
    #[metric(with = std::cell::Cell::get)]
    pub cell: std::cell::Cell<u64>,
}

fn main() {
    let value = std::rc::Rc::new(1);
    metric_core::testing::observe(&Local {
        value,
        cell: 2.into(),
    });
}
