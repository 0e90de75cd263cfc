//! Names, times and rights of the spool's files.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::private::{self, Owner};

use super::super::encode::Signal;

/// What is in them, to those who are told that others could read it.
pub(super) const CONTENT: &str = "what waits to be sent";

/// That a log's directory and all in it is this user's, and nobody else's to read.
pub(super) fn close_all_to_others(directory: &Path, me: Owner) -> io::Result<()> {
    close(directory, 0o700, me)?;
    for entry in fs::read_dir(directory)? {
        close(&entry?.path(), 0o600, me)?;
    }
    Ok(())
}

fn close(path: &Path, mode: u32, me: Owner) -> io::Result<()> {
    private::close_to_others(path, mode, me, CONTENT).map_err(io::Error::other)
}

/// The directory of a destination's signal: `otlp.metrics`. What could mean something to a file
/// system is written as `%XX`.
pub(super) fn directory_of(name: &str, signal: Signal) -> String {
    let mut directory = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                directory.push(char::from(byte));
            }
            _ => directory.push_str(&format!("%{byte:02x}")),
        }
    }
    format!("{directory}.{}", signal.as_str())
}

/// Whose directory it is; `None` for what is not one of the spool's.
pub(super) fn owner_of(directory: &str) -> Option<(String, Signal)> {
    let (encoded, signal) = directory.rsplit_once('.')?;
    let signal = [Signal::Metrics, Signal::Traces, Signal::Logs]
        .into_iter()
        .find(|own| own.as_str() == signal)?;
    let mut name = Vec::new();
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        name.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    let name = String::from_utf8(name).ok()?;
    (directory_of(&name, signal) == directory).then_some((name, signal))
}

/// The file of the segment whose first record has this number.
pub(super) fn segment_file(first: u64) -> String {
    format!("{first:020}.segment")
}

/// The number of a segment's first record; `None` for other files.
pub(super) fn first_of(file: &str) -> Option<u64> {
    let first = file.strip_suffix(".segment")?.parse().ok()?;
    (segment_file(first) == file).then_some(first)
}

/// Makes what was written to a file survive a loss of power.
pub(super) fn sync(file: &File) -> io::Result<()> {
    file.sync_data()?;
    #[cfg(all(test, unix))]
    synced::note(synced::file(file)?);
    Ok(())
}

/// Makes what was created and removed in a directory survive a loss of power.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    private::sync_directory(path)?;
    #[cfg(all(test, unix))]
    synced::note(synced::directory(path)?);
    Ok(())
}

/// What a loss of power would leave, as no test can bring one about.
#[cfg(all(test, unix))]
pub(in super::super) mod synced {
    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    use std::io;
    use std::os::unix::fs::{FileExt as _, MetadataExt as _};
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    /// Which file or directory it is.
    type Id = (u64, u64);

    /// A hash of what was in it when it was synced last. No CRC-32: with its own at the end, every
    /// content has the same.
    static SYNCED: Mutex<BTreeMap<Id, u64>> = Mutex::new(BTreeMap::new());

    /// Whether nothing of it has changed since it was synced.
    pub(in super::super::super) fn is_synced(path: &Path) -> bool {
        let now = if path.is_dir() {
            directory(path)
        } else {
            File::open(path).and_then(|file| self::file(&file))
        };
        let (id, content) = now.expect("it is there");
        let synced = SYNCED.lock().unwrap_or_else(PoisonError::into_inner);
        synced.get(&id) == Some(&of(&content))
    }

    pub(super) fn note((id, content): (Id, Vec<u8>)) {
        let mut synced = SYNCED.lock().unwrap_or_else(PoisonError::into_inner);
        synced.insert(id, of(&content));
    }

    pub(super) fn file(file: &File) -> io::Result<(Id, Vec<u8>)> {
        let found = file.metadata()?;
        let mut content = vec![0; usize::try_from(found.len()).map_err(io::Error::other)?];
        file.read_exact_at(&mut content, 0)?;
        Ok(((found.dev(), found.ino()), content))
    }

    pub(super) fn directory(path: &Path) -> io::Result<(Id, Vec<u8>)> {
        let found = fs::metadata(path)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name().into_encoded_bytes());
        }
        names.sort();
        Ok(((found.dev(), found.ino()), names.join(&0)))
    }

    fn of(content: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        hasher.finish()
    }
}

/// Milliseconds since 1970.
pub(in super::super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// The time that [`now`] gave.
pub(in super::super) fn time(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_destination_has_a_directory_of_its_own() {
        for name in [
            "otlp",
            "greptimedb",
            "",
            ".",
            "..",
            "a/b",
            "a.metrics",
            "Käfer",
            "%2f",
        ] {
            for signal in [Signal::Metrics, Signal::Traces, Signal::Logs] {
                let directory = directory_of(name, signal);
                assert!(!directory.contains('/') && !directory.starts_with(".."));
                assert_eq!(owner_of(&directory), Some((name.to_owned(), signal)));
            }
        }
        for other in [
            "otlp",
            "otlp.profiles",
            "accounts",
            "%zz.logs",
            "a b.logs",
            "%41.logs",
        ] {
            assert_eq!(owner_of(other), None, "{other}");
        }
        assert_eq!(first_of(&segment_file(u64::MAX)), Some(u64::MAX));
        assert_eq!(first_of("7.segment"), None);
    }
}
