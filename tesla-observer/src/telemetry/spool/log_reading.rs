//! How a log is read: from the front, past what is damaged or gone.

use std::fs::File;
use std::io;

use super::super::super::encode::{Batch, Encoding};
use super::super::files;
use super::super::record::{self, Found, HEAD};
use super::super::segment::Segment;
use super::Log;

impl Log {
    /// The oldest record that waits, with its number; what is damaged is passed over.
    pub(in super::super::super) fn take(&mut self) -> io::Result<Option<(u64, Encoding, Batch)>> {
        while let Some(found) = self.find_oldest()? {
            let Some((_, file)) = &mut self.reader else {
                return Ok(None);
            };
            match record::body(file, &found)? {
                Some(body) => {
                    self.taken = Some(found.header.number);
                    return Ok(Some(batch(&found, body)));
                }
                None => {
                    self.damaged += 1;
                    // It may be shorter than it was, and the next one begin within it.
                    self.oldest = None;
                    self.at = found.at + 1;
                    self.pass(found.header.number);
                }
            }
        }
        Ok(None)
    }

    /// The record behind the oldest one, if it can be read, and has not been dealt with before it.
    pub(in super::super::super) fn second(&mut self) -> io::Result<Option<(u64, Encoding, Batch)>> {
        let Some(oldest) = self.find_oldest()? else {
            return Ok(None);
        };
        let dealt_with = self.ahead.unwrap_or(self.accepted + 1);
        let mut from = oldest.end();
        for segment in &self.segments {
            let mut file = File::open(self.directory.join(files::segment_file(segment.first)))?;
            while let Some(found) = record::find(&mut file, segment.length, from)?
                && found.header.number <= segment.last
            {
                from = found.end();
                if found.header.number <= dealt_with {
                    continue;
                }
                match record::body(&mut file, &found)? {
                    Some(body) => return Ok(Some(batch(&found, body))),
                    None => from = found.at + 1,
                }
            }
            from = HEAD;
        }
        Ok(None)
    }

    /// Finds the oldest record that waits, but does not read it.
    pub(super) fn find_oldest(&mut self) -> io::Result<Option<Found>> {
        if self.oldest.is_some() {
            return Ok(self.oldest);
        }
        loop {
            if self.waiting() == 0 {
                return Ok(None);
            }
            let Some(&segment) = self.segments.front() else {
                // The files have been taken away.
                self.miss(self.written);
                return Ok(None);
            };
            match self.find_in(segment)? {
                Some(found) if found.header.number <= self.accepted => self.at = found.end(),
                Some(found) if found.header.number <= segment.last => {
                    self.at = found.at;
                    // Those in between are not there any more.
                    self.miss(found.header.number - 1);
                    // It may have been dealt with before one of them.
                    if found.header.number > self.accepted {
                        self.oldest = Some(found);
                        return Ok(self.oldest);
                    }
                }
                _ => {
                    // There are no more in it than are known.
                    self.miss(segment.known);
                    self.pass(segment.last);
                    if self
                        .segments
                        .front()
                        .is_some_and(|own| own.first == segment.first)
                    {
                        self.remove(0);
                    }
                }
            }
        }
    }

    /// What waits up to this number is not there any more.
    fn miss(&mut self, number: u64) {
        self.damaged += self.waiting_to(number);
        self.pass(number);
    }

    fn find_in(&mut self, segment: Segment) -> io::Result<Option<Found>> {
        if self
            .reader
            .as_ref()
            .is_none_or(|(first, _)| *first != segment.first)
        {
            self.reader = None;
            let path = self.directory.join(files::segment_file(segment.first));
            match File::open(path) {
                Ok(file) => self.reader = Some((segment.first, file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        match &mut self.reader {
            Some((_, file)) => record::find(file, segment.length, self.at),
            None => Ok(None),
        }
    }
}

fn batch(found: &Found, body: Vec<u8>) -> (u64, Encoding, Batch) {
    let batch = Batch {
        body: body.into(),
        items: found.header.items as usize,
    };
    (found.header.number, found.header.encoding, batch)
}
