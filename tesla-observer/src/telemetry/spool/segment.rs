//! A segment: one file of a log.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use tracing::warn;

use crate::private;

use super::files;
use super::record::{self, FORMAT, Found, HEAD, HEADER};

/// A file of a log: what is known of it without reading it again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) first: u64,
    /// Where it could not be read, more than it can have.
    pub(super) last: u64,
    /// The last one that there certainly is: `last` itself, where all could be read.
    pub(super) known: u64,
    pub(super) length: u64,
    /// When its last record was written; as long as that is not known, when it was begun. Milliseconds
    /// since 1970.
    pub(super) written: u64,
}

impl Segment {
    /// Looks at a file; `None` if there is nothing in it.
    pub(super) fn open(directory: &Path, first: u64) -> io::Result<Option<Self>> {
        let path = directory.join(files::segment_file(first));
        let length = fs::metadata(&path)?.len();
        if length < HEAD || first == 0 {
            // It was being begun.
            fs::remove_file(&path)?;
            return Ok(None);
        }
        let mut head = [0; HEAD as usize];
        if let Err(error) = File::open(&path).and_then(|mut file| file.read_exact(&mut head)) {
            // The reader tries that for longer, and counts what it gives up.
            warn!("{} cannot be read ({error})", path.display());
        }
        let version = FORMAT.len() - 1;
        if head[..version] == FORMAT[..version] && head[version] != FORMAT[version] {
            return Err(io::Error::other(format!(
                "{} is of another version of this program",
                path.display()
            )));
        }
        let (_, begun) = head.split_at(FORMAT.len());
        Ok(Some(Segment {
            first,
            last: first - 1,
            known: first - 1,
            length,
            written: begun.try_into().map_or(0, u64::from_le_bytes),
        }))
    }

    /// Finds the last record, and cuts off what is behind it; whether that was anything. What cannot
    /// be read now stays: the reader tries it for longer.
    pub(super) fn cut(&mut self, directory: &Path) -> (Option<Found>, bool) {
        let mut last = None;
        let cut = self.cut_behind(directory, &mut last);
        self.known = last.map_or(self.first - 1, |found| found.header.number);
        self.last = self.known;
        if cut.is_err() {
            self.last = self.last.max(self.too_many());
        }
        (last, cut.unwrap_or(false))
    }

    fn cut_behind(&mut self, directory: &Path, last: &mut Option<Found>) -> io::Result<bool> {
        let mut file =
            private::open_or_create_file(&directory.join(files::segment_file(self.first)))?;
        let mut end = HEAD;
        while let Some(found) = record::find(&mut file, self.length, end)? {
            end = found.end();
            if found.header.number >= self.first {
                *last = Some(found);
            }
        }
        let torn = end < self.length;
        if torn {
            file.set_len(end)?;
            self.length = end;
        }
        Ok(torn)
    }

    /// Another one follows, which begins with this number.
    pub(super) fn followed_by(&mut self, next: u64) {
        self.last = next - 1;
        // It could not be read when the next one was begun.
        let is_bound = self.last == self.too_many();
        self.known = if is_bound { self.first - 1 } else { self.last };
    }

    /// The number of one record more than there is place for.
    fn too_many(&self) -> u64 {
        self.first.saturating_add((self.length - HEAD) / HEADER)
    }

    /// How many of its numbers were perhaps never given, with all up to `dealt_with` being known: all
    /// but one.
    pub(super) fn unsure(&self, dealt_with: u64) -> u64 {
        let sure = self.known.max(dealt_with).saturating_add(1);
        self.last.saturating_sub(sure)
    }
}

/// The numbers of the first records of all segments, sorted.
pub(super) fn list(directory: &Path) -> io::Result<Vec<u64>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory)? {
        all.extend(entry?.file_name().to_str().and_then(files::first_of));
    }
    all.sort_unstable();
    Ok(all)
}
