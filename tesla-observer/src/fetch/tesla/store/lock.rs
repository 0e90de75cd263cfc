//! One process at a time changes an account's tokens.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use crate::private;

/// Held by the one who may renew an account's tokens, until its last clone is dropped or the process
/// ends, however it ends.
///
/// The lock is the system's, on a file that stays: a file that were deleted could be locked by one
/// process under its old identity and by another under its new one.
#[derive(Clone, Debug)]
pub(super) struct LockFile {
    _file: Option<Arc<File>>,
}

/// What came of an attempt.
pub(super) enum Attempt {
    Locked(LockFile),
    /// Another has it: which process, if it has said so.
    Taken(Option<u32>),
}

impl LockFile {
    /// A lock where only this process can be.
    pub(super) fn none() -> Self {
        Self { _file: None }
    }

    /// Locks, unless another has it.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or opened.
    pub(super) fn attempt(path: &Path) -> io::Result<Attempt> {
        let mut file = private::open_or_create_file(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Attempt::Taken(holder(&mut file))),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                tracing::warn!(
                    path = %path.display(),
                    "this file system has no locks: let no other process use the same account"
                );
                return Ok(Attempt::Locked(Self::none()));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Only for whoever waits for it to be told; a full disk is said by what is written next.
        let _ = sign(&mut file);
        Ok(Attempt::Locked(Self {
            _file: Some(Arc::new(file)),
        }))
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    write!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
