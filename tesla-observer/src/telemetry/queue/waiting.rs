//! What a queue has in memory, and what of it, or of what is on disk, the reader has in its hands.

use std::collections::VecDeque;
use std::time::Instant;

use super::super::encode::Batch;
use super::super::spool::{self, Shared, lock};

/// How much waits in memory at most. A batch that is larger than `bytes` by itself still waits alone.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Limits {
    pub(in super::super) batches: usize,
    pub(in super::super) bytes: usize,
}

impl Default for Limits {
    /// Half an hour of a car that reports every three seconds, within the memory that the observer
    /// may take.
    fn default() -> Self {
        Limits {
            batches: 600,
            bytes: 8 << 20,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Where what waits is kept, once it could be opened.
    pub(super) log: Option<Shared>,
    /// When the disk is tried again, after it failed.
    pub(super) disk_again: Option<Instant>,
    pub(super) read_failures: u32,
    pub(super) memory: VecDeque<Entry>,
    pub(super) bytes: usize,
    pub(super) entries: u64,
    /// The oldest one, while the reader has it in its hands.
    pub(super) taken: Option<Place>,
    /// The one behind it, while the reader has it in its hands, too.
    pub(super) second: Option<Place>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) batch: Batch,
    /// Milliseconds since 1970.
    pub(super) time: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Memory(u64),
    Disk(u64),
}

impl Waiting {
    pub(super) fn add(&mut self, batch: Batch) {
        self.entries += 1;
        self.bytes += batch.body.len();
        self.memory.push_back(Entry {
            id: self.entries,
            batch,
            time: spool::now(),
        });
    }

    pub(super) fn is_taken(&self, entry: &Entry) -> bool {
        let place = Some(Place::Memory(entry.id));
        self.taken == place || self.second == place
    }

    /// Whether there is too much in memory, without what the reader has in its hands, and besides the
    /// newest.
    pub(super) fn is_over(&self, limits: Limits) -> bool {
        let taken = self.memory.iter().filter(|own| self.is_taken(own));
        let (count, bytes) = taken.fold((0, 0), |(count, bytes), own| {
            (count + 1, bytes + own.batch.body.len())
        });
        let left = self.memory.len() - count;
        left > 1 && (left > limits.batches || self.bytes - bytes > limits.bytes)
    }

    /// Drops the oldest in memory that the reader does not have in its hands.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let oldest = self.memory.iter().find(|own| !self.is_taken(own));
        match oldest.map(|own| own.id) {
            Some(id) => {
                self.remove(id);
                true
            }
            None => false,
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        if let Some(index) = self.memory.iter().position(|own| own.id == id)
            && let Some(entry) = self.memory.remove(index)
        {
            self.bytes -= entry.batch.body.len();
        }
    }

    /// How many of the oldest are as long as a segment may be, together: one at least.
    pub(super) fn fit_into(&self, longest: u64) -> usize {
        let mut bytes = 0;
        let all = self.memory.iter().take_while(|own| {
            bytes += own.batch.body.len() as u64;
            bytes <= longest
        });
        all.count().max(1)
    }

    /// So many of the oldest are on disk now, from this number on. Returns that of the last one.
    pub(super) fn have_been_written(
        &mut self,
        count: usize,
        first: u64,
        log: &mut spool::Log,
    ) -> u64 {
        let mut last = first;
        for (number, entry) in (first..).zip(self.memory.drain(..count)) {
            let place = Some(Place::Memory(entry.id));
            if self.taken == place {
                self.taken = Some(Place::Disk(number));
                log.is_on_its_way(number);
            }
            if self.second == place {
                self.second = Some(Place::Disk(number));
            }
            self.bytes -= entry.batch.body.len();
            last = number;
        }
        last
    }

    pub(super) fn on_disk(&mut self, run: impl FnOnce(&mut spool::Log)) {
        if let Some(log) = &self.log {
            run(&mut lock(log));
        }
    }
}
