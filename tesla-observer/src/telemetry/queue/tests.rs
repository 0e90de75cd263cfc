use super::*;

fn batch(name: &'static str) -> Batch {
    Batch {
        body: name.into(),
        items: 1,
    }
}

async fn body(queue: &Arc<Queue>) -> Option<String> {
    let batch = queue.next().await?;
    queue.done().await;
    Some(String::from_utf8_lossy(&batch.body).into_owned())
}

fn queue(batches: usize, bytes: usize) -> Arc<Queue> {
    let owner = Owner {
        name: "away".to_owned(),
        signal: Signal::Metrics,
        encoding: Encoding {
            json: false,
            gzip: false,
        },
    };
    let exports = Arc::new(Exports::new());
    Arc::new(Queue::new(owner, Limits { batches, bytes }, None, exports))
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
    queue.next().await.expect("it was pushed");
    queue.put_back().await;
    assert_eq!(queue.exports.dropped_in_all("queue_full"), 0);
    let a = queue.next().await.expect("it was put back");
    assert_eq!(&a.body[..], b"a");
    queue.push(batch("c"));
    queue.put_back().await;
    assert_eq!(queue.exports.dropped_in_all("queue_full"), 1);
    queue.close();
    assert_eq!(body(&queue).await.as_deref(), Some("b"));
    assert_eq!(queue.push(batch("late")), 1);
}

const MAX: u64 = 1 << 20;

fn spool_in(directory: &std::path::Path) -> (Arc<Spool>, Arc<Exports>) {
    let exports = Arc::new(Exports::new());
    let settings = crate::telemetry::Spool {
        directory: directory.to_owned(),
        max: MAX,
    };
    let spool = Arc::new(Spool::new(&settings, &exports, Vec::new()));
    (spool, exports)
}

fn of(name: &str, signal: Signal, (spool, exports): &(Arc<Spool>, Arc<Exports>)) -> Arc<Queue> {
    let owner = Owner {
        name: name.to_owned(),
        signal,
        ..queue(0, 0).owner.clone()
    };
    let (spool, exports) = (Arc::clone(spool), Arc::clone(exports));
    Arc::new(Queue::new(owner, Limits::default(), Some(spool), exports))
}

fn on_disk(directory: &std::path::Path) -> Arc<Queue> {
    of("away", Signal::Metrics, &spool_in(directory))
}

#[tokio::test]
async fn while_the_disk_fails_it_goes_on_in_memory_and_then_all_is_on_disk_in_order() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let queue = on_disk(&directory);
    let log = directory.join("away.metrics");
    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&log, &elsewhere).expect("it is there");
    std::fs::write(&log, "no directory").expect("a writable folder");
    for name in ["a", "b"] {
        assert_eq!(queue.push(batch(name)), 0);
        assert_eq!(queue.exports.is_durable("away"), Some(false));
    }
    assert_eq!(queue.next().await.expect("it was pushed").body, "a");
    std::fs::remove_file(&log).expect("it was written");
    std::fs::rename(&elsewhere, &log).expect("it is there");
    // It is left alone for a while.
    queue.push(batch("c"));
    assert_eq!(queue.lock().memory.len(), 3);
    queue.lock().disk_again = Some(Instant::now());
    queue.push(batch("d"));
    assert_eq!(queue.lock().memory.len(), 0);
    assert_eq!(queue.exports.is_durable("away"), Some(true));
    queue.put_back().await;
    for name in ["a", "b", "c"] {
        assert_eq!(body(&queue).await.as_deref(), Some(name));
    }
    let left = queue.give_up().await;
    assert_eq!((left.lost, left.waiting), (0, 1));
}

#[tokio::test]
async fn giving_up_counts_what_is_in_flight() {
    let queue = queue(9, 100);
    queue.push(batch("a"));
    queue.push(batch("b"));
    let _taken = queue.next().await;
    assert_eq!(queue.give_up().await.lost, 2);
    assert_eq!(queue.give_up().await.lost, 0);
}

#[tokio::test]
async fn when_the_other_observer_has_ended_its_spool_is_taken_over_with_what_waits_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let other = on_disk(&directory);
    other.push(batch("old"));
    let queue = on_disk(&directory);
    for name in ["a", "b"] {
        queue.lock().disk_again = Some(Instant::now());
        queue.push(batch(name));
        assert_eq!(queue.exports.is_durable("away"), Some(false));
    }
    assert_eq!(queue.lock().memory.len(), 2, "the other one is there");
    // However it ends.
    drop(other);
    queue.lock().disk_again = Some(Instant::now());
    queue.push(batch("c"));
    assert_eq!(queue.exports.is_durable("away"), Some(true));
    assert_eq!(queue.lock().memory.len(), 0);
    for name in ["old", "a", "b", "c"] {
        assert_eq!(body(&queue).await.as_deref(), Some(name));
    }
}

/// As large as a segment may become.
fn whole_segment(letter: u8) -> Batch {
    Batch {
        body: vec![letter; 64 << 10].into(),
        items: 1,
    }
}

/// What is read is an error from now on, also for root.
fn make_unreadable(directory: &std::path::Path, first: u64) {
    let segment = directory.join(format!("away.metrics/{first:020}.segment"));
    std::fs::remove_file(&segment).expect("it is there");
    std::fs::create_dir(&segment).expect("a writable folder");
}

#[tokio::test(start_paused = true)]
async fn a_segment_that_cannot_be_read_is_given_up_after_a_while_and_costs_no_other() {
    for restart in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let directory = folder.path().join("spool");
        let mut queue = on_disk(&directory);
        for letter in *b"abcd" {
            queue.push(whole_segment(letter));
        }
        for first in 2..=3 {
            make_unreadable(&directory, first);
        }
        if restart {
            drop(queue);
            queue = on_disk(&directory);
        }
        let first = |body: Option<String>| body.map(|body| body[..1].to_owned());
        assert_eq!(first(body(&queue).await).as_deref(), Some("a"));
        let start = tokio::time::Instant::now();
        assert_eq!(first(body(&queue).await).as_deref(), Some("d"));
        let each = READ_AGAIN * (READ_ATTEMPTS - 1);
        assert!(start.elapsed() >= 2 * each, "it may have passed");
        assert_eq!(queue.exports.dropped_in_all("damaged"), 2);
        assert_eq!(queue.exports.is_durable("away"), Some(true));
        // What cannot be removed is no obstacle later.
        queue.push(whole_segment(b'e'));
        drop(queue);
        let queue = on_disk(&directory);
        assert_eq!(queue.exports.is_durable("away"), Some(true));
        assert_eq!(first(body(&queue).await).as_deref(), Some("e"));
        assert_eq!(queue.exports.dropped_in_all("damaged"), 0);
    }
}

#[tokio::test]
async fn a_segment_that_is_cut_under_the_readers_feet_is_counted_and_costs_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let queue = on_disk(&directory);
    for letter in *b"abc" {
        queue.push(whole_segment(letter));
    }
    let taken = queue.next().await.expect("it was pushed");
    assert_eq!(taken.body[0], b'a');
    for first in 1..=2 {
        let segment = directory.join(format!("away.metrics/{first:020}.segment"));
        let file = std::fs::OpenOptions::new().write(true).open(segment);
        file.and_then(|file| file.set_len(100))
            .expect("it is there");
    }
    // What is in the reader's hands is sent; to send it again, it would have to be there.
    queue.put_back().await;
    let next = queue.next().await.expect("one is left");
    assert_eq!(next.body[0], b'c');
    assert_eq!(queue.exports.dropped_in_all("damaged"), 2);
}

#[tokio::test]
async fn what_waits_in_memory_is_newer_than_what_is_on_disk_and_goes_after_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let queue = on_disk(&directory);
    queue.push(batch("a"));
    queue.push(batch("b"));
    // The disk is left alone for now.
    queue.lock().disk_again = Some(Instant::now() + DISK_AGAIN);
    queue.push(batch("c"));
    assert_eq!(body(&queue).await.as_deref(), Some("a"));
    queue.push(batch("d"));
    assert_eq!(body(&queue).await.as_deref(), Some("b"));
    // And it takes what is in the reader's hands, and what comes later.
    assert_eq!(queue.next().await.expect("it was pushed").body, "c");
    queue.lock().disk_again = Some(Instant::now());
    queue.push(batch("e"));
    queue.done().await;
    queue.lock().disk_again = Some(Instant::now() + DISK_AGAIN);
    queue.push(batch("f"));
    for name in ["d", "e", "f"] {
        assert_eq!(body(&queue).await.as_deref(), Some(name));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_must_not_come_again_does_not_after_a_loss_of_power() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let queue = on_disk(&directory);
    let accepted = directory.join("away.metrics/accepted");
    for name in ["a", "b", "c", "d"] {
        queue.push(batch(name));
    }
    for must_not in [false, true] {
        queue.next().await.expect("it was pushed");
        if must_not {
            queue.must_not_come_again();
        }
        queue.done().await;
        assert_eq!(spool::is_synced(&accepted), must_not);
    }
    queue.next().await.expect("it was pushed");
    queue.second().await.expect("it was pushed");
    queue.must_not_come_again();
    queue.second_done().await;
    assert!(spool::is_synced(&accepted));
    queue.done().await;
    assert!(!spool::is_synced(&accepted), "only what is said so");
}

#[cfg(unix)]
#[tokio::test]
async fn after_a_loss_of_power_no_segment_comes_again_as_a_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join("spool");
    let queue = on_disk(&directory);
    let accepted = directory.join("away.metrics/accepted");
    for letter in *b"abc" {
        queue.push(whole_segment(letter));
    }
    for _ in 0..2 {
        body(&queue).await.expect("it was pushed");
        assert!(spool::is_synced(&accepted));
    }
}

mod room;
