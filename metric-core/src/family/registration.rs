//! A family on a meter: the callbacks, and when a collection begins.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use opentelemetry::metrics::AsyncInstrument;

use super::Shared;
use super::collection::{Collection, FromBits, Plan};
use super::dropped::Drops;
use crate::MetricCollector;

/// What the callbacks of a family on one meter share.
pub(crate) struct Registration<T> {
    /// Weak, since the SDK keeps callbacks for as long as its provider lives.
    family: Weak<Shared<T>>,
    drops: Arc<Drops>,
    /// Set once the last instrument stands; callbacks report nothing before.
    plans: OnceLock<Arc<[Plan]>>,
    /// Taken by collecting threads only, never by those who set values.
    readers: Mutex<Vec<Reader>>,
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
    /// How many callbacks a whole collection has; 0 as long as that is not known.
    whole: usize,
    begun: bool,
    /// The first collection was passed, which may have run during the registration.
    settled: bool,
    collection: Collection,
}

impl<T: MetricCollector> Registration<T> {
    pub(crate) fn new(family: &Arc<Shared<T>>) -> Self {
        Registration {
            family: Arc::downgrade(family),
            drops: Arc::clone(&family.drops),
            plans: OnceLock::new(),
            readers: Mutex::new(Vec::new()),
        }
    }

    /// All instruments stand.
    pub(crate) fn ready(&self, plans: Box<[Plan]>) {
        self.plans.get_or_init(|| plans.into());
    }

    /// The callback of the metric `index`.
    pub(crate) fn report<N: FromBits>(&self, index: usize, instrument: &dyn AsyncInstrument<N>) {
        let Some(plans) = self.plans.get() else {
            return;
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = reader(&mut readers, plans);
        if reader.begins_with(index) {
            match self.family.upgrade() {
                Some(family) => reader.collection.visit(&family.slots, &self.drops),
                None => reader.collection.clear(),
            }
        }
        reader.collection.report(index, instrument, &self.drops);
    }
}

/// The reader of this thread.
fn reader<'a>(readers: &'a mut Vec<Reader>, plans: &Arc<[Plan]>) -> &'a mut Reader {
    let thread = this_thread();
    let known = readers.iter().position(|reader| reader.thread == thread);
    // A reader may collect on another thread each time (a pool's): what another thread has
    // finished is taken over, so that there are no more of them than readers.
    let usable = known.or_else(|| readers.iter().position(Reader::is_whole));
    let index = usable.unwrap_or_else(|| {
        readers.push(Reader::new(Arc::clone(plans)));
        readers.len() - 1
    });
    let reader = &mut readers[index];
    if reader.thread != thread {
        reader.thread = thread;
        reader.begun = false;
    }
    reader
}

impl Reader {
    fn new(plans: Arc<[Plan]>) -> Self {
        Reader {
            thread: 0,
            reported: plans.iter().map(|_| false).collect(),
            count: 0,
            whole: 0,
            begun: false,
            settled: false,
            collection: Collection::new(plans),
        }
    }

    /// Whether the collection on its thread has come to its end.
    fn is_whole(&self) -> bool {
        self.count == self.reported.len() || self.count == self.whole
    }

    /// Notes that the callback `index` reports, and says whether a new collection begins with it.
    fn begins_with(&mut self, index: usize) -> bool {
        let begins = !self.begun || self.reported[index];
        if begins {
            if self.begun {
                if self.settled {
                    self.whole = self.whole.max(self.count);
                }
                self.settled = true;
            }
            self.reported.fill(false);
            self.count = 0;
            self.begun = true;
        }
        self.reported[index] = true;
        self.count += 1;
        begins
    }
}

/// A number that no other thread alive has.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}
