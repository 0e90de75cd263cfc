//! What the framework leans on in opentelemetry_sdk: facts of an implementation, not of a
//! contract. Each of these tests fails when an upgrade changes one, and says what depends on it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_tests::{Reader, dropping};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider};

fn provider() -> (SdkMeterProvider, Reader) {
    let reader = Reader::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .build();
    (provider, reader)
}

/// `None`, `clear` and `drop` need no trick.
#[test]
fn a_callback_that_observes_nothing_exports_no_point_not_even_the_last_one() {
    let (provider, reader) = provider();
    let calls = AtomicUsize::new(0);
    provider
        .meter("test")
        .u64_observable_gauge("x")
        .with_callback(move |instrument| {
            if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                instrument.observe(1, &[KeyValue::new("k", "v")]);
            }
        })
        .build();
    assert_eq!(reader.collect().values("x"), [1.0]);
    assert!(reader.collect().is_empty());
}

/// 'One reader per provider' stands in the documentation because of this.
#[test]
fn with_two_readers_on_one_provider_a_value_that_has_gone_is_exported_once_more() {
    let readers = [Reader::default(), Reader::default()];
    let [first, second] = readers.clone();
    let provider = SdkMeterProvider::builder()
        .with_reader(first)
        .with_reader(second)
        .build();
    let value = Arc::new(AtomicU64::new(1));
    let present = Arc::clone(&value);
    provider
        .meter("test")
        .u64_observable_gauge("x")
        .with_callback(move |instrument| {
            if present.load(Ordering::Relaxed) > 0 {
                instrument.observe(1, &[KeyValue::new("k", "v")]);
            }
        })
        .build();
    let [first, second] = readers;
    assert_eq!(first.collect().values("x"), [1.0]);
    value.store(0, Ordering::Relaxed);
    assert_eq!(
        second.collect().values("x"),
        [1.0],
        "the SDK no longer leaks: tell the docs"
    );
}

/// A collection is told by its callbacks: all of them, in a row, on one thread.
#[test]
fn the_callbacks_of_a_collection_run_in_order_of_registration_on_the_collecting_thread() {
    let (provider, reader) = provider();
    let calls: Arc<Mutex<Vec<(usize, ThreadId)>>> = Arc::default();
    let meter = provider.meter("test");
    for index in 0..10 {
        let calls = Arc::clone(&calls);
        meter
            .f64_observable_gauge(format!("x{index}"))
            .with_callback(move |_| {
                let call = (index, thread::current().id());
                calls.lock().expect("no panic").push(call);
            })
            .build();
    }
    reader.collect();
    let here = thread::current().id();
    let expected: Vec<_> = (0..10).map(|index| (index, here)).collect();
    assert_eq!(*calls.lock().expect("no panic"), expected);
}

/// No callback may be 'the first one' by design.
#[test]
fn a_view_that_drops_an_instrument_drops_its_callback() {
    let reader = Reader::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(dropping("x"))
        .build();
    let called = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&called);
    provider
        .meter("test")
        .u64_observable_gauge("x")
        .with_callback(move |_| {
            calls.fetch_add(1, Ordering::Relaxed);
        })
        .build();
    reader.collect();
    assert_eq!(called.load(Ordering::Relaxed), 0);
}

/// Registration learns by this whether the family's view is in force.
#[test]
fn views_are_asked_while_the_instrument_is_made_and_on_that_thread() {
    let asked: Arc<Mutex<Vec<ThreadId>>> = Arc::default();
    let asks = Arc::clone(&asked);
    let provider = SdkMeterProvider::builder()
        .with_reader(Reader::default())
        .with_view(move |_: &Instrument| {
            asks.lock().expect("no panic").push(thread::current().id());
            None
        })
        .build();
    provider.meter("test").u64_observable_gauge("x").build();
    assert_eq!(*asked.lock().expect("no panic"), [thread::current().id()]);
}

/// Registration learns by this how many callbacks a whole collection has.
#[test]
fn a_callback_that_will_not_run_is_dropped_at_once() {
    let provider = SdkMeterProvider::builder()
        .with_reader(Reader::default())
        .with_view(dropping("x0"))
        .build();
    let owned = Arc::new(());
    for index in 0..3 {
        let owned = Arc::clone(&owned);
        provider
            .meter("test")
            .u64_observable_gauge(format!("x{index}"))
            .with_callback(move |_| drop(Arc::clone(&owned)))
            .build();
    }
    assert_eq!(Arc::strong_count(&owned) - 1, 2);
}

/// How `OverLimit` is counted.
#[test]
fn a_gauge_keeps_the_places_of_series_that_have_gone_for_one_collection_a_counter_does_not() {
    let (provider, reader) = provider();
    let round = Arc::new(AtomicU64::new(0));
    let meter = provider.meter("test");
    let observe = |round: Arc<AtomicU64>| {
        move |instrument: &dyn metric_core::opentelemetry::metrics::AsyncInstrument<u64>| {
            let from = 10_000 * round.load(Ordering::Relaxed) as i64;
            for index in from..from + 1200 {
                instrument.observe(1, &[KeyValue::new("index", index)]);
            }
        }
    };
    meter
        .u64_observable_gauge("gauge")
        .with_callback(observe(Arc::clone(&round)))
        .build();
    meter
        .u64_observable_counter("counter")
        .with_callback(observe(Arc::clone(&round)))
        .build();
    reader.collect();
    round.store(1, Ordering::Relaxed);
    let points = reader.collect();
    let overflow = |name| points.value(name, "otel.metric.overflow", "true");
    assert_eq!(overflow("gauge"), Some(1.0));
    assert_eq!(overflow("counter"), None);
}

/// `RegisterError::AlreadyRegistered` and `NameTaken` tell meters apart by their address.
#[test]
fn a_provider_gives_the_same_meter_for_the_same_scope() {
    fn address(meter: &metric_core::opentelemetry::metrics::Meter) -> usize {
        let provider = meter.u64_observable_gauge("x").instrument_provider;
        std::ptr::from_ref(provider).cast::<()>().addr()
    }
    let (provider, _reader) = provider();
    let first = provider.meter("test");
    let (again, other) = (provider.meter("test"), provider.meter("other"));
    assert_eq!(address(&first), address(&again));
    assert_ne!(address(&first), address(&other));
}

/// Duplicate names are errors, compared without case.
#[test]
fn names_that_differ_in_case_only_are_one_instrument() {
    let (provider, reader) = provider();
    let meter = provider.meter("test");
    for (name, value) in [("name", 1), ("NAME", 2)] {
        meter
            .u64_observable_gauge(name)
            .with_callback(move |instrument| instrument.observe(value, &[]))
            .build();
    }
    assert_eq!(reader.collect().0.len(), 1);
}

/// NaN and infinities are dropped without a word: the family counts them.
#[test]
fn values_that_are_not_finite_are_dropped() {
    let (provider, reader) = provider();
    provider
        .meter("test")
        .f64_observable_gauge("x")
        .with_callback(|instrument| {
            instrument.observe(f64::NAN, &[]);
            instrument.observe(f64::INFINITY, &[]);
        })
        .build();
    assert!(reader.collect().is_empty());
}

/// `Family::new` and the count of `OverLimit` assume this limit.
#[test]
fn the_cardinality_limit_is_2000() {
    let (provider, reader) = provider();
    provider
        .meter("test")
        .u64_observable_gauge("x")
        .with_callback(|instrument| {
            for index in 0..2001 {
                instrument.observe(1, &[KeyValue::new("index", index)]);
            }
        })
        .build();
    let points = reader.collect();
    assert_eq!(points.0.len(), 2001);
    assert_eq!(points.value("x", "otel.metric.overflow", "true"), Some(1.0));
}
