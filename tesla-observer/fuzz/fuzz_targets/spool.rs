//! No bytes make the spool's reader panic, or read more than there is; and what is whole among them
//! is found, whatever stands before it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tesla_observer::telemetry::read_segment;

/// A segment with one record, as the observer writes it.
const WHOLE: &[u8] = include_bytes!("../corpus/spool/one_record");
/// The length of a segment's head, and of a record's header.
const HEAD: usize = 16;
const HEADER: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    let bodies = read_segment(bytes);
    let read: usize = bodies.iter().map(|body| HEADER + body.len()).sum();
    assert!(read <= bytes.len(), "{read} of {}", bytes.len());
    let mut with_one_more = bytes.to_vec();
    with_one_more.resize(bytes.len().max(HEAD), 0);
    with_one_more.extend(&WHOLE[HEAD..]);
    let last = read_segment(&with_one_more).pop();
    assert_eq!(last.as_deref(), Some(&WHOLE[HEAD + HEADER..]));
});
