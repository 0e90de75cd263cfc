//! A meter without an SDK: keeps the callbacks of its instruments and runs them into nothing, so
//! that what they cost can be told from what the SDK costs.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    AsyncInstrument, AsyncInstrumentBuilder, Callback, InstrumentProvider, Meter,
    ObservableCounter, ObservableGauge, ObservableUpDownCounter,
};

type Run = Box<dyn Fn(&Nowhere) + Send + Sync>;

/// The callbacks of a meter's instruments, in the order in which they were made.
#[derive(Default)]
pub(crate) struct Callbacks {
    runs: Mutex<Vec<Run>>,
    nowhere: Nowhere,
}

impl Callbacks {
    /// A meter and the callbacks that its instruments will have.
    pub(crate) fn meter() -> (Meter, Arc<Self>) {
        let callbacks = Arc::new(Callbacks::default());
        (Meter::new(Arc::<Self>::clone(&callbacks)), callbacks)
    }

    /// Runs all callbacks, as an SDK's collection does, and returns how many points they observed.
    pub(crate) fn collect(&self) -> u64 {
        let before = self.nowhere.points();
        for run in self.runs().iter() {
            run(&self.nowhere);
        }
        self.nowhere.points() - before
    }

    fn keep<N: 'static>(&self, callbacks: Vec<Callback<N>>)
    where
        Nowhere: AsyncInstrument<N>,
    {
        let runs = callbacks
            .into_iter()
            .map(|callback| -> Run { Box::new(move |nowhere| callback(nowhere)) });
        self.runs().extend(runs);
    }

    fn runs(&self) -> std::sync::MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

macro_rules! observable {
    ($($method:ident: $instrument:ident<$number:ty>;)*) => {$(
        fn $method(
            &self,
            builder: AsyncInstrumentBuilder<'_, $instrument<$number>, $number>,
        ) -> $instrument<$number> {
            self.keep(builder.callbacks);
            $instrument::new()
        }
    )*};
}

impl InstrumentProvider for Callbacks {
    observable! {
        u64_observable_gauge: ObservableGauge<u64>;
        i64_observable_gauge: ObservableGauge<i64>;
        f64_observable_gauge: ObservableGauge<f64>;
        u64_observable_counter: ObservableCounter<u64>;
        f64_observable_counter: ObservableCounter<f64>;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64>;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64>;
    }
}

/// An instrument that only counts what it is shown.
#[derive(Default)]
struct Nowhere {
    points: AtomicU64,
}

impl Nowhere {
    fn points(&self) -> u64 {
        self.points.load(Ordering::Relaxed)
    }
}

impl<N> AsyncInstrument<N> for Nowhere {
    fn observe(&self, measurement: N, attributes: &[KeyValue]) {
        black_box((measurement, attributes));
        // One thread at a time observes, so that the cheaper of the two ways to count is right.
        self.points.store(self.points() + 1, Ordering::Relaxed);
    }
}
