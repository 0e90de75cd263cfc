//! Of a last segment that cannot be read at the start.

use super::*;

/// Makes reading it an error, also for root, and returns how it is made good again.
fn make_unreadable(segment: &Path) -> impl FnOnce() + use<> {
    let (segment, aside) = (segment.to_owned(), segment.with_extension("aside"));
    fs::rename(&segment, &aside).expect("it is there");
    fs::create_dir(&segment).expect("a writable folder");
    move || {
        fs::remove_dir(&segment).expect("it is empty");
        fs::rename(&aside, &segment).expect("it is there");
    }
}

/// Seven wait, the last four of them in a segment that cannot be read.
fn four_unreadable() -> (Rig, impl FnOnce()) {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=3);
    let batches = [4, 5, 6, 7].map(|number| Batch {
        body: text(number).into(),
        items: 1,
    });
    let timed = batches.iter().map(|batch| (batch, 7));
    log.append(timed, PLAIN).expect("there is room");
    drop(log);
    let last = rig.segments().pop().expect("two segments");
    (rig, make_unreadable(&last))
}

fn take(log: &mut Log, text: String) {
    let (number, _, batch) = log.take().expect("no error").expect("there are some");
    assert_eq!(&batch.body[..], text.as_bytes());
    log.accept(number);
}

#[test]
fn it_costs_nothing_before_and_behind_it_and_is_counted_as_one() {
    for restart in [false, true] {
        let (rig, _) = four_unreadable();
        let mut log = rig.open();
        assert_eq!(log.waiting(), 4, "how many are in it cannot be known");
        add(&mut log, 8..=9);
        if restart {
            drop(log);
            log = rig.open();
        }
        assert_eq!(log.waiting(), 6);
        for number in 1..=3 {
            take(&mut log, text(number));
        }
        assert!(log.take().is_err());
        assert_eq!(log.waiting(), 3);
        assert_eq!(log.give_up_segment(), 1);
        assert_eq!(drain(&mut log), texts(8..=9));
        assert_eq!((log.damaged(), log.waiting()), (0, 0));
        assert!(rig.total.load(Ordering::Relaxed) <= HEAD);
    }
}

#[test]
fn when_it_can_be_read_again_nothing_of_it_is_lost_or_counted() {
    for restart in [false, true] {
        for more in [0, 2] {
            let (rig, good) = four_unreadable();
            let mut log = rig.open();
            add(&mut log, 8..8 + more);
            for number in 1..=3 {
                take(&mut log, text(number));
            }
            assert!(log.take().is_err());
            // Another start does not read it, either.
            if restart {
                drop(log);
                log = rig.open();
                assert!(log.take().is_err());
            }
            log.reader = None;
            good();
            assert_eq!(drain(&mut log), texts(4..8 + more));
            assert_eq!((log.damaged(), log.waiting()), (0, 0));
        }
    }
}
