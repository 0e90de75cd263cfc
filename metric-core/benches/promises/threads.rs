//! One thread sets values while another one collects.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::arguments::Effort;
use crate::callbacks::Callbacks;
use crate::clock::{now, time};
use crate::paired::Paired;
use crate::sdk::Sdk;
use crate::sides::{ByFamily, ByHand, Fleet};
use crate::table::{Row, members};
use crate::vehicle::Vehicle;

/// How many values are set, and how many collections made, in one round.
const SETS: usize = 5000;
const COLLECTIONS: usize = 4;

pub(crate) fn measure(effort: Effort) -> Vec<Row> {
    let time = match effort {
        Effort::Full => Duration::from_secs(3),
        Effort::Quick => Duration::from_millis(600),
        Effort::Smoke => Duration::ZERO,
    };
    vec![
        Row {
            must: "≥ 0.9",
            ..writer_beside_sdk("sets", time, 1, ByFamily::new)
        },
        Row {
            must: "≥ 0.9",
            ..writer_beside_sdk("sets", time, 100, ByFamily::new)
        },
        writer_beside_sdk("sets by hand", time, 1, ByHand::new),
        writer_beside_callbacks(time),
        writer_beside_others(time),
        collector_beside_writer(time),
    ]
}

/// A writer's throughput while the SDK collects all the time, against the same writer alone.
fn writer_beside_sdk<F: Fleet>(
    what: &str,
    time: Duration,
    count: usize,
    new: fn(usize) -> F,
) -> Row {
    let (mut sdk, fleet) = fleet(count, new);
    let paired = beside(time, || set_many(&fleet), || sdk.collect());
    throughput(&format!("{what} while collecting"), count, &paired)
}

/// The worst case: a collector that does nothing else than to read the very member that is set.
fn writer_beside_callbacks(time: Duration) -> Row {
    let (meter, callbacks) = Callbacks::meter();
    let fleet = ByFamily::new(1);
    fleet.register(&meter);
    fleet.set_all(0);
    let collect = || {
        for _ in 0..COLLECTIONS {
            callbacks.collect();
        }
    };
    let paired = beside(time, || set_many(&fleet), collect);
    throughput("sets while nothing but callbacks run", 1, &paired)
}

/// What the machine itself takes for a second thread: the collector's members are others.
fn writer_beside_others(time: Duration) -> Row {
    let (mut sdk, _others) = fleet(1, ByFamily::new);
    let (_sdk, fleet) = fleet(1, ByFamily::new);
    let paired = beside(time, || set_many(&fleet), || sdk.collect());
    throughput("sets while collecting others", 1, &paired)
}

/// A collection's time while a writer sets all members without pause, against the same alone.
fn collector_beside_writer(time: Duration) -> Row {
    let (mut sdk, fleet) = fleet(100, ByFamily::new);
    let collect = || (0..COLLECTIONS).for_each(|_| sdk.collect());
    let paired = beside(time, collect, || set_many(&fleet));
    paired.row(
        "collection while setting ÷ alone: 100 members".to_owned(),
        1000.0 * COLLECTIONS as f64,
        "µs a collection",
    )
}

fn fleet<F: Fleet>(members: usize, new: fn(usize) -> F) -> (Sdk, F) {
    let fleet = new(members);
    let sdk = Sdk::new(&fleet);
    fleet.set_all(0);
    (sdk, fleet)
}

fn throughput(what: &str, count: usize, paired: &Paired) -> Row {
    let what = format!("{what} ÷ alone: {}", members(count));
    paired.throughput_row(what, SETS as f64, "ns a set")
}

fn set_many(fleet: &impl Fleet) {
    let vehicle = Vehicle::sample(1);
    for index in 0..SETS {
        fleet.set(index % fleet.len(), vehicle.clone());
    }
}

/// How long `foreground` takes while `background` runs on another thread, and alone.
fn beside(
    time_over: Duration,
    foreground: impl FnMut(),
    background: impl FnMut() + Send,
) -> Paired {
    let other = Other::default();
    let mut paired = Paired::default();
    thread::scope(|scope| {
        let handle = scope.spawn(|| other.obey(background));
        let thread = handle.thread();
        let foreground = RefCell::new(foreground);
        let foreground = || time(|| foreground.borrow_mut()());
        let beside = || {
            other.turn(true, thread);
            other.beside(foreground)
        };
        let alone = || {
            other.turn(false, thread);
            Some(foreground())
        };
        paired.run_if(time_over, beside, alone);
        other.end(thread);
    });
    paired
}

/// What another thread is told, and tells. On cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Other {
    wanted: AtomicBool,
    works: AtomicBool,
    over: AtomicBool,
    /// How many nanoseconds it has worked.
    worked: AtomicU64,
}

impl Other {
    fn obey(&self, mut work: impl FnMut()) {
        while !self.over.load(Ordering::Acquire) {
            let wanted = self.wanted.load(Ordering::Acquire);
            self.works.store(wanted, Ordering::Release);
            if wanted {
                work();
                let worked = now().as_nanos() as u64;
                self.worked.store(worked, Ordering::Relaxed);
            } else {
                thread::park();
            }
        }
    }

    /// What `run` gives while the thread works; `None` if the machine is too busy to run both at
    /// once.
    fn beside(&self, run: impl Fn() -> Duration) -> Option<Duration> {
        let worked = || Duration::from_nanos(self.worked.load(Ordering::Relaxed));
        (0..30).find_map(|_| {
            let (start, before) = (Instant::now(), worked());
            let time = run();
            let most = start.elapsed() * 9 / 10;
            (time > most && worked() - before > most).then_some(time)
        })
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
