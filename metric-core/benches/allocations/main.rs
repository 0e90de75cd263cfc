//! What is promised of the heap: exact counts, of a collection at steady state and of what sets
//! values.
//!
//! `cargo bench -p metric-core --bench allocations`. A bench of its own, since an allocator that
//! counts takes its time, which the other one measures.

#[path = "../common/arguments.rs"]
mod arguments;
#[path = "../common/by_hand.rs"]
mod by_hand;
#[path = "../common/callbacks.rs"]
mod callbacks;
#[path = "../common/car.rs"]
mod car;
#[path = "../common/sdk.rs"]
mod sdk;
#[path = "../common/sides.rs"]
mod sides;
#[path = "../common/table.rs"]
mod table;
#[path = "../common/vehicle.rs"]
mod vehicle;

use std::process::ExitCode;

use allocation_counter::measure;
use metric_core::{Family, Member, MetricCollector};

use arguments::Effort;
use callbacks::Callbacks;
use car::Car;
use sdk::Sdk;
use sides::{ByFamily, ByHand, Fleet, attributes};
use table::Row;
use vehicle::{METRICS, Vehicle};

/// How many collections are looked at, after as many that are not.
const COLLECTIONS: u64 = 20;

fn main() -> ExitCode {
    if Effort::from_arguments().is_none() {
        return ExitCode::SUCCESS;
    }
    let rows = [
        collections("37 metrics", 1000, Vehicle::sample),
        collections("states, info, attributes, maps", 100, Car::sample),
        set(),
        update(),
        clear(),
        sdk("family", ByFamily::new),
        sdk("by hand", ByHand::new),
        sdk("by hand as usual", ByHand::as_usual),
    ];
    table::print("heap allocations", &rows);
    // Unlike times, counts are the same on every machine.
    let broken = |row: &Row| !row.must.is_empty() && row.must != row.measured;
    ExitCode::from(u8::from(rows.iter().any(broken)))
}

/// The callbacks' own allocations; every member is set anew before each collection.
fn collections<T>(what: &str, count: usize, sample: impl Fn(u64) -> T) -> Row
where
    T: MetricCollector + Send + Sync + 'static,
{
    let (meter, callbacks) = Callbacks::meter();
    let family = Family::<T>::new();
    family.register(&meter).expect("a fresh meter");
    let members: Vec<_> = members(&family, count);
    let (mut most, mut points) = (0, 0);
    for collection in 0..2 * COLLECTIONS {
        members
            .iter()
            .for_each(|member| member.set(sample(collection)));
        let allocations = allocations(|| points = callbacks.collect());
        if collection >= COLLECTIONS {
            most = most.max(allocations);
        }
    }
    assert!(points > 0 && family.dropped().is_empty(), "{family:?}");
    Row {
        what: format!("collection, our code: {what}, {}", table::members(count)),
        must: "0",
        measured: most.to_string(),
        details: format!("most of {COLLECTIONS} collections, {points} points each"),
    }
}

fn members<T>(family: &Family<T>, count: usize) -> Vec<Member<T>>
where
    T: MetricCollector + Send + Sync + 'static,
{
    (0..count)
        .map(|index| family.member(attributes(index)))
        .collect()
}

fn set() -> Row {
    let member = member();
    let vehicle = Vehicle::sample(1);
    let count = allocations(|| member.set(vehicle.clone()));
    row("`set` of 37 fields", "1", count, "the new snapshot")
}

fn update() -> Row {
    let member = member();
    let count = allocations(|| member.update(|vehicle| vehicle.power = Some(1)));
    row("`update` of 37 fields", "1", count, "the new snapshot")
}

fn clear() -> Row {
    let member = member();
    row("`clear`", "0", allocations(|| member.clear()), "")
}

fn member() -> Member<Vehicle> {
    let member = Family::new().member(attributes(0));
    // A thread's first call makes room for its bookkeeping.
    member.set(Vehicle::sample(0));
    member.update(|vehicle| vehicle.power = None);
    member
}

/// What the SDK allocates for a point, which depends on the attributes that it is given.
fn sdk<F: Fleet>(what: &str, fleet: fn(usize) -> F) -> Row {
    const MEMBERS: usize = 100;
    let fleet = fleet(MEMBERS);
    let mut sdk = Sdk::new(&fleet);
    fleet.set_all(0);
    (0..3).for_each(|_| sdk.collect());
    let count = allocations(|| sdk.collect());
    assert_eq!(sdk.points(), METRICS * fleet.len());
    fleet.check();
    Row {
        what: format!("collection, all with the SDK: {what}"),
        must: "",
        measured: format!("{:.1}", count as f64 / sdk.points() as f64),
        details: "a point".to_owned(),
    }
}

fn row(what: &str, must: &'static str, count: u64, details: &str) -> Row {
    Row {
        what: what.to_owned(),
        must,
        measured: count.to_string(),
        details: details.to_owned(),
    }
}

fn allocations(run: impl FnOnce()) -> u64 {
    measure(run).count_total
}
