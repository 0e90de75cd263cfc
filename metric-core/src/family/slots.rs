//! Where the members' snapshots are: places that never move, written and read without a lock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwapOption;
use opentelemetry::KeyValue;

use crate::attribute::cheap_to_clone;

/// Who a member is. Shared by all its snapshots, so that a collection sees by its address whether
/// a place still belongs to the same member.
///
/// On cache lines of its own: every `set` counts its owners, while collections use the attributes'
/// texts, which are likely to lie beside it.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Identity {
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
        Identity {
            attributes: attributes.into(),
        }
    }
}

/// What a member reports until its next `set`.
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    pub(crate) identity: Arc<Identity>,
    pub(crate) value: T,
}

/// One member's place. `None`: free, or a member that reports nothing now.
pub(crate) type Slot<T> = ArcSwapOption<Snapshot<T>>;

/// The size of the first chunk; each further one is twice as large as the one before.
const FIRST_CHUNK: usize = 32;

/// Enough chunks for 2³² places.
const CHUNKS: usize = 27;

/// All places of a family. Grows by whole chunks, so that a place keeps its address and readers
/// need no lock; does not shrink (a free place takes 8 bytes).
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
            (0..size).map(|_| Slot::empty()).collect()
        });
        self.used.store(index + 1, Ordering::Release);
        index
    }

    /// Empties a place and frees it.
    pub(crate) fn release(&self, index: usize) {
        let last = self.get(index).swap(None);
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
