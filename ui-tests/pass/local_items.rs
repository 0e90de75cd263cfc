//! In functions, modules, blocks and constants.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// In a module.
pub mod module {
    /// A collector.
    #[derive(metric_core::MetricCollector)]
    pub struct Car {
        /// A value.
        #[metric(with = super::twice)]
        pub value: u64,
        /// A state.
        #[metric]
        pub state: super::State,
    }
}

/// A state.
#[derive(metric_core::MetricState)]
pub enum State {
    /// One.
    One,
}

fn twice(value: &u64) -> u64 {
    value * 2
}

const _: () = {
    #[derive(MetricCollector)]
    struct InConst {
        #[metric]
        value: u64,
        #[metric(flatten)]
        car: Option<module::Car>,
    }

    let _ = InConst {
        value: 1,
        car: None,
    };
};

fn main() {
    fn once(value: &u64) -> u64 {
        *value
    }

    #[derive(metric_core::MetricState)]
    enum Local {
        Here,
    }

    #[derive(MetricCollector)]
    struct Truck {
        #[metric(with = once)]
        value: u64,
        #[metric]
        state: Local,
        #[metric(flatten)]
        module: module::Car,
    }

    let module = module::Car {
        value: 1,
        state: State::One,
    };
    metric_core::testing::observe(&Truck {
        value: 1,
        state: Local::Here,
        module,
    });

    let closure = || {
        #[derive(MetricCollector)]
        struct Car {
            #[metric]
            value: u64,
        }
        metric_core::testing::observe(&Car { value: 1 })
    };
    closure();
}
