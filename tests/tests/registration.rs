//! Promise 4: registered once. Members come and go; instruments do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use metric_core::opentelemetry::metrics::{MeterProvider, noop::NoopMeterProvider};
use metric_core::opentelemetry::{KeyValue, global};
use metric_core::{Family, MetricCollector, RegisterError};
use metric_tests::Reader;
use metric_tests::bare::Callbacks;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric]
    level: u8,
    #[metric]
    speed: f64,
}

/// A provider that counts the instruments made on it.
fn counting() -> (SdkMeterProvider, Reader, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let reader = Reader::default();
    let count = Arc::clone(&made);
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(move |_: &Instrument| {
            count.fetch_add(1, Ordering::Relaxed);
            None
        })
        .build();
    (provider, reader, made)
}

#[test]
fn there_is_one_instrument_per_metric_however_many_members_come_and_go() {
    let (provider, reader, made) = counting();
    let family = Family::new();
    family.register(&provider.meter("test")).expect("fresh");
    for round in 0..5 {
        let members: Vec<_> = (0..100)
            .map(|index| {
                let member = family.member([KeyValue::new("index", index)]);
                member.set(Car::default());
                member
            })
            .collect();
        assert_eq!(reader.collect().0.len(), 2 * 100, "round {round}");
        drop(members);
        assert!(reader.collect().is_empty());
    }
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_family_reports_on_every_meter_it_is_registered_on() {
    let family = Family::new();
    let (first, first_reader, _) = counting();
    let (second, second_reader, _) = counting();
    family.register(&first.meter("test")).expect("fresh");
    family
        .register(&second.meter("test"))
        .expect("another provider");
    family
        .register(&second.meter("other"))
        .expect("another scope");
    let car = family.member([]);
    car.set(Car {
        level: 3,
        speed: 4.0,
    });
    assert_eq!(first_reader.collect().values("car.level"), [3.0]);
    assert_eq!(second_reader.collect().values("car.level"), [3.0, 3.0]);
    car.set(Car::default());
    assert_eq!(first_reader.collect().values("car.level"), [0.0]);
    assert_eq!(second_reader.collect().values("car.level"), [0.0, 0.0]);
}

#[test]
fn a_second_registration_on_the_same_meter_is_refused() {
    let (provider, reader, made) = counting();
    let family = Family::new();
    family.register(&provider.meter("test")).expect("fresh");
    let again = family.clone().register(&provider.meter("test"));
    assert_eq!(again, Err(RegisterError::AlreadyRegistered));
    assert_eq!(made.load(Ordering::Relaxed), 2);
    let car = family.member([]);
    car.set(Car::default());
    assert_eq!(reader.collect().0.len(), 2);
}

#[test]
fn a_name_that_another_family_has_on_the_meter_is_refused_whatever_its_case() {
    #[derive(MetricCollector)]
    #[metric(prefix = "CAR")]
    struct Other {
        #[metric]
        speed: f64,
    }
    let (provider, _reader, made) = counting();
    let cars = Family::<Car>::new();
    cars.register(&provider.meter("test")).expect("fresh");
    let other = Family::<Other>::new();
    let Err(error) = other.register(&provider.meter("test")) else {
        panic!("registered twice")
    };
    let RegisterError::NameTaken { name, by } = &error else {
        panic!("{error}")
    };
    assert_eq!((name.as_str(), *by), ("car.speed", "Car"));
    assert!(error.to_string().contains("another `prefix`"), "{error}");
    assert_eq!(
        made.load(Ordering::Relaxed),
        2,
        "nothing of it was registered"
    );

    let elsewhere = other.register(&provider.meter("elsewhere"));
    assert_eq!(elsewhere, Ok(()));

    // What has gone is in nobody's way.
    drop(cars);
    assert_eq!(other.register(&provider.meter("test")), Ok(()));
}

#[test]
fn a_meter_without_an_sdk_is_refused_instead_of_ignored() {
    let family = Family::<Car>::new();
    let noop = NoopMeterProvider::new().meter("test");
    assert_eq!(family.register(&noop), Err(RegisterError::NoopMeter));
    let Err(error) = family.register(&global::meter("test")) else {
        panic!("registered on the API's no-op meter")
    };
    assert!(error.to_string().contains("set_meter_provider"), "{error}");

    let (provider, ..) = counting();
    provider.shutdown().expect("first shutdown");
    let late = family.register(&provider.meter("late"));
    assert_eq!(
        late,
        Err(RegisterError::NoopMeter),
        "a provider that was shut down"
    );
}

#[test]
fn a_family_dropped_before_its_provider_leaves_nothing_behind() {
    let (provider, reader, _) = counting();
    let family = Family::new();
    family.register(&provider.meter("test")).expect("fresh");
    let car = family.member([]);
    car.set(Car::default());
    drop(family);
    assert_eq!(reader.collect().0.len(), 2, "members live on by themselves");
    drop(car);
    assert!(reader.collect().is_empty());
}

#[test]
fn a_provider_that_would_export_nothing_is_an_error() {
    let family = Family::<Car>::new();
    let without_reader = SdkMeterProvider::builder().build();
    let refused = family.register(&without_reader.meter("test"));
    assert_eq!(refused, Err(RegisterError::Ignored));

    let drop_all = |_: &Instrument| {
        Stream::builder()
            .with_aggregation(Aggregation::Drop)
            .build()
            .ok()
    };
    let dropping = SdkMeterProvider::builder()
        .with_reader(Reader::default())
        .with_view(drop_all)
        .build();
    let refused = family.register(&dropping.meter("test"));
    assert_eq!(refused, Err(RegisterError::Ignored));

    let (provider, ..) = counting();
    assert_eq!(family.register(&provider.meter("test")), Ok(()));
}

/// A bare meter that tells when its callbacks are gone stands for a provider here.
#[test]
fn a_provider_that_has_gone_is_let_go_by_the_families_on_it() {
    let family = Family::<Car>::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let left = Arc::downgrade(&callbacks);
    drop((callbacks, meter));
    assert!(left.upgrade().is_none(), "kept by the family");
}

#[test]
fn what_a_family_held_for_its_reader_is_let_go_when_it_has_gone() {
    let (provider, reader, _) = counting();
    let family = Family::new();
    family.register(&provider.meter("test")).expect("fresh");
    let text: Arc<str> = Arc::from("a text that can be followed");
    let car = family.member([KeyValue::new("text", Arc::clone(&text))]);
    car.set(Car::default());
    reader.collect();
    drop((family, car));
    reader.collect();
    // The SDK forgets the series in the collection after the last one that had it.
    reader.collect();
    assert_eq!(Arc::strong_count(&text), 1);
}
