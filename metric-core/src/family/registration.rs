//! A family on a meter: the callbacks, and when a collection begins.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use opentelemetry::metrics::AsyncInstrument;

use super::Shared;
use super::collection::{Collection, FromBits, Plan};
use super::dropped::{DropReason, Drops};
use crate::MetricCollector;
use crate::panics::caught;

/// What the callbacks of a family on one meter share. They are its only owners, so that it ends
/// with the meter's provider.
pub(crate) struct Registration<T> {
    /// Weak, since the SDK keeps callbacks for as long as its provider lives.
    family: Weak<Shared<T>>,
    drops: Arc<Drops>,
    /// Set once the last instrument stands; nothing is reported before.
    ready: OnceLock<Ready>,
    /// Taken by collecting threads only, never by those who set values.
    readers: Mutex<Vec<Reader>>,
    /// The thread that runs users' code for this registration, while it holds `readers`.
    visiting: AtomicUsize,
}

/// What is known once all instruments stand.
struct Ready {
    plans: Arc<[Plan]>,
    /// How many callbacks the SDK kept: a view may have dropped some.
    callbacks: usize,
}

/// A collection, and which callbacks have reported in it.
///
/// The SDK tells a callback neither when a collection begins nor for which reader it runs. But a
/// reader's collection runs all callbacks in a row on one thread: a callback that comes round
/// again on its thread begins a new collection. This holds whichever instruments a view drops.
struct Reader {
    thread: usize,
    reported: Box<[bool]>,
    count: usize,
    /// `None` as long as no collection began with all instruments in place.
    collection: Option<Collection>,
}

impl<T: MetricCollector> Registration<T> {
    pub(crate) fn new(family: &Arc<Shared<T>>) -> Self {
        Registration {
            family: Arc::downgrade(family),
            drops: Arc::clone(&family.drops),
            ready: OnceLock::new(),
            readers: Mutex::new(Vec::new()),
            visiting: AtomicUsize::new(0),
        }
    }

    /// All instruments stand. Returns how many callbacks the SDK kept.
    pub(crate) fn ready(self: &Arc<Self>, plans: Box<[Plan]>) -> usize {
        // One owner is the caller; each other one is a callback.
        let callbacks = Arc::strong_count(self) - 1;
        let plans = plans.into();
        self.ready.get_or_init(|| Ready { plans, callbacks });
        callbacks
    }

    /// The callback of the metric `index`.
    pub(crate) fn report<N: FromBits>(&self, index: usize, instrument: &dyn AsyncInstrument<N>) {
        // What we run for users is caught where it costs least; this is for what is left, such as
        // a subscriber of our warnings, or the drop of a family's last member.
        if caught(|| self.collect(index, instrument)).is_none() {
            let _ = caught(|| self.drops.count(index, DropReason::Panicked, 1));
        }
    }

    fn collect<N: FromBits>(&self, index: usize, instrument: &dyn AsyncInstrument<N>) {
        let thread = this_thread();
        if self.visiting.load(Ordering::Relaxed) == thread {
            // Users' code, run by a collection on this thread, collects in turn.
            self.drops.count(index, DropReason::Nested, 1);
            return;
        }
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.family.strong_count() == 0 {
            // The callback stays for as long as the provider; what it held need not.
            *readers = Vec::new();
            return;
        }
        // Noted before the last instrument stands, too: a collection that runs meanwhile must be
        // told from the next one, or each later one would begin in its middle.
        let ready = self.ready.get();
        let callbacks = ready.map(|ready| ready.callbacks);
        let reader = reader(&mut readers, thread, callbacks, const { T::SCHEMA.len() });
        let begins = reader.begins_with(index);
        let Some(ready) = ready else { return };
        if begins && let Some(family) = self.family.upgrade() {
            let new = || Collection::new(Arc::clone(&ready.plans));
            let collection = reader.collection.get_or_insert_with(new);
            let _visiting = Visiting::new(&self.visiting, thread);
            collection.visit(&family.slots, &self.drops);
            // Inside, as the last owner may be here: its members' values are users' code too.
            drop(family);
        }
        // `None`: this collection began before the last instrument stood.
        if let Some(collection) = &reader.collection {
            collection.report(index, instrument);
        }
    }
}

/// The reader of this thread.
fn reader(
    readers: &mut Vec<Reader>,
    thread: usize,
    callbacks: Option<usize>,
    metrics: usize,
) -> &mut Reader {
    let known = readers.iter().position(|reader| reader.thread == thread);
    // A reader may collect on another thread each time (a pool's): what another thread has
    // finished is taken over, so that there are no more of them than readers.
    let finished = |reader: &Reader| Some(reader.count) == callbacks;
    let index = known.or_else(|| readers.iter().position(finished));
    let index = index.unwrap_or_else(|| {
        readers.push(Reader::new(thread, metrics));
        readers.len() - 1
    });
    let reader = &mut readers[index];
    if reader.thread != thread {
        reader.thread = thread;
        reader.count = 0;
    }
    reader
}

impl Reader {
    fn new(thread: usize, metrics: usize) -> Self {
        Reader {
            thread,
            reported: vec![false; metrics].into(),
            count: 0,
            collection: None,
        }
    }

    /// Notes that the callback `index` reports, and says whether a new collection begins with it.
    fn begins_with(&mut self, index: usize) -> bool {
        let begins = self.count == 0 || self.reported[index];
        if begins {
            self.reported.fill(false);
            self.count = 0;
        }
        self.reported[index] = true;
        self.count += 1;
        begins
    }
}

thread_local! {
    /// How many visits of members, of any family, are under way on this thread.
    static VISITS: Cell<usize> = const { Cell::new(0) };
}

/// Users' code runs on this thread, within a collection.
struct Visiting<'a>(&'a AtomicUsize);

impl<'a> Visiting<'a> {
    fn new(visiting: &'a AtomicUsize, thread: usize) -> Self {
        visiting.store(thread, Ordering::Relaxed);
        VISITS.with(|visits| visits.set(visits.get() + 1));
        Visiting(visiting)
    }
}

impl Drop for Visiting<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
        VISITS.with(|visits| visits.set(visits.get() - 1));
    }
}

/// Whether this thread is in the middle of a collection.
pub(crate) fn is_collecting() -> bool {
    VISITS.with(Cell::get) > 0
}

/// A number, not 0, that no other thread alive has.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}
