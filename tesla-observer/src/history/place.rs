//! The file's place: made for its owner's eyes only, and one observer's at a time.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::OpenError;
use crate::private::{self, Locking};

/// The file, for as long as this process writes it.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Which file it is, to notice when another is in its place.
    file: Option<FileId>,
    _lock: File,
}

/// A file, whatever it is called.
pub(super) type FileId = (u64, u64);

impl Place {
    /// Takes the place. A file and a directory that do not exist are made.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: &io::Error| of_the_system(path, error);
        if path.is_dir() {
            return Err(OpenError {
                path: path.to_owned(),
                problem: "it is a directory".to_owned(),
                remedy: "give a file with --history",
            });
        }
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !directory.exists() {
            private::create_directory(directory).map_err(|error| failed(&error))?;
        }
        let lock =
            private::open_or_create_file(&beside(path, ".lock")).map_err(|error| failed(&error))?;
        match private::try_lock(&lock) {
            Ok(Locking::Locked | Locking::Unsupported) => {}
            Ok(Locking::Taken) => {
                return Err(OpenError {
                    path: path.to_owned(),
                    problem: "another observer writes it".to_owned(),
                    remedy: "end that one, or give another file with --history",
                });
            }
            Err(error) => return Err(failed(&error)),
        }
        // SQLite makes its other files with the rights of this one.
        private::open_or_create_file(path).map_err(|error| failed(&error))?;
        Ok(Self {
            path: path.to_owned(),
            file: file_id(path),
            _lock: lock,
        })
    }

    /// Whether the file is still there, and the same one.
    pub(super) fn is_the_same(&self) -> bool {
        file_id(&self.path) == self.file
    }
}

/// Which file has this name now.
#[cfg(unix)]
pub(super) fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Which file has this name now: elsewhere a file that is open cannot be replaced.
#[cfg(not(unix))]
pub(super) fn file_id(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().map(|_| (0, 0))
}

/// The file and what SQLite keeps beside it, in bytes.
pub(super) fn size(path: &Path) -> u64 {
    ["", "-wal"]
        .iter()
        .filter_map(|suffix| fs::metadata(beside(path, suffix)).ok())
        .map(|metadata| metadata.len())
        .sum()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn of_the_system(path: &Path, error: &io::Error) -> OpenError {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space: it goes on by itself then"
        }
        _ => "correct the permissions, or give another file with --history",
    };
    OpenError {
        path: path.to_owned(),
        problem: format!("it cannot be written: {error}"),
        remedy,
    }
}
