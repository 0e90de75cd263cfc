//! Of the second request, which is dealt with before the oldest.

use super::*;

/// The oldest is on its way, and the one behind it has been dealt with.
fn one_ahead(log: &mut Log) -> u64 {
    log.take().expect("no error").expect("there are some");
    let (second, ..) = log.second().expect("no error").expect("there is one");
    log.accept_ahead(second);
    second
}

#[test]
fn those_that_were_dealt_with_before_the_oldest_are_none_again_after_a_restart() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=7);
    for ahead in 2..=5 {
        assert_eq!(one_ahead(&mut log), ahead);
        assert_eq!(log.waiting() as u64, 7 + 1 - ahead);
        drop(log);
        log = rig.open();
        assert_eq!(log.waiting() as u64, 7 + 1 - ahead);
    }
    assert_eq!(drain(&mut log), texts([1, 6, 7]));
}

#[test]
fn one_ahead_that_had_to_go_in_the_meantime_costs_no_other() {
    // The oldest is in the first segment, and the second is in it or in the next one.
    for accepted in [0, 2] {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=7);
        log.accept(accepted);
        let (oldest, ..) = log.take().expect("no error").expect("there are some");
        let (second, ..) = log.second().expect("no error").expect("there is one");
        log.give_up_segment();
        log.accept_ahead(second);
        assert!(!log.put_back(oldest), "it had to go");
        let left = 3.max(second) + 1;
        assert_eq!(log.waiting() as u64, 7 + 1 - left);
        log.close();
        drop(log);
        assert_eq!(drain(&mut rig.open()), texts(left..=7));
    }
}

#[test]
fn one_ahead_of_a_damaged_one_is_not_sent_again() {
    for restart in [false, true] {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=5);
        one_ahead(&mut log);
        let path = &rig.segments()[0];
        let mut bytes = fs::read(path).expect("it is there");
        bytes[3 + usize::try_from(HEAD).expect("small")] ^= 1;
        fs::write(path, bytes).expect("a writable folder");
        // What is known of it is forgotten.
        log.oldest = None;
        if restart {
            drop(log);
            log = rig.open();
        }
        assert_eq!(drain(&mut log), texts(3..=5));
        assert_eq!(log.damaged(), 1);
        assert_eq!(log.waiting(), 0);
    }
}

#[test]
fn a_damaged_one_behind_the_oldest_is_passed_over_and_counted_once() {
    // The header's, the body's.
    for place in [3, HEADER + 3] {
        let rig = Rig::new();
        let mut log = rig.open();
        add(&mut log, 1..=5);
        let path = &rig.segments()[0];
        let mut bytes = fs::read(path).expect("it is there");
        let at = HEAD + HEADER + 12 + place;
        bytes[usize::try_from(at).expect("small")] ^= 1;
        fs::write(path, bytes).expect("a writable folder");
        assert_eq!(one_ahead(&mut log), 3);
        assert_eq!(log.waiting(), 3);
        assert_eq!(drain(&mut log), texts([1, 4, 5]));
        assert_eq!(log.damaged(), 1);
    }
}

#[test]
fn what_is_given_up_is_counted_without_those_ahead() {
    let rig = Rig::new();
    let mut log = rig.open();
    add(&mut log, 1..=7);
    one_ahead(&mut log);
    assert_eq!(log.give_up_segment(), 1, "of three, one is in flight");
    assert_eq!(log.waiting(), 4);
    assert_eq!(drain(&mut log), texts(4..=7));
}
