//! Promise 3: no allocation per collection at steady state. Figures of §8: one per `set`.

use std::collections::HashMap;
use std::sync::{Barrier, mpsc};
use std::thread;

use allocation_counter::measure;
use metric_core::opentelemetry::KeyValue;
use metric_core::{Family, MetricCollector, MetricState};
use metric_tests::bare::{Callbacks, Receive};

#[derive(Clone, Copy, Default, MetricState)]
enum Gear {
    #[default]
    Park,
    Drive,
}

#[derive(Clone, Default, MetricCollector)]
#[metric(attributes(make = "T"))]
struct Car {
    #[metric(attribute)]
    model: String,
    #[metric]
    level: Option<i64>,
    #[metric(with = half)]
    power: f64,
    #[metric(counter)]
    distance: u64,
    #[metric]
    gear: Option<Gear>,
    #[metric(info)]
    version: Option<String>,
    #[metric(flatten)]
    climate: Option<Climate>,
    #[metric(flatten(key = "wheel"))]
    wheels: Vec<Wheel>,
    #[metric(flatten(key = "door"))]
    doors: HashMap<String, Door>,
}

#[derive(Clone, Default, MetricCollector)]
struct Climate {
    #[metric(unit = "Cel")]
    inside: f64,
}

#[derive(Clone, Default, MetricCollector)]
struct Wheel {
    #[metric(unit = "bar")]
    pressure: f64,
}

#[derive(Clone, Default, MetricCollector)]
struct Door {
    #[metric]
    open: bool,
}

fn half(power: &f64) -> f64 {
    power / 2.0
}

fn car(n: u32) -> Car {
    let doors = [
        "front left",
        "front right",
        "rear left",
        "rear right",
        "trunk",
    ];
    Car {
        model: "Y".to_owned(),
        level: Some(n.into()),
        power: n.into(),
        distance: n.into(),
        gear: Some(if n.is_multiple_of(2) {
            Gear::Park
        } else {
            Gear::Drive
        }),
        version: Some("2026.38".to_owned()),
        climate: Some(Climate { inside: 21.5 }),
        wheels: vec![Wheel { pressure: 2.9 }; 4],
        // A new map each time: its order is another one each time.
        doors: HashMap::from(doors.map(|door| {
            (
                door.to_owned(),
                Door {
                    open: n.is_multiple_of(3),
                },
            )
        })),
    }
}

struct Ignore;

impl Receive for Ignore {
    fn receive(&self, _name: &str, _value: f64, _attributes: &[KeyValue]) {}
}

fn run(callbacks: &Callbacks) {
    for index in 0..callbacks.count() {
        callbacks.run_into(index, &Ignore);
    }
}

#[test]
fn a_collection_allocates_nothing_at_steady_state_even_if_every_value_is_new() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let cars: Vec<_> = (0..20)
        .map(|index| family.member([KeyValue::new("vin", index)]))
        .collect();
    for n in 0..10 {
        for member in &cars {
            member.set(car(n));
        }
        let allocated = measure(|| run(&callbacks));
        // The points of two collections are kept, so the room for them is there after two.
        if n > 1 {
            assert_eq!(allocated.count_total, 0, "collection {n}");
        }
    }
    assert!(family.dropped().is_empty());
}

#[test]
fn large_maps_of_rich_entries_are_found_again_in_whatever_order_they_come() {
    #[derive(MetricCollector)]
    struct Site {
        #[metric(flatten(key = "id"))]
        machines: HashMap<u64, Machine>,
    }

    #[derive(MetricCollector)]
    struct Machine {
        #[metric(attribute)]
        model: &'static str,
        #[metric]
        gear: Gear,
        #[metric(flatten(key = "wheel"))]
        wheels: [Wheel; 2],
    }

    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let member = family.member([]);
    for n in 0..6 {
        let machine = |id| Machine {
            model: if id % 2 == 0 { "a" } else { "b" },
            gear: Gear::Drive,
            wheels: [Wheel { pressure: 1.0 }, Wheel { pressure: 2.0 }],
        };
        member.set(Site {
            machines: (0..500).map(|id| (id, machine(id))).collect(),
        });
        let allocated = measure(|| run(&callbacks)).count_total;
        assert!(n < 2 || allocated == 0, "collection {n}: {allocated}");
    }
    assert_eq!(callbacks.run().0.len(), 500 * 4);
    assert!(family.dropped().is_empty(), "{:?}", family.dropped());
}

#[test]
fn attributes_that_change_and_members_that_come_and_go_leave_nothing_behind() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let lasting = family.member([KeyValue::new("vin", -1)]);
    let round = |n: u32| {
        let version = Some(n.to_string());
        lasting.set(Car { version, ..car(n) });
        let passing = family.member([KeyValue::new("vin", i64::from(n))]);
        passing.set(car(n));
        run(&callbacks);
    };
    (0..100).for_each(round);
    let left = measure(|| (100..1100).for_each(round)).count_current;
    assert!(left < 50, "{left} allocations of 1,000 rounds are left");
}

#[test]
fn a_set_allocates_once() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let member = family.member([KeyValue::new("vin", 1)]);
    member.set(car(0));
    run(&callbacks);
    for n in 1..10 {
        let value = car(n);
        assert_eq!(measure(|| member.set(value)).count_total, 1);
    }
}

#[test]
fn a_reader_that_collects_on_one_thread_of_a_pool_after_the_other_keeps_its_state() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let cars: Vec<_> = (0..100)
        .map(|index| family.member([KeyValue::new("vin", index)]))
        .collect();
    for member in &cars {
        member.set(car(0));
    }
    run(&callbacks);
    run(&callbacks);

    const THREADS: usize = 8;
    // All threads live until the last one has collected, as those of a pool do.
    let end = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (allocated, allocations) = mpsc::channel();
            let (callbacks, end) = (&callbacks, &end);
            scope.spawn(move || {
                let sent = allocated.send(measure(|| run(callbacks)).count_total);
                end.wait();
                sent
            });
            let allocations = allocations.recv().expect("the thread collects");
            // What a thread sets up for itself at its first look is not ours.
            assert!(allocations < 10, "{allocations} allocations");
        }
        end.wait();
    });
}
