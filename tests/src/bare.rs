//! A meter without an SDK: it keeps the callbacks and runs them one by one when told to, so that
//! tests decide what happens between two of them, and count what only they allocate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    AsyncInstrument, AsyncInstrumentBuilder, Callback, InstrumentProvider, Meter,
    ObservableCounter, ObservableGauge, ObservableUpDownCounter,
};

use crate::{Point, Points, texts};

/// Receives what a callback observes.
pub trait Receive: Send + Sync {
    /// One point of the instrument `name`.
    fn receive(&self, name: &str, value: f64, attributes: &[KeyValue]);
}

type Run = Arc<dyn Fn(&dyn Receive) + Send + Sync>;

type Meanwhile = Box<dyn FnOnce(&Callbacks) + Send>;

/// The callbacks that were registered on the meter.
#[derive(Default)]
pub struct Callbacks {
    callbacks: Mutex<Vec<Run>>,
    meanwhile: Mutex<Option<(usize, Meanwhile)>>,
}

impl Callbacks {
    /// Callbacks and the meter that fills them.
    pub fn new() -> (Arc<Self>, Meter) {
        let callbacks = Arc::new(Callbacks::default());
        let provider: Arc<Callbacks> = Arc::clone(&callbacks);
        (callbacks, Meter::new(provider))
    }

    /// How many instruments there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Runs the callback `index` alone and returns its points.
    pub fn run_one(&self, index: usize) -> Points {
        let recorder = Recorder::default();
        self.run_into(index, &recorder);
        Points(recorder.0.into_inner().expect("no panic in a receiver"))
    }

    /// Runs all callbacks in turn and returns their points.
    pub fn run(&self) -> Points {
        let all = (0..self.count()).flat_map(|index| self.run_one(index).0);
        Points(all.collect())
    }

    /// Runs the callback `index`.
    pub fn run_into(&self, index: usize, receive: &dyn Receive) {
        // Not under the lock, since a callback may run others.
        let run = Arc::clone(&self.lock()[index]);
        run(receive);
    }

    /// Runs `meanwhile` in the middle of a registration: when there are `count` callbacks.
    pub fn at(&self, count: usize, meanwhile: impl FnOnce(&Callbacks) + Send + 'static) {
        *self.meanwhile.lock().expect("no panic here") = Some((count, Box::new(meanwhile)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Run>> {
        self.callbacks.lock().expect("no panic in a callback")
    }

    fn add<N>(&self, name: String, callbacks: Vec<Callback<N>>)
    where
        N: AsF64 + 'static,
    {
        for callback in callbacks {
            let name = name.clone();
            let run = move |receive: &dyn Receive| {
                callback(&Instrument {
                    name: &name,
                    receive,
                });
            };
            self.lock().push(Arc::new(run));
        }
        let mut meanwhile = self.meanwhile.lock().expect("no panic here");
        if let Some((_, run)) = meanwhile.take_if(|(count, _)| *count == self.count()) {
            drop(meanwhile);
            run(self);
        }
    }
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Point>>);

impl Receive for Recorder {
    fn receive(&self, name: &str, value: f64, attributes: &[KeyValue]) {
        let attributes: BTreeMap<_, _> = texts(attributes.iter());
        self.0.lock().expect("no panic here").push(Point {
            name: name.to_owned(),
            attributes,
            value,
        });
    }
}

struct Instrument<'a> {
    name: &'a str,
    receive: &'a dyn Receive,
}

impl<N: AsF64> AsyncInstrument<N> for Instrument<'_> {
    fn observe(&self, measurement: N, attributes: &[KeyValue]) {
        self.receive
            .receive(self.name, measurement.as_f64(), attributes);
    }
}

trait AsF64 {
    fn as_f64(&self) -> f64;
}

macro_rules! as_f64 {
    ($($number:ty)*) => {$(
        impl AsF64 for $number {
            fn as_f64(&self) -> f64 {
                *self as f64
            }
        }
    )*};
}

as_f64!(u64 i64 f64);

macro_rules! instruments {
    ($($method:ident: $instrument:ident<$number:ty>,)*) => {
        impl InstrumentProvider for Callbacks {$(
            fn $method(
                &self,
                builder: AsyncInstrumentBuilder<'_, $instrument<$number>, $number>,
            ) -> $instrument<$number> {
                self.add(builder.name.into_owned(), builder.callbacks);
                $instrument::new()
            }
        )*}
    };
}

instruments! {
    u64_observable_gauge: ObservableGauge<u64>,
    i64_observable_gauge: ObservableGauge<i64>,
    f64_observable_gauge: ObservableGauge<f64>,
    u64_observable_counter: ObservableCounter<u64>,
    f64_observable_counter: ObservableCounter<f64>,
    i64_observable_up_down_counter: ObservableUpDownCounter<i64>,
    f64_observable_up_down_counter: ObservableUpDownCounter<f64>,
}
