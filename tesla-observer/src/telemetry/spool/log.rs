//! What waits on disk for one destination's signal: segment files that are only added to at the end
//! and read from the front, and the number up to which all has been accepted.

#[path = "log_reading.rs"]
mod reading;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::private::{self, Owner};

use super::super::encode::{Batch, Encoding, Signal};
use super::accepted::{Accepted, AcceptedFile};
use super::files;
use super::record::{self, Found, HEAD, HEADER, Header};
use super::segment::{Segment, list};

/// What waits on disk for one destination's signal.
#[derive(Debug)]
pub(in super::super) struct Log {
    pub(super) name: String,
    pub(super) signal: Signal,
    directory: PathBuf,
    /// The oldest first; there is none without a file.
    segments: VecDeque<Segment>,
    /// A segment that has grown beyond this is followed by another one.
    longest: u64,
    /// Of the last segment; none before the first record, and after a failure.
    writer: Option<File>,
    /// Of the first segment, with its number.
    reader: Option<(u64, File)>,
    /// Where to look for the oldest record in the first segment.
    at: u64,
    /// The oldest record, once it has been found.
    oldest: Option<Found>,
    /// The number of the last record.
    written: u64,
    /// Up to this number, nothing waits any more.
    accepted: u64,
    accepted_file: AcceptedFile,
    /// Up to this number, nothing waits but the oldest, which the others were dealt with before.
    ahead: Option<u64>,
    /// One that is on its way to the destination.
    taken: Option<u64>,
    /// Records that turned out to be damaged, and that nobody has been told of.
    damaged: usize,
    /// The bytes of all logs of the spool.
    total: Arc<AtomicU64>,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Level {
    pub(in super::super) requests: usize,
    pub(in super::super) bytes: u64,
    /// When the oldest of them was collected.
    pub(in super::super) since: Option<SystemTime>,
}

impl Log {
    /// Opens what is there, or begins a new one. Also whether the last record had been torn, and was
    /// cut off. What is there must be `me`'s, and nobody else's to read.
    pub(super) fn open(
        directory: &Path,
        me: Owner,
        (name, signal): (String, Signal),
        longest: u64,
        total: Arc<AtomicU64>,
    ) -> io::Result<(Self, bool)> {
        if fs::symlink_metadata(directory).is_err() {
            private::create_directory(directory)?;
            directory.parent().map_or(Ok(()), files::sync_directory)?;
        }
        files::close_all_to_others(directory, me)?;
        let (accepted_file, known) = AcceptedFile::open(directory)?;
        let mut accepted = known.all;

        let mut segments = VecDeque::new();
        for first in list(directory)? {
            if let Some(segment) = Segment::open(directory, first)? {
                segments.push_back(segment);
            }
        }
        let mut torn = false;
        let mut written = 0;
        for index in 1..segments.len() {
            let next = segments[index];
            let own = &mut segments[index - 1];
            own.followed_by(next.first);
            // The next one was begun then. Where that is not known, its own beginning has to do.
            own.written = own.written.max(next.written);
        }
        // Only the last one can have been written to when it ended.
        if let Some(segment) = segments.back_mut() {
            let (last, cut) = segment.cut(directory);
            torn = cut;
            if let Some(found) = last {
                segment.written = found.header.time;
                accepted = accepted.max(found.header.accepted);
            }
            written = segment.last;
        }
        if let Some(first) = segments.front() {
            accepted = accepted.max(first.first - 1);
        }
        let written = written.max(accepted);
        let mut ahead = known.ahead.filter(|ahead| *ahead <= written);
        if accepted > known.all {
            // That one does not wait any more.
            accepted = accepted.max(ahead.take().unwrap_or(0));
        }
        ahead = ahead.filter(|ahead| *ahead > accepted + 1);
        let bytes = segments.iter().map(|segment| segment.length).sum();
        total.fetch_add(bytes, Ordering::Relaxed);
        let mut log = Log {
            name,
            signal,
            directory: directory.to_owned(),
            segments,
            longest,
            writer: None,
            reader: None,
            at: HEAD,
            oldest: None,
            written,
            accepted,
            accepted_file,
            ahead,
            taken: None,
            damaged: 0,
            total,
        };
        log.clean();
        Ok((log, torn))
    }

    /// Adds batches, with the time of each, and makes sure that they survive a loss of power: one
    /// sync for all. Returns the number of the first. After an error nothing has been added.
    pub(in super::super) fn append<'a>(
        &mut self,
        batches: impl IntoIterator<Item = (&'a Batch, u64)>,
        encoding: Encoding,
    ) -> io::Result<u64> {
        let first = self.written + 1;
        let (begin, mut number) = (self.writable()?, self.written);
        let (mut end, mut written) = (begin, 0);
        let write = || {
            let Some(file) = &mut self.writer else {
                return Err(io::Error::other("no segment is open"));
            };
            for (batch, time) in batches {
                number += 1;
                let (body, items) = (&batch.body, batch.items);
                let header = Header::new(body, (number, self.accepted), time, items, encoding)
                    .ok_or_else(|| io::Error::other("the request is too large"))?;
                file.write_all(&header.to_bytes())?;
                file.write_all(body)?;
                end += HEADER + body.len() as u64;
                written = time;
            }
            files::sync(file)
        };
        let result = write();
        if let Err(error) = result {
            // What is left of it must not be read. If it cannot be cut off, its number is given
            // again in another segment, and readers stop before it.
            if let Some(file) = self.writer.take() {
                let _ = file.set_len(begin);
            }
            return Err(error);
        }
        self.written = number;
        if let Some(segment) = self.segments.back_mut() {
            segment.length = end;
            segment.last = number;
            segment.known = number;
            segment.written = written;
        }
        self.total.fetch_add(end - begin, Ordering::Relaxed);
        Ok(first)
    }

    /// Opens the last segment for the next record, or a new one, and returns its length.
    fn writable(&mut self) -> io::Result<u64> {
        let longest = self.longest;
        if let (Some(file), Some(segment)) = (&mut self.writer, self.segments.back())
            && segment.length < longest
        {
            // The position may be that of a failed attempt.
            return file.seek(SeekFrom::Start(segment.length));
        }
        // Others may have less to read than they seem to have, after a failure.
        self.writer = None;
        if self.waiting() == 0 {
            self.remove_all();
        }
        let first = self.written + 1;
        if self.segments.back().is_some_and(|last| last.first == first) {
            self.remove(self.segments.len() - 1);
        }
        // Somebody may have removed it to make room.
        private::create_directory(&self.directory)?;
        let begun = files::now();
        let mut file =
            private::open_or_create_file(&self.directory.join(files::segment_file(first)))?;
        file.set_len(0)?;
        file.write_all(&record::head(begun))?;
        files::sync_directory(&self.directory)?;
        self.writer = Some(file);
        self.segments.push_back(Segment {
            first,
            last: self.written,
            known: self.written,
            length: HEAD,
            written: begun,
        });
        self.total.fetch_add(HEAD, Ordering::Relaxed);
        Ok(HEAD)
    }

    /// This one was on its way to the destination when it was written.
    pub(in super::super) fn is_on_its_way(&mut self, number: u64) {
        self.taken = Some(number);
    }

    /// All up to this number has been dealt with.
    pub(in super::super) fn accept(&mut self, number: u64) {
        self.taken = None;
        self.pass(number);
    }

    /// This one, the [`second`](Self::second), has been dealt with.
    pub(in super::super) fn accept_ahead(&mut self, number: u64) {
        if number <= self.accepted + 1 {
            // Those in front of it, or it, too, had to go in the meantime.
            return self.pass(number);
        }
        let before = self.ahead.unwrap_or(self.accepted + 1);
        if number > before {
            // What is in between could not be read.
            self.damaged += usize::try_from(number - before - 1).unwrap_or(usize::MAX);
            self.ahead = Some(number);
            self.remember();
        }
    }

    /// What was taken is not on its way any more. `false` if it had to go in the meantime.
    pub(in super::super) fn put_back(&mut self, number: u64) -> bool {
        self.taken = None;
        number > self.accepted
    }

    fn pass(&mut self, number: u64) {
        if number <= self.accepted {
            return;
        }
        self.accepted = number.max(self.ahead.take().unwrap_or(0));
        if let Some(found) = self.oldest.take()
            && found.header.number == self.accepted
        {
            self.at = found.end();
        }
        self.remember();
        self.clean();
    }

    /// What has been dealt with stays so after a loss of power, too. If that fails, it is as without it.
    pub(in super::super) fn sync_accepted(&self) {
        let _ = self.accepted_file.sync();
    }

    /// Not synced: the next record has it, too. Without both, after a loss of power, a segment's worth
    /// is sent again at most.
    fn remember(&mut self) {
        let _ = self.accepted_file.write(Accepted {
            all: self.accepted,
            ahead: self.ahead,
        });
    }

    /// Removes what has been accepted.
    fn clean(&mut self) {
        let but_the_last = self.segments.len().saturating_sub(1);
        let all = self.segments.iter().take(but_the_last);
        let accepted = all.take_while(|own| own.last <= self.accepted).count();
        if accepted > 0 {
            // They could be there again after a loss of power.
            self.sync_accepted();
        }
        for _ in 0..accepted {
            self.remove(0);
        }
        if self.waiting() > 0 {
            return;
        }
        match (&self.writer, self.segments.back_mut()) {
            // Most of the time there is one record, and then none.
            (Some(file), Some(segment)) if file.set_len(HEAD).is_ok() => {
                self.total
                    .fetch_sub(segment.length - HEAD, Ordering::Relaxed);
                segment.length = HEAD;
                self.at = HEAD;
            }
            _ => self.remove_all(),
        }
    }

    fn remove_all(&mut self) {
        while !self.segments.is_empty() {
            self.remove(0);
        }
    }

    /// Removes a segment. What cannot be removed is passed over at the next start.
    fn remove(&mut self, index: usize) {
        let Some(segment) = self.segments.remove(index) else {
            return;
        };
        self.total.fetch_sub(segment.length, Ordering::Relaxed);
        if index == self.segments.len() {
            self.writer = None;
        }
        if index == 0 {
            self.at = HEAD;
            self.oldest = None;
            self.reader = None;
        }
        let _ = fs::remove_file(self.directory.join(files::segment_file(segment.first)));
    }

    /// Gives up the oldest segment, to make room or because it cannot be read, and returns how many
    /// requests are lost by that. One that is on its way is not among them.
    pub(in super::super) fn give_up_segment(&mut self) -> usize {
        let Some(&segment) = self.segments.front() else {
            return 0;
        };
        let on_its_way = self
            .taken
            .is_some_and(|own| (self.accepted + 1..=segment.last).contains(&own));
        let lost = self.waiting_to(segment.last) - usize::from(on_its_way);
        self.pass(segment.last);
        if self
            .segments
            .front()
            .is_some_and(|own| own.first == segment.first)
        {
            self.remove(0);
        }
        lost
    }

    /// When the newest request that would be given up was written: none of the segment with the record
    /// of this number. As a segment goes as a whole, its oldest says little: where there is little to
    /// say, one segment has all of an outage, and what was written a moment ago.
    pub(super) fn first_to_go(&self, but: Option<u64>) -> Option<u64> {
        let segment = self.segments.front()?;
        let can_go = segment.length > HEAD && but.is_none_or(|but| segment.last < but);
        can_go.then_some(segment.written)
    }

    /// How many requests wait.
    pub(in super::super) fn waiting(&self) -> usize {
        self.waiting_to(self.written)
    }

    /// How many wait up to the one of this number.
    fn waiting_to(&self, number: u64) -> usize {
        let dealt_with = |ahead: u64| ahead.min(number).saturating_sub(self.accepted + 1);
        let last = self.ahead.unwrap_or(self.accepted);
        let whole = self.segments.iter().filter(|own| own.last <= number);
        let waiting = number
            .saturating_sub(self.accepted)
            .saturating_sub(self.ahead.map_or(0, dealt_with))
            .saturating_sub(whole.map(|own| own.unsure(last)).sum());
        usize::try_from(waiting).unwrap_or(usize::MAX)
    }

    /// How much waits.
    pub(in super::super) fn level(&mut self) -> Level {
        let since = self.find_oldest().ok().flatten();
        let bytes: u64 = self.segments.iter().map(|own| own.length - HEAD).sum();
        let read = self.at - HEAD;
        Level {
            requests: self.waiting(),
            bytes: bytes.saturating_sub(read),
            since: since.and_then(|found| files::time(found.header.time)),
        }
    }

    /// How many records turned out to be damaged since the last call.
    pub(in super::super) fn damaged(&mut self) -> usize {
        std::mem::take(&mut self.damaged)
    }

    /// How long a segment may be.
    pub(in super::super) fn longest(&self) -> u64 {
        self.longest
    }

    pub(in super::super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Leaves nothing behind if nothing waits.
    pub(in super::super) fn close(&mut self) {
        self.writer = None;
        if self.waiting() == 0 {
            self.remove_all();
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let bytes: u64 = self.segments.iter().map(|own| own.length).sum();
        self.total.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
