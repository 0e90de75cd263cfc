//! What goes when the spool is full.

use super::*;

fn long(length: usize) -> Batch {
    Batch {
        body: vec![b'x'; length].into(),
        items: 1,
    }
}

impl Queue {
    fn level(&self) -> Level {
        let mut level = Level::default();
        self.lock().on_disk(|log| level = log.level());
        level
    }
}

#[test]
fn those_that_make_room_at_the_same_time_take_no_more_than_is_needed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = spool_in(&folder.path().join("spool"));
    let queues = ["a", "b", "c", "d"].map(|name| of(name, Signal::Metrics, &spool));
    // A segment may be longer by the request that made it too long.
    const LENGTH: usize = 20_000;
    let least = MAX - (64 << 10) - 2 * LENGTH as u64;
    let mut was_full = false;
    for _ in 0..100 {
        let together = std::sync::Barrier::new(queues.len());
        std::thread::scope(|scope| {
            for queue in &queues {
                scope.spawn(|| {
                    together.wait();
                    queue.push(long(LENGTH))
                });
            }
        });
        let bytes: u64 = queues.iter().map(|queue| queue.level().bytes).sum();
        was_full |= spool.1.dropped_in_all("spool_full") > 0;
        assert!(!was_full || bytes > least, "{bytes}");
        assert!(bytes <= MAX, "{bytes}");
    }
    assert!(was_full);
}

#[tokio::test]
async fn where_there_is_little_to_say_the_newest_does_not_go_before_older_ones_of_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = spool_in(&folder.path().join("spool"));
    let metrics = of("away", Signal::Metrics, &spool);
    let logs = of("away", Signal::Logs, &spool);
    for pushed in 1..=100 {
        for (queue, length) in [(&logs, 300), (&metrics, 20_000)] {
            queue.push(long(length));
            // Some time later.
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(logs.level().requests, pushed, "they fit into one segment");
    }
    assert!(spool.1.dropped_in_all("spool_full") > 30);
}

#[tokio::test]
async fn what_waited_in_memory_while_the_disk_failed_fits_into_a_small_spool() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let queue = on_disk(&folder.path().join("spool"));
    queue.lock().disk_again = Some(Instant::now() + DISK_AGAIN * 1000);
    for _ in 0..150 {
        queue.push(long(50_000));
    }
    let waited = queue.lock().memory.len();
    queue.lock().disk_again = Some(Instant::now());
    for more in 1..=2 {
        queue.push(long(50_000));
        let level = queue.level();
        assert_eq!(queue.lock().memory.len(), 0);
        // All but the two segments that a segment more may cost.
        assert!(level.bytes > MAX - 3 * 100_000 && level.bytes <= MAX);
        let lost = queue.exports.dropped_in_all("spool_full");
        assert_eq!(lost as usize + level.requests, waited + more);
    }
}

#[tokio::test]
async fn one_that_is_on_its_way_when_it_is_written_is_counted_once_if_it_has_to_go() {
    for is_taken in [true, false] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let queue = on_disk(&folder.path().join("spool"));
        queue.lock().disk_again = Some(Instant::now() + DISK_AGAIN * 1000);
        queue.push(long(50_000));
        queue.next().await.expect("it was pushed");
        queue.lock().disk_again = Some(Instant::now());
        for _ in 0..30 {
            queue.push(long(50_000));
        }
        let lost = queue.exports.dropped_in_all("spool_full") as usize;
        assert!(lost > 0);
        let in_flight = 1;
        assert_eq!(lost + queue.level().requests + in_flight, 31);
        if is_taken {
            queue.done().await;
        } else {
            queue.put_back().await;
        }
        let counted = queue.exports.dropped_in_all("spool_full") as usize - lost;
        assert_eq!(counted, usize::from(!is_taken), "it had no place any more");
    }
}
