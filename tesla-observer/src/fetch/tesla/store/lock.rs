//! One process at a time changes an account's tokens.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use crate::private::{self, Locking};

/// Held by the one who may renew an account's tokens, until its last clone is dropped or the process
/// ends, however it ends.
///
/// The lock is the system's, on a file that stays: a file that were deleted could be locked by one
/// process under its old identity and by another under its new one.
#[derive(Clone, Debug)]
pub(super) struct LockFile {
    file: Option<Arc<File>>,
}

/// What came of an attempt.
pub(super) enum Attempt {
    Locked(LockFile),
    /// Another has it: which process, if it has said so.
    Taken(Option<u32>),
}

impl LockFile {
    /// A lock where only this process can be, or where there are none.
    pub(super) fn none() -> Self {
        Self { file: None }
    }

    pub(super) fn is_none(&self) -> bool {
        self.file.is_none()
    }

    /// Locks, unless another has it; as [`Self::none`] where the file system has no locks.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or opened.
    pub(super) fn attempt(path: &Path) -> io::Result<Attempt> {
        let mut file = private::open_or_create_file(path)?;
        match private::try_lock(&file)? {
            Locking::Locked => {}
            Locking::Taken => return Ok(Attempt::Taken(holder(&mut file))),
            Locking::Unsupported => return Ok(Attempt::Locked(Self::none())),
        }
        // Only for whoever waits for it to be told; a full disk is said by what is written next.
        let _ = sign(&mut file);
        Ok(Attempt::Locked(Self {
            file: Some(Arc::new(file)),
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
