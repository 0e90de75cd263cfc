//! The form of a spool's files, and the reader that survives whatever has become of them.
//!
//! A segment file is a head (8 bytes of format, 8 bytes of when it was begun) and then records. A
//! record is a header of 48 bytes and the body:
//!
//! | bytes | |
//! |---|---|
//! | 4 | mark, to find the next record behind a damaged one |
//! | 4 | CRC-32 of the 40 bytes that follow |
//! | 4 | length of the body |
//! | 4 | CRC-32 of the body |
//! | 8 | number of the record: one more than that of the record before |
//! | 8 | number up to which all had been accepted when this one was written |
//! | 8 | when it was written, in milliseconds since 1970 |
//! | 4 | points, spans or log records in it |
//! | 1 | encoding: bit 0 JSON, bit 1 gzip |
//! | 3 | zero |
//!
//! All numbers are little-endian.

use std::io::{self, Read, Seek, SeekFrom};

use super::super::encode::Encoding;

/// What a segment file begins with: the format, its last byte the version.
pub(super) const FORMAT: [u8; 8] = *b"tlmspol\x01";
/// The length of a segment's head.
pub(super) const HEAD: u64 = 16;
/// The length of a record's header.
pub(super) const HEADER: u64 = 48;
/// No request is as long: what says so is damaged.
const LONGEST: u32 = 1 << 30;

const MARK: [u8; 4] = [0xf5, b'r', b'e', b'c'];

/// What stands before a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) length: u32,
    pub(super) body_crc: u32,
    pub(super) number: u64,
    pub(super) accepted: u64,
    /// Milliseconds since 1970.
    pub(super) time: u64,
    pub(super) items: u32,
    pub(super) encoding: Encoding,
}

/// A record in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: u64,
    pub(super) header: Header,
}

impl Found {
    /// Where the next record should be.
    pub(super) fn end(&self) -> u64 {
        self.at + HEADER + u64::from(self.header.length)
    }
}

/// The head of a segment that is begun now.
pub(super) fn head(time: u64) -> [u8; HEAD as usize] {
    let mut head = [0; HEAD as usize];
    head[..8].copy_from_slice(&FORMAT);
    head[8..].copy_from_slice(&time.to_le_bytes());
    head
}

impl Header {
    /// The header for this body; `None` if it is too long for a record.
    pub(super) fn new(
        body: &[u8],
        (number, accepted): (u64, u64),
        time: u64,
        items: usize,
        encoding: Encoding,
    ) -> Option<Self> {
        let length = u32::try_from(body.len()).ok()?;
        (length <= LONGEST).then(|| Header {
            length,
            body_crc: crc32fast::hash(body),
            number,
            accepted,
            time,
            items: u32::try_from(items).unwrap_or(u32::MAX),
            encoding,
        })
    }

    pub(super) fn to_bytes(self) -> [u8; HEADER as usize] {
        let mut bytes = [0; HEADER as usize];
        bytes[..4].copy_from_slice(&MARK);
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.body_crc.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.number.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.accepted.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.time.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.items.to_le_bytes());
        bytes[44] = u8::from(self.encoding.json) | u8::from(self.encoding.gzip) << 1;
        let crc = crc32fast::hash(&bytes[8..]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; HEADER as usize]) -> Option<Self> {
        let word = |at: usize| u32::from_le_bytes(array(bytes, at));
        let long = |at: usize| u64::from_le_bytes(array(bytes, at));
        let whole = bytes[..4] == MARK
            && word(4) == crc32fast::hash(&bytes[8..])
            && word(8) <= LONGEST
            && bytes[44..] <= [3, 0, 0, 0][..];
        whole.then(|| Header {
            length: word(8),
            body_crc: word(12),
            number: long(16),
            accepted: long(24),
            time: long(32),
            items: word(40),
            encoding: Encoding {
                json: bytes[44] & 1 != 0,
                gzip: bytes[44] & 2 != 0,
            },
        })
    }
}

/// `N` bytes from within a header.
fn array<const N: usize>(bytes: &[u8; HEADER as usize], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

/// The first record at `from` or behind it that lies within the first `length` bytes; what is
/// damaged is passed over.
pub(super) fn find(
    file: &mut (impl Read + Seek),
    length: u64,
    from: u64,
) -> io::Result<Option<Found>> {
    if let Some(found) = at(file, length, from)? {
        return Ok(Some(found));
    }
    // Somewhere behind it there may be another mark.
    const CHUNK: u64 = 64 * 1024;
    let mut start = from.saturating_add(1);
    let mut chunk = Vec::new();
    while start.saturating_add(HEADER) <= length {
        file.seek(SeekFrom::Start(start))?;
        chunk.clear();
        file.take(CHUNK.min(length - start))
            .read_to_end(&mut chunk)?;
        let marks = chunk.windows(MARK.len()).enumerate();
        for (offset, _) in marks.filter(|(_, bytes)| **bytes == MARK) {
            if let Some(found) = at(file, length, start + offset as u64)? {
                return Ok(Some(found));
            }
        }
        if chunk.len() < CHUNK as usize {
            break;
        }
        // A mark may lie across the end.
        start += CHUNK - MARK.len() as u64 + 1;
    }
    Ok(None)
}

/// The record at exactly this place.
fn at(file: &mut (impl Read + Seek), length: u64, at: u64) -> io::Result<Option<Found>> {
    let mut bytes = [0; HEADER as usize];
    if at.saturating_add(HEADER) > length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    match file.read_exact(&mut bytes) {
        Ok(()) => {}
        // Shorter than it was: what is not there is damaged.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let found = Header::read(&bytes).map(|header| Found { at, header });
    Ok(found.filter(|found| found.end() <= length))
}

/// The body of a record; `None` if it is damaged.
pub(super) fn body(file: &mut (impl Read + Seek), found: &Found) -> io::Result<Option<Vec<u8>>> {
    let length = found.header.length;
    file.seek(SeekFrom::Start(found.at + HEADER))?;
    // Grows with what there is, whatever the header says.
    let mut body = Vec::new();
    file.take(length.into()).read_to_end(&mut body)?;
    let whole = body.len() == length as usize && crc32fast::hash(&body) == found.header.body_crc;
    Ok(whole.then_some(body))
}

/// Reads a segment's bytes as they are: the bodies of all records that are whole, in order.
pub fn read_segment(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut file = io::Cursor::new(bytes);
    let length = bytes.len() as u64;
    let mut bodies = Vec::new();
    let mut from = HEAD;
    // A slice gives no errors.
    while let Ok(Some(found)) = find(&mut file, length, from) {
        match body(&mut file, &found) {
            Ok(Some(body)) => {
                bodies.push(body);
                from = found.end();
            }
            // It may be shorter than it was, and the next one begin within it.
            _ => from = found.at + 1,
        }
    }
    bodies
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Encoding = Encoding {
        json: false,
        gzip: false,
    };

    /// A segment with these bodies, and where each record begins.
    fn segment(bodies: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = head(7).to_vec();
        let mut starts = Vec::new();
        for (number, body) in (1..).zip(bodies) {
            starts.push(bytes.len());
            let header = Header::new(body, (number, 0), 7, 1, PLAIN).expect("short");
            bytes.extend(header.to_bytes());
            bytes.extend(body);
        }
        (bytes, starts)
    }

    fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let body = prop::collection::vec(any::<u8>(), 0..200);
        // Marks within a body mislead nobody.
        let marked = body.prop_map(|mut body| {
            body.extend(MARK);
            body
        });
        prop::collection::vec(marked, 1..8)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bodies in bodies()) {
            prop_assert_eq!(read_segment(&segment(&bodies).0), bodies);
        }

        #[test]
        fn a_damaged_record_costs_nothing_but_itself(
            bodies in bodies(),
            which in any::<prop::sample::Index>(),
            place in any::<prop::sample::Index>(),
            bit in 0_u32..8,
        ) {
            let (mut bytes, mut starts) = segment(&bodies);
            starts.push(bytes.len());
            let which = which.index(bodies.len());
            let range = starts[which]..starts[which + 1];
            let at = range.start + place.index(range.len());
            bytes[at] ^= 1_u8 << bit;
            let mut left = bodies;
            left.remove(which);
            prop_assert_eq!(read_segment(&bytes), left);
        }

        #[test]
        fn a_torn_end_costs_nothing_before_it(bodies in bodies(), cut in any::<prop::sample::Index>()) {
            let (bytes, starts) = segment(&bodies);
            let cut = cut.index(bytes.len());
            let mut ends = starts.into_iter().skip(1).chain([bytes.len()]);
            let whole = ends.by_ref().take_while(|end| *end <= cut).count();
            prop_assert_eq!(read_segment(&bytes[..cut]), &bodies[..whole]);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let read = read_segment(&bytes);
            prop_assert!(read.iter().map(Vec::len).sum::<usize>() <= bytes.len());
        }
    }

    #[test]
    fn a_length_that_is_not_there_makes_no_room() {
        let mut header = Header::new(b"x", (1, 0), 0, 1, PLAIN).expect("short");
        header.length = LONGEST;
        let mut bytes = head(0).to_vec();
        bytes.extend(header.to_bytes());
        bytes.push(b'x');
        assert!(read_segment(&bytes).is_empty());
        // Even where the file is said to be that long.
        let mut file = io::Cursor::new(&bytes[..]);
        let found = find(&mut file, u64::MAX, HEAD).expect("no error");
        let body = body(&mut file, &found.expect("the header is whole"));
        assert_eq!(body.expect("no error"), None);
    }
}
