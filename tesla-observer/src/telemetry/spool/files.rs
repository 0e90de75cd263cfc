//! Directories and files of the spool: for their owner's eyes only, and really on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::super::encode::Signal;

/// Makes the directory and those above it, as far as they do not exist.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes away what a directory's mode gives to others.
pub(super) fn close_to_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Opens a file to read and write, which is made if it does not exist.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes what was created and removed in a directory survive a loss of power.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    // Other systems do not open directories.
    #[cfg(unix)]
    {
        // The parent of a relative path may have no name.
        let here = path.as_os_str().is_empty();
        let path = if here { Path::new(".") } else { path };
        File::open(path)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
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
