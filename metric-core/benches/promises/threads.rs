//! One thread sets values while another one collects.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::arguments::Effort;
use crate::callbacks::Callbacks;
use crate::clock::time;
use crate::paired::Paired;
use crate::sdk::Sdk;
use crate::sides::{ByFamily, Fleet};
use crate::table::Row;
use crate::vehicle::Vehicle;

/// How many values are set, and how many collections made, in one round.
const SETS: usize = 10_000;
const COLLECTIONS: usize = 10;

pub(crate) fn measure(effort: Effort) -> Vec<Row> {
    let time = match effort {
        Effort::Full => Duration::from_secs(3),
        Effort::Quick => Duration::from_millis(600),
        Effort::Smoke => Duration::ZERO,
    };
    vec![
        writer_beside_sdk(time, 1),
        writer_beside_sdk(time, 100),
        writer_beside_callbacks(time),
        collector_beside_writer(time),
    ]
}

/// A writer's throughput while the SDK collects all the time, against the same writer alone.
fn writer_beside_sdk(time: Duration, members: usize) -> Row {
    let mut sdk = Sdk::new(members);
    let fleet = ByFamily::new(members, &sdk.meter());
    fleet.set_all(0);
    let paired = beside(time, || set_many(&fleet), || sdk.collect());
    throughput(
        &format!("while collecting ÷ alone, members: {members}"),
        "≥ 0.9",
        &paired,
    )
}

/// The worst case: a collector that does nothing else than to read the very member that is set.
fn writer_beside_callbacks(time: Duration) -> Row {
    let (meter, callbacks) = Callbacks::meter();
    let fleet = ByFamily::new(1, &meter);
    fleet.set_all(0);
    let collect = || {
        callbacks.collect();
    };
    let paired = beside(time, || set_many(&fleet), collect);
    throughput(
        "while the callbacks run without pause ÷ alone, members: 1",
        "",
        &paired,
    )
}

/// A collection's time while a writer sets all members without pause, against the same alone.
fn collector_beside_writer(time: Duration) -> Row {
    let mut sdk = Sdk::new(100);
    let fleet = ByFamily::new(100, &sdk.meter());
    fleet.set_all(0);
    let collect = || (0..COLLECTIONS).for_each(|_| sdk.collect());
    let paired = beside(time, collect, || set_many(&fleet));
    let [median, low, high] = paired.ratio();
    Row {
        what: "collection while setting ÷ alone, members: 100".to_owned(),
        must: "",
        measured: format!("{median:.3}"),
        details: format!(
            "{low:.3} to {high:.3}; {:.0} ÷ {:.0} µs a collection, {} rounds",
            paired.first_ns() / 1e3 / COLLECTIONS as f64,
            paired.second_ns() / 1e3 / COLLECTIONS as f64,
            paired.rounds(),
        ),
    }
}

fn throughput(what: &str, must: &'static str, paired: &Paired) -> Row {
    // As much was done in both: throughputs are as the inverse of the times.
    let [median, low, high] = paired.ratio().map(f64::recip);
    Row {
        what: format!("sets per second {what}"),
        must,
        measured: format!("{median:.3}"),
        details: format!(
            "{high:.3} to {low:.3}; {:.0} and {:.0} ns a set, {} rounds",
            paired.first_ns() / SETS as f64,
            paired.second_ns() / SETS as f64,
            paired.rounds(),
        ),
    }
}

fn set_many(fleet: &ByFamily) {
    let vehicle = Vehicle::sample(1);
    for index in 0..SETS {
        fleet.set(index % fleet.len(), vehicle.clone());
    }
}

/// How long `foreground` takes while `background` runs on another thread, and alone.
fn beside(
    time_over: Duration,
    mut foreground: impl FnMut(),
    background: impl FnMut() + Send,
) -> Paired {
    let switch = Switch::default();
    let mut paired = Paired::default();
    thread::scope(|scope| {
        let thread = scope.spawn(|| switch.obey(background));
        let foreground = RefCell::new(&mut foreground);
        let round = |on| {
            switch.turn(on, thread.thread());
            time(|| foreground.borrow_mut()())
        };
        paired.run(time_over, || round(true), || round(false));
        switch.end(thread.thread());
    });
    paired
}

/// Turns a thread's work on and off.
#[derive(Default)]
struct Switch {
    wanted: AtomicBool,
    works: AtomicBool,
    over: AtomicBool,
}

impl Switch {
    fn obey(&self, mut work: impl FnMut()) {
        while !self.over.load(Ordering::Acquire) {
            let wanted = self.wanted.load(Ordering::Acquire);
            self.works.store(wanted, Ordering::Release);
            if wanted {
                work();
            } else {
                thread::park();
            }
        }
    }

    fn turn(&self, on: bool, thread: &Thread) {
        self.wanted.store(on, Ordering::Release);
        thread.unpark();
        while self.works.load(Ordering::Acquire) != on {
            thread::yield_now();
        }
    }

    fn end(&self, thread: &Thread) {
        self.over.store(true, Ordering::Release);
        thread.unpark();
    }
}
