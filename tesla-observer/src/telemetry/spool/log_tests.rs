use std::fs::OpenOptions;

use tempfile::TempDir;

use super::super::accepted::ACCEPTED;
use super::*;

const PLAIN: Encoding = Encoding {
    json: false,
    gzip: false,
};

/// A log in a folder, which can be opened again and again.
struct Rig {
    folder: TempDir,
    total: Arc<AtomicU64>,
}

impl Rig {
    fn new() -> Self {
        Rig {
            folder: tempfile::tempdir().expect("a temporary folder"),
            total: Arc::default(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("otlp.metrics")
    }

    /// With segments of three short records.
    fn open(&self) -> Log {
        self.open_torn().0
    }

    fn open_torn(&self) -> (Log, bool) {
        let owner = ("otlp".to_owned(), Signal::Metrics);
        let me = private::me_in(self.folder.path()).expect("a writable folder");
        let total = Arc::clone(&self.total);
        Log::open(&self.path(), me, owner, 150, total).expect("a writable folder")
    }

    /// The segments, sorted.
    fn segments(&self) -> Vec<PathBuf> {
        let all = list(&self.path()).expect("it is there");
        all.into_iter()
            .map(|first| self.path().join(files::segment_file(first)))
            .collect()
    }

    fn on_disk(&self) -> u64 {
        let length = |path: &PathBuf| fs::metadata(path).expect("it is there").len();
        self.segments().iter().map(length).sum()
    }
}

fn text(number: u64) -> String {
    format!("request {number:04}")
}

fn add(log: &mut Log, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let batch = Batch {
            body: text(number).into(),
            items: 1,
        };
        log.append([(&batch, number)], PLAIN)
            .expect("there is room");
    }
}

/// Takes all that waits, in order, and accepts it.
fn drain(log: &mut Log) -> Vec<String> {
    let mut all = Vec::new();
    while let Some((number, _, batch)) = log.take().expect("it can be read") {
        all.push(String::from_utf8(batch.body.to_vec()).expect("text"));
        log.accept(number);
    }
    all
}

fn texts(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(text).collect()
}

#[test]
fn what_waits_is_read_in_order_and_gone_when_it_has_been_accepted() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=10);
    assert_eq!(rig.segments().len(), 4);
    let level = log.level();
    assert_eq!((level.requests, level.bytes), (10, 10 * (HEADER + 12)));
    assert_eq!(level.since, files::time(1));
    assert_eq!(drain(&mut log), texts(1..=10));
    assert_eq!(log.level(), Level::default());
    assert_eq!(rig.on_disk(), HEAD, "no accepted request stays on disk");
    add(&mut log, 11..=12);
    assert_eq!(drain(&mut log), texts(11..=12));
    log.close();
    assert!(rig.segments().is_empty());
    assert_eq!(rig.total.load(Ordering::Relaxed), 0);
}

#[test]
fn a_process_that_ends_anywhere_leaves_what_was_not_accepted() {
    for accepted in 0..=7_u64 {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=7);
        for _ in 0..accepted {
            let (number, ..) = log.take().expect("no error").expect("there are more");
            log.accept(number);
        }
        let _in_flight = log.take();
        // Nothing is tidied up, as after SIGKILL.
        drop(log);
        let mut log = rig.open();
        assert_eq!(log.waiting() as u64, 7 - accepted);
        add(&mut log, 8..=9);
        assert_eq!(drain(&mut log), texts(accepted + 1..=9));
    }
}

#[test]
fn without_the_file_of_what_was_accepted_one_record_is_enough_to_know_it() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=5);
    for number in 1..=4 {
        log.accept(number);
    }
    add(&mut log, 6..=6);
    drop(log);
    for damage in [&b""[..], b"nonsense", b"nonsense of twelve bytes"] {
        fs::write(rig.path().join(ACCEPTED), damage).expect("a writable folder");
        let log = rig.open();
        assert_eq!(log.waiting(), 2, "5 and 6");
    }
    // And it is one again.
    rig.open().accept(5);
    assert_eq!(drain(&mut rig.open()), texts([6]));
}

#[test]
fn a_torn_end_is_cut_and_said_and_the_log_goes_on() {
    for cut in 1..HEADER + 12 {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=5);
        drop(log);
        let last = rig.segments().pop().expect("two segments");
        let file = OpenOptions::new()
            .write(true)
            .open(last)
            .expect("it is there");
        let length = file.metadata().expect("it is there").len();
        file.set_len(length - cut).expect("it can be cut");
        let (mut log, torn) = rig.open_torn();
        assert!(torn, "{cut}");
        assert_eq!(rig.total.load(Ordering::Relaxed), rig.on_disk());
        add(&mut log, 6..=6);
        let expected: Vec<_> = texts([1, 2, 3, 4, 6]);
        assert_eq!(drain(&mut log), expected, "{cut}");
        assert_eq!(log.damaged(), 0);
    }
}

#[test]
fn a_damaged_record_is_counted_and_costs_no_other() {
    // The header's, the body's.
    for place in [HEAD + 3, HEAD + HEADER + 3] {
        // The first, the second, the last of a segment.
        for index in 0..3 {
            let rig = Rig::new();
            let mut log = rig.open();
            add(&mut log, 1..=7);
            drop(log);
            let path = &rig.segments()[0];
            let mut bytes = fs::read(path).expect("it is there");
            let at = place + index * (HEADER + 12);
            bytes[usize::try_from(at).expect("small")] ^= 1;
            fs::write(path, bytes).expect("a writable folder");
            let (mut log, torn) = rig.open_torn();
            assert!(!torn);
            let left = (1..=7).filter(|number| *number != index + 1);
            assert_eq!(drain(&mut log), texts(left), "{place} {index}");
            assert_eq!(log.damaged(), 1);
            assert_eq!(log.damaged(), 0, "each is told once");
        }
    }
}

#[test]
fn a_segment_that_is_gone_or_no_segment_is_counted_and_costs_no_other() {
    for damage in [None, Some(&b""[..]), Some(b"0123456789 is no segment")] {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=7);
        drop(log);
        let mut log = rig.open();
        let second = &rig.segments()[1];
        match damage {
            None => fs::remove_file(second).expect("it is there"),
            Some(bytes) => fs::write(second, bytes).expect("a writable folder"),
        }
        assert_eq!(drain(&mut log), texts([1, 2, 3, 7]));
        assert_eq!(log.damaged(), 3);
    }
}

#[test]
fn what_has_to_go_goes_by_segments_and_one_in_flight_is_not_counted() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=7);
    let (number, ..) = log.take().expect("no error").expect("there are some");
    assert_eq!(log.give_up_segment(), 2, "of three, one is in flight");
    assert!(!log.put_back(number), "it has no place any more");
    assert_eq!(log.give_up_segment(), 3);
    assert_eq!(rig.total.load(Ordering::Relaxed), rig.on_disk());
    drop(log);
    let mut log = rig.open();
    assert_eq!(log.first_to_go(Some(7)), None, "the newest has its place");
    assert_eq!(drain(&mut log), texts([7]));
    assert_eq!(log.give_up_segment(), 0);
}

#[test]
fn a_segment_is_as_old_as_the_newest_in_it() {
    let rig = Rig::new();
    let mut log = rig.open();
    assert_eq!(log.first_to_go(None), None, "nothing waits");
    // All that was in it has been accepted: it goes on as the segment that it is.
    add(&mut log, 1..=2);
    assert_eq!(drain(&mut log), texts(1..=2));
    assert_eq!(log.first_to_go(None), None, "nothing waits any more");
    add(&mut log, 3..=4);
    assert_eq!(log.segments.len(), 1);
    assert_eq!(log.first_to_go(None), Some(4));
    assert_eq!(log.first_to_go(Some(4)), None, "it was just written");
    drop(log);
    let mut log = rig.open();
    assert_eq!(log.first_to_go(None), Some(4), "after a restart, too");
    // Of one that is not the last any more it is as good to know when the next one was begun.
    let before = files::now();
    add(&mut log, 5..=5);
    drop(log);
    let log = rig.open();
    assert_eq!(log.segments.len(), 2);
    let written = log.first_to_go(None).expect("both can go");
    assert!((before..=files::now()).contains(&written), "{written}");
}

#[test]
fn one_that_was_dealt_with_before_the_oldest_is_not_read_again() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=4);
    for oldest in [1, 3] {
        let (number, ..) = log.take().expect("no error").expect("there are some");
        assert_eq!(number, oldest);
        let (second, _, batch) = log.second().expect("no error").expect("there is one");
        assert_eq!(&batch.body[..], text(oldest + 1).as_bytes());
        log.accept_ahead(second);
        assert!(log.put_back(number));
        let (again, ..) = log.take().expect("no error").expect("it was put back");
        assert_eq!(again, oldest);
        log.accept(again);
    }
    assert_eq!(log.waiting(), 0);
    assert!(log.take().expect("no error").is_none());
}

#[test]
fn one_that_was_dealt_with_before_the_oldest_is_not_sent_again_after_a_kill() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=3);
    log.take().expect("no error").expect("there are some");
    let (second, ..) = log.second().expect("no error").expect("there is one");
    log.accept_ahead(second);
    drop(log);
    let mut log = rig.open();
    assert_eq!(log.waiting(), 2);
    assert_eq!(drain(&mut log), texts([1, 3]));
    add(&mut log, 4..=5);
    assert_eq!(drain(&mut log), texts(4..=5));
}

#[cfg(unix)]
#[test]
fn each_request_is_synced_before_it_can_be_sent() {
    use files::synced::is_synced;

    let rig = Rig::new();
    let mut log = rig.open();
    assert!(is_synced(rig.folder.path()), "where the directory is");
    for number in 1..=7 {
        add(&mut log, [number]);
        assert!(rig.segments().iter().all(|own| is_synced(own)), "{number}");
        assert!(is_synced(&rig.path()), "where the segments are");
    }
    assert_eq!(rig.segments().len(), 3);
}

#[test]
fn what_will_be_accepted_has_its_place_before_the_disk_can_be_full() {
    let rig = Rig::new();
    let _log = rig.open();
    let length = || fs::metadata(rig.path().join(ACCEPTED)).map(|own| own.len());
    let before = length().expect("it is there");
    let mut log = rig.open();
    add(&mut log, 1..=2);
    assert_eq!(drain(&mut log).len(), 2);
    assert_eq!(length().expect("it is there"), before);
    assert!(before > 0);
}

#[test]
fn after_a_failed_write_the_log_goes_on_without_gap() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=2);
    // It cannot be written to, nor be cut.
    let path = rig.segments().pop().expect("there is one");
    log.writer = Some(File::open(path).expect("it is there"));
    let batch = Batch {
        body: text(3).into(),
        items: 1,
    };
    assert!(log.append([(&batch, 3)], PLAIN).is_err());
    assert_eq!(log.waiting(), 2);
    add(&mut log, 3..=4);
    drop(log);
    let mut log = rig.open();
    assert_eq!(drain(&mut log), texts(1..=4));
    assert_eq!(log.damaged(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_waits() {
    use std::os::unix::fs::PermissionsExt as _;

    let rig = Rig::new();
    fs::create_dir(rig.path()).expect("a writable folder");
    fs::set_permissions(rig.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut log = rig.open();
    add(&mut log, 1..=2);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&rig.path()), 0o700);
    let closed = || {
        for file in fs::read_dir(rig.path()).expect("it is there") {
            assert_eq!(mode(&file.expect("it is there").path()), 0o600);
        }
    };
    closed();
    drop(log);
    // Whatever has become of them in the meantime.
    for file in fs::read_dir(rig.path()).expect("it is there") {
        let path = file.expect("it is there").path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    }
    assert_eq!(drain(&mut rig.open()), texts(1..=2));
    closed();
}

#[path = "log_ahead_tests.rs"]
mod ahead;

#[path = "log_unreadable_tests.rs"]
mod unreadable;
