//! What waits for one destination: bounded, the oldest goes first, whether to the network or, when
//! there is no more room, nowhere.
//!
//! Between the encoder and the network, this is the place for a spool on disk.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use super::encode::Batch;

/// How much waits at most. A batch that is larger than `bytes` by itself still waits alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) batches: usize,
    pub(super) bytes: usize,
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

/// The queue of one destination, for one reader.
#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    waiting: Mutex<Waiting>,
    arrived: Notify,
    closing: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    bytes: usize,
    /// The reader has one in its hands.
    taken: bool,
    closed: bool,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Self {
        Queue {
            limits,
            waiting: Mutex::default(),
            arrived: Notify::new(),
            closing: watch::Sender::new(false),
        }
    }

    /// Adds a batch, and returns how many of the oldest had to go to make room. After
    /// [`close`](Self::close) it is the batch itself that goes.
    pub(super) fn push(&self, batch: Batch) -> usize {
        let mut waiting = self.lock();
        if waiting.closed {
            return 1;
        }
        waiting.bytes += batch.body.len();
        waiting.batches.push_back(batch);
        let mut dropped = 0;
        while waiting.batches.len() > 1 && self.is_over(&waiting) {
            waiting.pop();
            dropped += 1;
        }
        drop(waiting);
        self.arrived.notify_one();
        dropped
    }

    /// Takes the oldest batch, when there is one; `None` once the queue is closed and empty.
    pub(super) async fn next(&self) -> Option<Batch> {
        loop {
            {
                let mut waiting = self.lock();
                if let Some(batch) = waiting.pop() {
                    waiting.taken = true;
                    return Some(batch);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }

    /// What was taken has been dealt with.
    pub(super) fn done(&self) {
        self.lock().taken = false;
    }

    /// What was taken is to be tried again: it is the oldest still, and `false` if there is no room
    /// for it any more.
    pub(super) fn put_back(&self, batch: Batch) -> bool {
        let mut waiting = self.lock();
        waiting.taken = false;
        waiting.bytes += batch.body.len();
        waiting.batches.push_front(batch);
        if waiting.batches.len() > 1 && self.is_over(&waiting) {
            waiting.pop();
            return false;
        }
        true
    }

    /// From now on nothing is added; what waits is still to be delivered.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.closing.send_replace(true);
        self.arrived.notify_one();
    }

    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until it is closed.
    pub(super) async fn closed(&self) {
        // Fails only if the sender is gone, which is a part of `self`.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    #[cfg(test)]
    pub(super) fn is_taken(&self) -> bool {
        self.lock().taken
    }

    /// Empties it, and returns how many batches there were, with the one that is taken.
    pub(super) fn give_up(&self) -> usize {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.bytes = 0;
        let count = waiting.batches.len() + usize::from(waiting.taken);
        waiting.batches.clear();
        waiting.taken = false;
        count
    }

    fn is_over(&self, waiting: &Waiting) -> bool {
        waiting.batches.len() > self.limits.batches || waiting.bytes > self.limits.bytes
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<Batch> {
        let batch = self.batches.pop_front()?;
        self.bytes -= batch.body.len();
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(name: &'static str) -> Batch {
        Batch {
            body: name.into(),
            items: 1,
        }
    }

    async fn body(queue: &Queue) -> Option<String> {
        let batch = queue.next().await?;
        queue.done();
        Some(String::from_utf8_lossy(&batch.body).into_owned())
    }

    fn queue(batches: usize, bytes: usize) -> Queue {
        Queue::new(Limits { batches, bytes })
    }

    #[tokio::test]
    async fn when_it_is_full_the_oldest_go() {
        let queue = queue(2, 100);
        assert_eq!(queue.push(batch("a")), 0);
        assert_eq!(queue.push(batch("b")), 0);
        assert_eq!(queue.push(batch("c")), 1);
        queue.close();
        assert_eq!(body(&queue).await.as_deref(), Some("b"));
        assert_eq!(body(&queue).await.as_deref(), Some("c"));
        assert_eq!(body(&queue).await, None);
    }

    #[tokio::test]
    async fn bytes_are_bounded_too_but_the_newest_always_has_its_place() {
        let queue = queue(10, 5);
        assert_eq!(queue.push(batch("aa")), 0);
        assert_eq!(queue.push(batch("bb")), 0);
        assert_eq!(queue.push(batch("0123456789")), 2);
        queue.close();
        assert_eq!(body(&queue).await.as_deref(), Some("0123456789"));
        assert_eq!(body(&queue).await, None);
    }

    #[tokio::test]
    async fn what_is_put_back_comes_first_unless_newer_ones_took_its_place() {
        let queue = queue(2, 100);
        queue.push(batch("a"));
        queue.push(batch("b"));
        let a = queue.next().await.expect("it was pushed");
        assert!(queue.put_back(a));
        let a = queue.next().await.expect("it was put back");
        assert_eq!(&a.body[..], b"a");
        queue.push(batch("c"));
        assert!(!queue.put_back(a));
        queue.close();
        assert_eq!(body(&queue).await.as_deref(), Some("b"));
        assert_eq!(queue.push(batch("late")), 1);
    }

    #[tokio::test]
    async fn giving_up_counts_what_is_in_flight() {
        let queue = queue(9, 100);
        queue.push(batch("a"));
        queue.push(batch("b"));
        let _taken = queue.next().await;
        assert_eq!(queue.give_up(), 2);
        assert_eq!(queue.give_up(), 0);
    }
}
