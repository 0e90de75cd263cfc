//! Where the members' snapshots are: places that never move, written and read without a lock.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwapOption;
use opentelemetry::KeyValue;

use crate::attribute::cheap_to_clone;

/// Who a member is.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Not 0, and never given twice.
    pub(crate) id: u64,
    /// Sorted by key, each key once, cheap to clone: the form in which the SDK stores, finds and
    /// exports them fastest.
    pub(crate) attributes: Arc<[KeyValue]>,
}

impl Identity {
    pub(crate) fn new(attributes: impl IntoIterator<Item = KeyValue>) -> Self {
        let mut attributes: Vec<KeyValue> = attributes.into_iter().map(cheap_to_clone).collect();
        // Stable, and `dedup_by` keeps the first: reversed, the last one given counts.
        attributes.reverse();
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        attributes.dedup_by(|a, b| a.key == b.key);
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Identity {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            attributes: attributes.into(),
        }
    }
}

/// What a member reports until its next `set`.
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    /// The member's `Identity::id`. Not the identity itself: to count its owners would slow each
    /// `set`, the more so while collections use the attributes, which lie near it.
    pub(crate) member: u64,
    pub(crate) value: T,
}

/// One member's place.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    /// `None`: free, or a member that reports nothing now.
    pub(crate) snapshot: ArcSwapOption<Snapshot<T>>,
    /// Whose place it is. Set before the member's first snapshot is.
    identity: ArcSwapOption<Identity>,
}

impl<T> Slot<T> {
    const fn free() -> Self {
        Slot {
            snapshot: ArcSwapOption::const_empty(),
            identity: ArcSwapOption::const_empty(),
        }
    }

    /// Makes the place, which reports nothing now, that of `identity`.
    pub(crate) fn assign(&self, identity: &Arc<Identity>) {
        self.identity.store(Some(Arc::clone(identity)));
    }

    /// The attributes of the member `id`, if the place is still its own.
    pub(crate) fn attributes_of(&self, id: u64) -> Option<Arc<[KeyValue]>> {
        let identity = self.identity.load();
        let own = identity.as_ref().filter(|identity| identity.id == id);
        own.map(|identity| Arc::clone(&identity.attributes))
    }
}

/// The size of the first chunk; each further one is twice as large as the one before.
const FIRST_CHUNK: usize = 32;

/// Enough chunks for 2³² places.
const CHUNKS: usize = 27;

/// All places of a family. Grows by whole chunks, so that a place keeps its address and readers
/// need no lock; does not shrink (a free place takes 16 bytes).
pub(crate) struct Slots<T> {
    chunks: [OnceLock<Box<[Slot<T>]>>; CHUNKS],
    /// How many places were ever taken: where readers may stop.
    used: AtomicUsize,
    /// Taken by those who come and go, never by readers nor by `set`.
    free: Mutex<Vec<usize>>,
}

impl<T> Slots<T> {
    pub(crate) fn new() -> Self {
        Slots {
            chunks: [const { OnceLock::new() }; CHUNKS],
            used: AtomicUsize::new(0),
            free: Mutex::new(Vec::new()),
        }
    }

    /// Takes a free place and returns its index.
    pub(crate) fn take(&self) -> usize {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = free.pop() {
            return index;
        }
        let index = self.used.load(Ordering::Relaxed);
        let (chunk, _) = locate(index);
        self.chunks[chunk].get_or_init(|| {
            let size = FIRST_CHUNK << chunk;
            (0..size).map(|_| Slot::free()).collect()
        });
        self.used.store(index + 1, Ordering::Release);
        index
    }

    /// Empties a place and frees it.
    pub(crate) fn release(&self, index: usize) {
        let slot = self.get(index);
        let last = slot.snapshot.swap(None);
        slot.identity.store(None);
        {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            free.push(index);
        }
        // After all is done, since a user's `Drop` may panic.
        drop(last);
    }

    /// The place `index`, which was taken.
    pub(crate) fn get(&self, index: usize) -> &Slot<T> {
        let (chunk, offset) = locate(index);
        let Some(chunk) = self.chunks[chunk].get() else {
            unreachable!("a place is given out only after its chunk was made")
        };
        &chunk[offset]
    }

    /// How many places are taken.
    pub(crate) fn len(&self) -> usize {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        self.used.load(Ordering::Relaxed) - free.len()
    }

    /// All places that were ever taken, in the order of their indices.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot<T>> {
        let used = self.used.load(Ordering::Acquire);
        let chunks = self.chunks.iter().map_while(OnceLock::get);
        chunks.flat_map(|chunk| chunk.iter()).take(used)
    }
}

/// The chunk and the place in it of the place `index`.
fn locate(index: usize) -> (usize, usize) {
    let position = index / FIRST_CHUNK + 1;
    let chunk = position.ilog2() as usize;
    (chunk, index - FIRST_CHUNK * ((1 << chunk) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_one_another_without_gap_or_overlap() {
        let mut expected = (0, 0);
        for index in 0..100_000 {
            assert_eq!(locate(index), expected, "index {index}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }

    #[test]
    fn a_freed_place_is_taken_again() {
        let slots = Slots::<u8>::new();
        let indices: Vec<_> = (0..100).map(|_| slots.take()).collect();
        assert_eq!(slots.len(), 100);
        slots.release(indices[42]);
        assert_eq!(slots.len(), 99);
        assert_eq!(slots.take(), 42);
        assert_eq!(slots.iter().count(), 100);
    }

    #[test]
    fn a_place_gives_its_attributes_to_none_but_its_member() {
        let slot = Slot::<u8>::free();
        let (first, second) = (Identity::new([]), Identity::new([]));
        let (first, second) = (Arc::new(first), Arc::new(second));
        slot.assign(&first);
        assert!(slot.attributes_of(first.id).is_some());
        slot.assign(&second);
        assert!(slot.attributes_of(first.id).is_none());
        assert!(slot.attributes_of(second.id).is_some());
    }

    #[test]
    fn attributes_are_cloned_without_allocating() {
        let identity = Identity::new([KeyValue::new(String::from("vin"), String::from("5YJ0"))]);
        let [own] = &*identity.attributes else {
            panic!("one attribute")
        };
        let clone = own.clone();
        assert!(std::ptr::eq(own.key.as_str(), clone.key.as_str()));
        assert!(std::ptr::eq(&*own.value.as_str(), &*clone.value.as_str()));
    }

    #[test]
    fn attributes_are_sorted_and_the_last_of_a_key_counts() {
        let identity = Identity::new([
            KeyValue::new("vin", "A"),
            KeyValue::new("make", "T"),
            KeyValue::new("vin", "B"),
        ]);
        assert_eq!(
            *identity.attributes,
            [KeyValue::new("make", "T"), KeyValue::new("vin", "B")]
        );
    }
}
