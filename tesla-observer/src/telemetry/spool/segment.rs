//! A segment: one file of a log.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use tracing::warn;

use crate::private;

use super::files;
use super::record::{self, FORMAT, Found, HEAD};

/// A file of a log: what is known of it without reading it again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) first: u64,
    pub(super) last: u64,
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
            length,
            written: begun.try_into().map_or(0, u64::from_le_bytes),
        }))
    }

    /// Finds the last record, and cuts off what is behind it.
    pub(super) fn cut(&mut self, directory: &Path) -> io::Result<(Option<Found>, bool)> {
        let mut file =
            private::open_or_create_file(&directory.join(files::segment_file(self.first)))?;
        let mut last = None;
        let mut end = HEAD;
        while let Some(found) = record::find(&mut file, self.length, end)? {
            end = found.end();
            if found.header.number >= self.first {
                last = Some(found);
            }
        }
        let torn = end < self.length;
        if torn {
            file.set_len(end)?;
            self.length = end;
        }
        Ok((last, torn))
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
